"""A round of the needs questionnaire: whom it asks, what they answer, what the planner takes over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.planning.analyses.needs import proposals
from guanxi.planning.commands import (
    Asked,
    Chosen,
    ItemAnswer,
    ask_more,
    begin_draft,
    close_round,
    extend_round,
    give_back,
    open_round,
    release,
    remind,
    save_sheet,
    set_need,
    set_needs,
    take_over,
)
from guanxi.planning.models import InformationItem, InformationPlan, NeedsAnswer, NeedsRound, NeedsSheet, TakenNeed
from guanxi.planning.queries.needs import (
    drafted,
    own_sheet,
    own_sheets,
    rounds_of,
    said_in,
    sheets_of,
    taken_of,
    turnouts,
)
from guanxi.planning.queries.plans import items_of
from guanxi.planning.rules import NeedKey
from guanxi.planning.tests.conftest import put_in_force
from guanxi.platform.events.models import OutboxEvent
from tests.cast import Cast

TODAY = timezone.localdate()
ALL_WAYS = ("user", "collector", "keeper")


def opened(plan: InformationPlan, cast: Cast, asked: Asked | None = None) -> NeedsRound:
    """A round about customers that asks Alice and Bob for sales, or others."""
    people = asked or Asked(user_ids=ids(cast.alice, cast.bob), audience="sales", asked_as=ALL_WAYS)
    return open_round(
        plan.pk,
        introduction="Why we ask",
        parties=["customer", "media"],
        closes_on=TODAY + timedelta(days=7),
        asked=people,
        today=TODAY,
        actor=cast.dora,
    )


def ids(*actors: Actor) -> list[int]:
    return [actor.user_id for actor in actors if actor.user_id is not None]


def sheet_of(held: NeedsRound, actor: Actor) -> NeedsSheet:
    return next(sheet for sheet in sheets_of(held.pk) if sheet.user_id == actor.user_id)


def item_named(plan: InformationPlan, cast: Cast, key: str) -> InformationItem:
    return next(item for item in items_of(plan.pk, cast.dora) if item.key == key)


def answer(
    held: NeedsRound, actor: Actor, answers: Sequence[ItemAnswer], *, hand_in: bool = True, wishes: Sequence[str] = ()
) -> NeedsSheet:
    sheet = sheet_of(held, actor)
    return save_sheet(sheet.pk, answers=answers, wishes=wishes, version=None, hand_in=hand_in, today=TODAY, actor=actor)


def told(topic: str) -> list[int]:
    events = OutboxEvent.objects.filter(name="platform.people_asked", payload__topic=topic).order_by("published_at")
    return [user_id for event in events for user_id in event.payload["user_ids"]]


def test_a_round_asks_each_person_once(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    assert [(sheet.user_id, sheet.audience_id, sheet.asked_as) for sheet in sheets_of(held.pk)] == [
        (cast.bob.user_id, "sales", list(ALL_WAYS)),
        (cast.alice.user_id, "sales", list(ALL_WAYS)),
    ]
    assert told("needs_round") == ids(cast.alice, cast.bob)
    more = Asked(user_ids=ids(cast.alice, cast.charlie), audience="service", asked_as=["user"])
    assert ask_more(held.pk, asked=more, today=TODAY, actor=cast.dora) == 1
    assert told("needs_round") == ids(cast.alice, cast.bob, cast.charlie)
    assert sheet_of(held, cast.alice).audience_id == "sales"
    assert turnouts([held.pk])[held.pk].asked == 3


def test_departments_and_roles_narrow_each_other(draft: InformationPlan, cast: Cast) -> None:
    east = cast.bob.unit_id
    assert east is not None
    both = Asked(unit_ids=[east], role_keys=["manager"], audience="sales", asked_as=["user"])
    held = opened(draft, cast, both)
    assert [sheet.user_id for sheet in sheets_of(held.pk)] == ids(cast.bob)
    below = Asked(unit_ids=[east], audience="sales", asked_as=["user"])
    assert ask_more(held.pk, asked=below, today=TODAY, actor=cast.dora) == 1
    assert {sheet.user_id for sheet in sheets_of(held.pk)} == set(ids(cast.alice, cast.bob))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked(asked_as=["user"], audience="sales"), "round.nobody"),
        (Asked(role_keys=["manager"], asked_as=["user"]), "round.audience"),
        (Asked(role_keys=["manager"], asked_as=["user"], audience="nobody"), "round.audience"),
        (Asked(role_keys=["manager"], asked_as=["guest"], audience="sales"), "round.asked_as"),
        (Asked(role_keys=["manager"], audience="sales"), "round.asked_as"),
    ],
)
def test_whom_nobody_could_ask_opens_no_round(asked: Asked, code: str, draft: InformationPlan, cast: Cast) -> None:
    with pytest.raises(RuleViolation) as refused:
        opened(draft, cast, asked)
    assert (refused.value.code, rounds_of(draft.pk, cast.dora), told("needs_round")) == (code, (), [])


def test_one_round_at_a_time_about_a_draft(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    with pytest.raises(Conflict, match="open already"):
        opened(draft, cast)
    close_round(held.pk, today=TODAY, actor=cast.dora)
    second = opened(draft, cast)
    with pytest.raises(Conflict, match="open already"):
        extend_round(held.pk, closes_on=TODAY, remind_days=None, today=TODAY, actor=cast.dora)
    assert [row.number for row in rounds_of(draft.pk, cast.dora)] == [2, 1]
    assert second.number == 2


def test_who_may_not_change_the_plan_runs_no_round(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    sheet = sheet_of(held, cast.alice)
    everybody = Asked(role_keys=["staff"], audience="sales", asked_as=["user"])
    for verb in (
        lambda: ask_more(held.pk, asked=everybody, today=TODAY, actor=cast.bob),
        lambda: remind(held.pk, today=TODAY, actor=cast.bob),
        lambda: close_round(held.pk, today=TODAY, actor=cast.bob),
        lambda: extend_round(held.pk, closes_on=TODAY, remind_days=None, today=TODAY, actor=cast.bob),
        lambda: release(sheet.pk, round_id=held.pk, today=TODAY, actor=cast.bob),
        lambda: take_over(held.pk, chosen=[Chosen(1, "way", "typed", "form")], actor=cast.bob),
        lambda: rounds_of(draft.pk, cast.bob),
    ):
        with pytest.raises(AccessDenied):
            verb()
    (after,) = rounds_of(draft.pk, cast.dora)
    assert (after.version, len(sheets_of(held.pk)), told("needs_reminder")) == (held.version, 2, [])


def test_answers_are_saved_half_way_and_count_when_handed_in(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    mobile, city = item_named(draft, cast, "mobile"), item_named(draft, cast, "name")
    first = ItemAnswer(mobile.pk, "customer", need="must", decision="Whom to call", fresh_days=30)
    sheet = answer(held, cast.alice, [first], hand_in=False)
    assert (sheet.version, sheet.handed_in_at, said_in(held.pk)) == (2, None, ())
    answer(held, cast.alice, [ItemAnswer(city.pk, "customer", need="needed")], wishes=["WeChat moments", " "])
    assert [(row.item_id, row.need) for row in said_in(held.pk)] == [(mobile.pk, "must"), (city.pk, "needed")]
    again = answer(held, cast.alice, [ItemAnswer(mobile.pk, "customer", need="not")], hand_in=False)
    assert [row.need for row in said_in(held.pk)] == ["needed", "not"]
    assert again.handed_in_at is not None
    assert turnouts([held.pk])[held.pk].handed_in == 1


def test_nothing_is_said_that_was_not_asked(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast, Asked(user_ids=ids(cast.alice), audience="sales", asked_as=["collector"]))
    mobile = item_named(draft, cast, "mobile")
    full = ItemAnswer(mobile.pk, "customer", need="must", fresh_days=3, way="form", is_never_used=True, kept_days=9)
    answer(held, cast.alice, [full])
    (said,) = said_in(held.pk)
    assert (said.need, said.fresh_days, said.way, said.is_never_used, said.kept_days) == ("", None, "form", True, None)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (ItemAnswer(0, "customer", need="must"), "sheet.item"),
        (ItemAnswer(-1, "supplier", need="must"), "sheet.item"),
        (ItemAnswer(-1, "customer", need="very"), "sheet.value"),
        (ItemAnswer(-1, "customer", way="pigeon"), "sheet.value"),
        (ItemAnswer(-1, "customer", fresh_days=0), "sheet.value"),
        (ItemAnswer(-1, "customer", decision="x" * 121), "sheet.value"),
        (ItemAnswer(-1, "customer"), "sheet.empty"),
    ],
)
def test_a_wrong_answer_saves_nothing(wrong: ItemAnswer, code: str, draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    mobile = item_named(draft, cast, "mobile")
    wanted = replace(wrong, item_id=mobile.pk) if wrong.item_id == -1 else wrong
    with pytest.raises(RuleViolation) as refused:
        answer(held, cast.alice, [wanted])
    after = sheet_of(held, cast.alice)
    assert (refused.value.code, after.version, after.saved_at) == (code, 1, None)
    assert not NeedsAnswer.objects.exists()


def test_too_many_wishes_are_refused_and_what_was_typed_elsewhere_stays(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    sheet = answer(held, cast.alice, [], wishes=["one"])
    with pytest.raises(RuleViolation, match="at most 10 wishes"):
        answer(held, cast.alice, [], wishes=[str(place) for place in range(11)])
    with pytest.raises(Conflict, match="changed"):
        save_sheet(sheet.pk, answers=[], wishes=["two"], version=1, hand_in=False, today=TODAY, actor=cast.alice)
    assert sheet_of(held, cast.alice).wishes == ["one"]


def test_nobody_answers_for_another_or_after_the_end(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    sheet = sheet_of(held, cast.alice)

    def save(actor: Actor, today: date = TODAY) -> None:
        save_sheet(sheet.pk, answers=[], wishes=["x"], version=None, hand_in=True, today=today, actor=actor)

    for other in (cast.bob, cast.dora):
        with pytest.raises(NotFound):
            save(other)
    with pytest.raises(Conflict, match="closed"):
        save(cast.alice, TODAY + timedelta(days=8))
    close_round(held.pk, today=TODAY, actor=cast.dora)
    with pytest.raises(Conflict, match="closed"):
        save(cast.alice)
    assert (sheet_of(held, cast.alice).wishes, own_sheet(sheet.pk, cast.alice, today=TODAY).is_open) == ([], False)
    extend_round(held.pk, closes_on=TODAY + timedelta(days=9), remind_days=3, today=TODAY, actor=cast.dora)
    save(cast.alice, TODAY + timedelta(days=8))
    assert sheet_of(held, cast.alice).wishes == ["x"]


def test_only_those_who_have_not_handed_in_are_reminded_once_a_day(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    answer(held, cast.bob, [], wishes=["something"])
    assert remind(held.pk, today=TODAY, actor=cast.dora) == 1
    with pytest.raises(Conflict, match="today already"):
        remind(held.pk, today=TODAY, actor=cast.dora)
    assert told("needs_reminder") == ids(cast.alice)
    answer(held, cast.alice, [], wishes=["something"])
    with pytest.raises(RuleViolation, match="nobody to remind"):
        remind(held.pk, today=TODAY + timedelta(days=1), actor=cast.dora)


def test_who_has_begun_stays_asked(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    answer(held, cast.alice, [], wishes=["something"], hand_in=False)
    with pytest.raises(Conflict, match="begun"):
        release(sheet_of(held, cast.alice).pk, round_id=held.pk, today=TODAY, actor=cast.dora)
    release(sheet_of(held, cast.bob).pk, round_id=held.pk, today=TODAY, actor=cast.dora)
    assert [sheet.user_id for sheet in sheets_of(held.pk)] == ids(cast.alice)
    assert own_sheets(cast.bob, today=TODAY) == ()


def offered(held: NeedsRound, plan: InformationPlan, cast: Cast) -> list[Chosen]:
    """Everything that follows from a round, as the planner's page shows it."""
    rows = proposals(drafted(items_of(plan.pk, cast.dora)), said_in(held.pk), stage=plan.stage)
    return [Chosen(row.item_id, row.name, row.former, row.value) for row in rows]


def test_what_is_taken_over_remembers_its_answers_and_is_given_back(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    item = item_named(draft, cast, "short_name")
    for actor, need, days in ((cast.alice, "must", 60), (cast.bob, "needed", 30)):
        answer(held, actor, [ItemAnswer(item.pk, "customer", need=need, fresh_days=days, way="form")])
    chosen = offered(held, draft, cast)
    assert [(row.name, row.former, row.value) for row in chosen] == [
        ("needs:sales|customer|", "", "must"),
        ("limit_days", "", "30"),
        ("way", "typed", "form"),
    ]
    taken = take_over(held.pk, chosen=chosen, actor=cast.dora)
    after = item_named(draft, cast, "short_name")
    assert (after.needs["sales|customer|"], after.limit_days, after.way) == ("must", 30, "form")
    alice, bob = sheet_of(held, cast.alice).pk, sheet_of(held, cast.bob).pk
    assert {row.name: set(row.sheet_ids) for row in taken_of([item.pk])} == {
        "limit_days": {bob},
        "needs:sales|customer|": {alice},
        "way": {alice, bob},
    }
    assert offered(held, draft, cast) == []
    assert give_back(taken, actor=cast.dora) == 3
    back = item_named(draft, cast, "short_name")
    assert (back.needs, back.limit_days, back.way) == (item.needs, None, "typed")
    assert not TakenNeed.objects.exists()


def test_what_moved_meanwhile_is_not_overwritten(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    item, other = item_named(draft, cast, "short_name"), item_named(draft, cast, "hobby")
    wanted = [ItemAnswer(row.pk, "customer", need="must", fresh_days=30) for row in (item, other)]
    answer(held, cast.alice, wanted)
    seen = offered(held, draft, cast)
    set_need(item.pk, need=NeedKey("sales"), value="needed", actor=cast.dora)
    with pytest.raises(Conflict, match="changed meanwhile"):
        take_over(held.pk, chosen=seen, actor=cast.dora)
    assert item_named(draft, cast, "hobby").version == other.version
    assert not TakenNeed.objects.exists()
    with pytest.raises(RuleViolation, match="Choose"):
        take_over(held.pk, chosen=[], actor=cast.dora)


def test_what_was_changed_since_is_not_given_back(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    item = item_named(draft, cast, "short_name")
    answer(held, cast.alice, [ItemAnswer(item.pk, "customer", need="must", fresh_days=30)])
    taken = take_over(held.pk, chosen=offered(held, draft, cast), actor=cast.dora)
    set_needs(item.pk, needs={NeedKey("sales", "customer"): "needed"}, actor=cast.dora)
    assert give_back(taken, actor=cast.dora) == 1
    after = item_named(draft, cast, "short_name")
    assert (after.needs["sales|customer|"], after.limit_days) == ("needed", item.limit_days)
    with pytest.raises(AccessDenied):
        give_back(taken, actor=cast.bob)


def test_a_closed_round_of_a_plan_in_force_stays_readable_and_changes_nothing(
    draft: InformationPlan, cast: Cast
) -> None:
    held = opened(draft, cast)
    item = item_named(draft, cast, "short_name")
    answer(held, cast.alice, [ItemAnswer(item.pk, "customer", need="must")])
    chosen = offered(held, draft, cast)
    put_in_force(draft, cast.dora)
    with pytest.raises(Conflict, match="Only a draft"):
        take_over(held.pk, chosen=chosen, actor=cast.dora)
    with pytest.raises(Conflict, match="Only a draft"):
        opened(draft, cast)
    assert not own_sheets(cast.alice, today=TODAY)[0].is_open
    assert len(said_in(held.pk)) == 1
    following = begin_draft(draft.pk, today=TODAY, actor=cast.dora)
    assert opened(following, cast).number == 1
