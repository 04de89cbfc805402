"""The nights of pools and of retention, killed before each of their writes, end as nights that nobody disturbed."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from guanxi.customers.commands import add_contact, create_account
from guanxi.customers.models import Account, Contact
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent
from guanxi.stewardship.adapters import erasing, retaining
from guanxi.stewardship.choices import AssignWay, RetentionAction
from guanxi.stewardship.commands import holding, night_undo, recycling
from guanxi.stewardship.commands.pool_settings import create_pool
from guanxi.stewardship.models import Erasure, Pool, PoolEntry, RecycleRun, RetentionRun
from guanxi.stewardship.queries.pools import HOLDING
from guanxi.stewardship.tests.test_pools import held, rule_of
from guanxi.stewardship.tests.test_retention import aged, in_force, terms
from tests.cast import new_cast
from tests.killing import require_same_end

TODAY = date(2026, 11, 2)
OLD = timezone.now() - timedelta(days=365 * 5)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    """Files, lake and list of erasures in a folder of the test's own."""
    settings.DATA_FOLDER, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    settings.LAKE_FOLDER = tmp_path / "lake"
    settings.LAKE_FOLDER.mkdir()


def pool_night() -> None:
    """The night of the pools in blocks of two customers."""
    recycling.BLOCK = 2
    vars(holding).update(BLOCK=2)
    recycling.recycle(timezone.localdate(), actor=system_actor("Pool"))


def pools() -> None:
    """Seven customers of Alice's, of whom five leave by a rule and are shared out, and two are about to."""
    cast = new_cast()
    members = {"name_zh": "公海", "member_ids": [cast.bob.user_id, cast.dora.user_id], "cooling_days": 30}
    pool = create_pool(members | {"assign_way": AssignWay.ROUND_ROBIN}, actor=cast.dora)
    resting = create_pool({"name_zh": "分销", "relations": ["media"], "cooling_days": 30}, actor=cast.dora)
    for place, days in enumerate((60, 60, 60, 28, 28, 60, 60)):
        relation = {"relation_id": "media"} if place > 4 else {}
        account = create_account({"kind": "organisation", "name": f"客户{place}", **relation}, actor=cast.alice)
        held(account, days=days)
    rule_of(pool, cast, warn_days=5, relations=["customer"])
    rule_of(resting, cast, warn_days=5, relations=["media"])


@pytest.mark.django_db(transaction=True)
def test_a_pool_night_killed_before_each_write_ends_as_one_that_was_not(tmp_path: Path) -> None:
    require_same_end(pools, pool_night, pool_night, folder=tmp_path, step=2)
    run = RecycleRun.objects.get()
    assert (run.moved, run.assigned, run.warned) == (5, 3, 2)
    assert unscoped(PoolEntry, reason=HOLDING).count() == 5
    assert AuditEntry.objects.filter(action="recycle").count() == 1
    assert OutboxEvent.objects.filter(name="platform.records_leaving").count() == 1


def take_night_back() -> None:
    """The job that takes the night back, in blocks of two customers; what goes on with it is the same work."""
    night_undo.BLOCK = 2
    night_undo.write_night_undo(RecycleRun.objects.get().pk)


def night_to_take_back() -> None:
    """A night that moved seven customers, which somebody begins to take back."""
    pools()
    unscoped(Pool, reason=HOLDING).update(assign_way=AssignWay.NONE)
    pool_night()
    dora = User.objects.get(email="dora@example.com")
    night_undo.AT_ONCE = 0
    night_undo.undo_recycling(RecycleRun.objects.get().pk, title="", actor=actor_by_user_id(dora.pk))


@pytest.mark.django_db(transaction=True)
def test_taking_a_pool_night_back_killed_before_each_write_ends_as_one_that_was_not(tmp_path: Path) -> None:
    require_same_end(night_to_take_back, take_night_back, take_night_back, folder=tmp_path)
    assert RecycleRun.objects.get().restored == 5
    assert AuditEntry.objects.get(action="undo_recycle").record_count == 5


def retention_night() -> None:
    """The night of retention in blocks of two customers."""
    retaining.BLOCK = 2
    retaining.retain(TODAY)


def silent_customers(action: RetentionAction) -> None:
    """Three customers who were silent for long, with a contact and a purchase, and a rule about such."""
    cast = new_cast()
    accounts = [create_account({"kind": "organisation", "name": name}, actor=cast.alice) for name in "甲乙丙"]
    add_contact(Contact(account=accounts[0], family_name="周", given_name="砚秋"), actor=cast.alice)
    record_fact(
        accounts[1].pk, fact=NewFact("purchase", "buy", OLD, amount=Decimal(80)), source_id="", actor=cast.alice
    )
    aged(*accounts)
    in_force(terms(action=action), cast)


@pytest.mark.parametrize("action", list(RetentionAction))
@pytest.mark.django_db(transaction=True)
def test_a_retention_night_killed_before_each_write_ends_as_one_that_was_not(
    action: RetentionAction, tmp_path: Path
) -> None:
    step = 8 if action == RetentionAction.ERASE else 1
    require_same_end(partial(silent_customers, action), retention_night, retention_night, folder=tmp_path, step=step)
    run = RetentionRun.objects.get()
    assert (run.gone, run.finished_at is not None) == (3, True)
    assert AuditEntry.objects.filter(action="retain").count() == 1
    if action == RetentionAction.ERASE:
        listed = [item.record_id for item in erasing.listed_erasures()]
        assert sorted(listed) == sorted(unscoped(Account, reason=HOLDING).values_list("pk", flat=True))
        assert Erasure.objects.filter(object_key="account").count() == 3
