from decimal import Decimal
from uuid import uuid4

import pytest

from guanxi.care.commands import refresh_rhythms
from guanxi.care.models import CategoryRhythm, ContactState, ResponseRate
from guanxi.care.tests.conftest import REASON, TODAY, World, days_before
from guanxi.catalog.models import Category, Product
from guanxi.ledger.datasets import FACTS
from guanxi.ledger.facade import NewFact, record_fact, void_fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.lake.refresh import refresh_dataset


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("today")
def test_rhythms_come_from_the_lake_and_doing_it_again_changes_nothing(world: World) -> None:
    account = world.customer("周砚秋")
    category = unscoped(Category, reason=REASON).create(key="filter", name="过滤膜")
    unscoped(Product, reason=REASON).create(code="F1", name="过滤膜 A", category=category)
    actor = system_actor()
    facts = [NewFact("interaction", "call", days_before(days), channel="phone") for days in (80, 60, 40, 20)]
    facts += [
        NewFact("purchase", "buy", days_before(days), product="F1", amount=Decimal(100)) for days in (130, 100, 70, 40)
    ]
    for fact in facts:
        record_fact(account.pk, fact=fact, source_id=uuid4().hex, actor=actor)
    mistaken = record_fact(
        account.pk, fact=NewFact("interaction", "visit", days_before(2), channel="visit"), actor=actor
    )
    void_fact(mistaken, reason="test", actor=actor)
    for _ in range(2):
        refresh_dataset(FACTS)
        assert refresh_rhythms(TODAY, actor=actor) == 1
        state = unscoped(ContactState, reason=REASON).get(pk=account.pk)
        assert (state.last_touch_at, state.last_channel) == (days_before(20), "phone")
        assert (state.gaps, round(state.rhythm_days, 6)) == (3, 20.0)
        rhythm = unscoped(CategoryRhythm, reason=REASON).get()
        assert (rhythm.category_id, rhythm.gaps, round(rhythm.gap_days, 6)) == (category.pk, 3, 30.0)
        assert (rhythm.last_bought_on, rhythm.share) == (days_before(40).date(), 1.0)
        assert sum(rate.trials for rate in ResponseRate.objects.all()) == 4
