from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from guanxi.catalog.commands import load_catalog
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.ledger.commands import change_competitor_promotion, record_competitor_promotion, set_promotion_aside
from guanxi.ledger.models import CompetitorPromotion
from guanxi.ledger.queries import ended_promotions, promotions
from guanxi.platform.accounts.queries import system_actor
from tests.cast import Cast, signed_in
from tests.cast import cast as cast

FORM = {
    "competitor": "衡测仪器",
    "name": "年末八五折",
    "category_keys": ["consumables"],
    "start_on": "2026-11-01",
    "end_on": "2026-11-20",
    "percent": "15",
    "channel": "shop",
}


@pytest.fixture
def desk(cast: Cast) -> Client:
    """Dora, who may note promotions, in English."""
    load_catalog([("consumables", "耗材", "Consumables")], products=[], actor=system_actor("Tests"))
    return signed_in(cast.dora)


def test_a_promotion_is_noted_changed_removed_and_put_back(desk: Client, cast: Cast) -> None:
    assert desk.post("/promotions/new/", FORM)["Location"] == "/promotions/"
    (noted,) = promotions(cast.dora)
    assert (noted.competitor, noted.depth, noted.category_keys) == ("衡测仪器", Decimal("0.150"), ["consumables"])
    page = desk.get("/promotions/").content.decode()
    assert "Consumables" in page
    assert "15%" in page
    address = f"/promotions/{noted.pk}/"
    assert 'value="15"' in desk.get(address).content.decode()
    desk.post(address, {**FORM, "percent": ""})
    assert promotions(cast.dora)[0].depth is None
    removed = desk.post(f"{address}remove/", headers={"HX-Request": "true"})
    assert f"{address}remove/?back=1" in removed["HX-Trigger"]
    assert (promotions(cast.dora), ended_promotions(date(2027, 1, 1))) == ((), ())
    with pytest.raises(NotFound):
        change_competitor_promotion(noted.pk, values={"competitor": "D"}, actor=cast.dora)
    desk.post(f"{address}remove/?back=1")
    assert [row.pk for row in promotions(cast.dora)] == [noted.pk]


def test_a_promotion_that_ends_before_it_begins_is_refused(desk: Client, cast: Cast) -> None:
    answer = desk.post("/promotions/new/", {**FORM, "end_on": "2026-10-01"})
    assert answer.status_code == 422
    assert "must not end before it begins" in answer.content.decode()
    assert promotions(cast.dora) == ()


def test_who_may_not_note_promotions_changes_nothing(desk: Client, cast: Cast) -> None:
    desk.post("/promotions/new/", FORM)
    (noted,) = promotions(cast.dora)
    with pytest.raises(AccessDenied):
        record_competitor_promotion(
            CompetitorPromotion(competitor="C", start_on=date(2026, 1, 1), end_on=date(2026, 1, 2)), actor=cast.alice
        )
    with pytest.raises(AccessDenied):
        set_promotion_aside(noted.pk, actor=cast.token)
    with pytest.raises(RuleViolation):
        change_competitor_promotion(noted.pk, values={"end_on": date(2020, 1, 1)}, actor=cast.dora)
    alice = signed_in(cast.alice)
    assert alice.get("/promotions/").status_code == 403
    assert alice.post(f"/promotions/{noted.pk}/remove/").status_code == 403
    assert [(row.pk, row.end_on) for row in promotions(cast.dora)] == [(noted.pk, date(2026, 11, 20))]
