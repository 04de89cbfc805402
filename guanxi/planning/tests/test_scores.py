"""Completeness and freshness of a small company, held against figures made by hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.customers.commands import add_contact, edit_account, trash_account
from guanxi.customers.models import Account, Contact
from guanxi.kernel.errors import AccessDenied, NotFound
from guanxi.planning import adapters
from guanxi.planning.commands import (
    add_item,
    refresh_completeness,
    refresh_some,
    retire_items,
    set_market_phase,
    set_need,
    verify_item,
)
from guanxi.planning.commands.places import place_id
from guanxi.planning.commands.ready import add_audiences
from guanxi.planning.models import Completeness, GroupScore, InformationItem, InformationPlan, ItemScore
from guanxi.planning.queries.plans import latest_item_scores
from guanxi.planning.queries.scores import account_scores, gaps_of_owner
from guanxi.planning.rules import NeedKey
from guanxi.planning.tests.conftest import put_in_force
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.models import Share
from guanxi.platform.records.change import create
from tests.cast import Cast

REASON = "planning: completeness is computed for all accounts"
CITY, INDUSTRY, TITLE = ("field", "account", "city"), ("field", "account", "industry"), ("field", "contact", "title")


@pytest.fixture
def small(cast: Cast) -> InformationPlan:
    """A plan of three items: city is a must (2), industry needed (1), the title of contacts needed (1) for firms."""
    add_audiences((("sales", "销售", "Sales"),))
    plan = InformationPlan(year=2026, number=1)
    with create(plan, actor=cast.dora):
        pass
    for key, binding, value, limit in (
        ("city", CITY, "must", 30),
        ("industry", INDUSTRY, "needed", None),
        ("title", TITLE, "needed", None),
    ):
        values = {
            "name_zh": key,
            "name_en": key,
            "group_zh": "组",
            "group_en": "Group",
            "binding_id": place_id(*binding),
            "purposes": ["talk"],
            "limit_days": limit,
            "account_kind": "organisation" if key == "title" else "",
        }
        item = add_item(plan.pk, key=key, values=values, actor=cast.dora)
        set_need(item.pk, need=NeedKey("sales"), value=value, actor=cast.dora)
    return put_in_force(plan, cast.dora)


def made_before(account: Account, *, days: int) -> None:
    """Let an account have been made some days ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_account SET created_at = now() - %s * interval '1 day' WHERE id = %s", [days, account.pk]
        )


def score(account: Account, cast: Cast) -> tuple[int, int, int]:
    """The sums of weights of an account: owed, there, fresh."""
    refresh_some([account.pk], as_of=timezone.localdate())
    row = unscoped(Completeness, reason=REASON).get(pk=account.pk)
    return row.due, row.filled, row.fresh


def test_what_is_there_counts_by_its_weight(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    empty, half, whole = (
        new_account("甲"),
        new_account("乙", city="苏州"),
        new_account("丙", city="苏州", industry="光学"),
    )
    add_contact(Contact(account=whole, family_name="周", title="总监"), actor=cast.alice)
    person = new_account("丁", kind="person", city="杭州")
    assert [score(account, cast) for account in (empty, half, whole, person)] == [
        (4, 0, 0),
        (4, 2, 2),
        (4, 4, 4),
        (3, 2, 2),
    ]
    known = account_scores([empty.pk, half.pk], cast.alice)
    assert (known[empty.pk].completeness, known[empty.pk].freshness) == (0.0, None)
    assert (known[half.pk].completeness, known[half.pk].freshness) == (0.5, 1.0)
    assert known[half.pk].missing == tuple(sorted([place_id(*INDUSTRY) or 0, place_id(*TITLE) or 0]))


def test_a_value_ages_from_the_day_it_was_written(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("甲", city="苏州", industry="光学")
    made_before(account, days=31)
    assert score(account, cast) == (4, 3, 1)
    edit_account(account.pk, {"industry": "机械"}, actor=cast.alice)
    assert score(account, cast) == (4, 3, 1), "Another field does not make the city fresh."
    edit_account(account.pk, {"city": "无锡"}, actor=cast.alice)
    assert score(account, cast) == (4, 3, 3)


def test_still_right_makes_a_value_fresh_and_says_who(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account, city = new_account("甲", city="苏州"), place_id(*CITY) or 0
    made_before(account, days=40)
    assert score(account, cast) == (4, 2, 0)
    assert gaps_of_owner(account.owner_id or 0, cast.alice, limit=5)[0].stale == (city,)
    verify_item(account.pk, binding_id=city, actor=cast.alice)
    assert score(account, cast) == (4, 2, 2)


@pytest.mark.parametrize(("who", "error"), [("charlie", NotFound), ("token", AccessDenied)])
def test_who_may_not_edit_verifies_nothing(
    who: str, error: type[Exception], small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account, city = new_account("甲", city="苏州"), place_id(*CITY) or 0
    made_before(account, days=40)
    before = score(account, cast)
    with pytest.raises(error):
        verify_item(account.pk, binding_id=city, actor=getattr(cast, who))
    assert score(account, cast) == before


def test_scores_are_seen_as_their_account_is(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("甲")
    score(account, cast)
    assert set(account_scores([account.pk], cast.bob)) == {account.pk}
    assert account_scores([account.pk], cast.charlie) == {}
    assert Share.objects.count() == 0


def test_the_night_sums_items_and_groups(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    new_account("甲"), new_account("乙", city="苏州")
    trashed = new_account("丙", city="苏州")
    trash_account(trashed.pk, actor=cast.dora)
    today = timezone.localdate()
    assert refresh_completeness(today, actor=cast.dora) == 2
    assert refresh_completeness(today, actor=cast.dora) == 2, "Once more gives the same."
    city = latest_item_scores()[place_id(*CITY) or 0]
    assert (city.due, city.filled, city.fresh, city.completeness) == (2, 1, 1, 0.5)
    groups = {(row.kind, row.key): (row.accounts, row.due, row.filled) for row in GroupScore.objects.all()}
    assert groups["all", ""] == (2, 8, 2)
    assert groups["owner", str(cast.alice.user_id)] == (2, 8, 2)
    assert groups["unit", str(cast.alice.unit_id)] == (2, 8, 2)
    assert groups["relation", "customer"] == (2, 8, 2)


def test_a_night_that_is_killed_is_done_again(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = new_account("甲", city="苏州"), new_account("乙")
    today, block = timezone.localdate(), adapters.score_block
    monkeypatch.setattr("guanxi.planning.commands.scoring.BLOCK", 1)
    seen: list[int] = []

    def dying(ids: list[int], **given: object) -> object:
        seen.extend(ids)
        if len(seen) > 1:
            raise KeyboardInterrupt
        return block(ids, **given)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(adapters, "score_block", dying)
    with pytest.raises(KeyboardInterrupt):
        refresh_completeness(today, actor=cast.dora)
    known = unscoped(Completeness, reason=REASON).values_list("pk", flat=True)
    assert (list(known), ItemScore.objects.count(), GroupScore.objects.count()) == ([first.pk], 0, 0)
    monkeypatch.setattr(adapters, "score_block", block)
    assert refresh_completeness(today + timedelta(days=1), actor=cast.dora) == 2
    assert set(known.all()) == {first.pk, second.pk}


def test_what_is_collected_no_more_is_owed_no_more(
    small: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("甲", city="苏州")
    item = unscoped(InformationItem, reason="planning: which version is in force is known to everybody").get(key="city")
    assert retire_items([item.pk], actor=cast.dora) == [item.pk]
    assert score(account, cast) == (2, 0, 0)
    account.refresh_from_db()
    assert account.city == "苏州"


def test_importance_follows_the_market_phase_of_the_unit(
    draft: InformationPlan, cast: Cast, new_account: Callable[..., Account]
) -> None:
    items = {
        row.key: row
        for row in unscoped(InformationItem, reason="planning: which version is in force is known to everybody")
    }
    retire_items([row.pk for key, row in items.items() if key not in ("city", "industry")], actor=cast.dora)
    set_need(items["city"].pk, need=NeedKey("sales", "", "decline"), value="must", actor=cast.dora)
    put_in_force(draft, cast.dora)
    account = new_account("甲")
    before = score(account, cast)
    set_market_phase(
        "decline", product_line="", unit_id=cast.alice.unit_id, from_on=timezone.localdate(), actor=cast.dora
    )
    after = score(account, cast)
    assert (before, after) == ((3, 0, 0), (4, 0, 0))
