"""A round of the needs questionnaire reminds by itself: when, whom, and never twice on a day."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning import jobs
from guanxi.planning.commands import Asked, close_round, extend_round, open_round, release, remind, remind_by_itself
from guanxi.planning.models import InformationPlan, NeedsReminder, NeedsRound
from guanxi.planning.queries.needs import reminders_of, rounds_of
from guanxi.planning.rules import is_reminder_due
from guanxi.planning.tests.conftest import put_in_force
from guanxi.planning.tests.test_bell import tell_all
from guanxi.planning.tests.test_needs_rounds import answer, ids, opened, sheet_of, told
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.collaboration.inbox import inbox_of
from guanxi.platform.ui import format as formats
from tests.cast import Cast, SignIn

TODAY = timezone.localdate()
END = TODAY + timedelta(days=7)
BEFORE = END - timedelta(days=3)
DAY = timedelta(days=1)


def night(day: date) -> int:
    """What the schedule does on a day."""
    return remind_by_itself(day, actor=system_actor("Tests"))


def days_of(held: NeedsRound) -> list[tuple[date, int | None, int | None]]:
    return [(row.day, row.people, row.by_id) for row in reversed(reminders_of(held.pk))]


@pytest.mark.parametrize(
    ("today", "last_on", "is_due"),
    [
        (date(2026, 3, 16), None, False),
        (date(2026, 3, 17), None, True),
        (date(2026, 3, 17), date(2026, 3, 16), True),
        (date(2026, 3, 17), date(2026, 3, 17), False),
        (date(2026, 3, 18), None, True),
        (date(2026, 3, 19), date(2026, 3, 18), False),
        (date(2026, 3, 20), date(2026, 3, 19), True),
        (date(2026, 3, 20), date(2026, 3, 20), False),
        (date(2026, 3, 21), None, False),
    ],
)
def test_it_is_due_once_before_the_end_and_once_on_the_last_day(
    today: date, last_on: date | None, is_due: bool
) -> None:
    given = {"closes_on": date(2026, 3, 20), "opened_on": date(2026, 3, 1), "last_on": last_on, "today": today}
    assert is_reminder_due(remind_days=3, **given) is is_due  # type: ignore[arg-type]  # days
    assert not is_reminder_due(remind_days=None, **given)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(("today", "is_due"), [(18, False), (19, False), (20, True)])
def test_a_round_that_began_within_those_days_reminds_on_its_last_day_alone(today: int, is_due: bool) -> None:
    assert is_due is is_reminder_due(
        closes_on=date(2026, 3, 20),
        remind_days=3,
        opened_on=date(2026, 3, 18),
        last_on=None,
        today=date(2026, 3, today),
    )


def test_a_round_of_one_day_reminds_nobody() -> None:
    day = date(2026, 3, 20)
    assert not is_reminder_due(closes_on=day, remind_days=3, opened_on=day, last_on=None, today=day)


def test_only_who_is_asked_still_and_did_not_answer_is_reminded(draft: InformationPlan, cast: Cast) -> None:
    held = opened(
        draft, cast, Asked(user_ids=ids(cast.alice, cast.bob, cast.charlie), audience="sales", asked_as=["user"])
    )
    answer(held, cast.bob, [], wishes=["something"])
    release(sheet_of(held, cast.charlie).pk, round_id=held.pk, today=TODAY, actor=cast.dora)
    assert [night(BEFORE - DAY), night(BEFORE), night(BEFORE), night(BEFORE + DAY)] == [0, 1, 0, 0]
    assert [night(END), night(END), night(END + DAY)] == [1, 0, 0]
    assert told("needs_closing") == ids(cast.alice) * 2
    assert days_of(held) == [(BEFORE, 1, None), (END, 1, None)]


def test_who_answers_after_the_first_reminder_hears_no_second_one(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast, Asked(user_ids=ids(cast.alice), audience="sales", asked_as=["user"]))
    night(BEFORE)
    tell_all()
    notices = inbox_of(cast.alice).notices
    assert notices[0].sentence == "Your answers on the information you need, collect or keep are still missing"
    assert notices[0].label == f"Information plan {TODAY.year}, version 1, open until {formats.day(END, today=TODAY)}"
    assert notices[0].url == reverse("needs_sheet", args=[sheet_of(held, cast.alice).pk])
    answer(held, cast.alice, [], wishes=["something"])
    assert [night(END), len(inbox_of(cast.alice).notices)] == [0, len(notices) - 1]
    assert days_of(held) == [(BEFORE, 1, None)]


def test_who_may_not_sign_in_any_more_is_not_counted(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    User.objects.filter(pk__in=ids(cast.alice)).update(is_active=False)
    assert night(BEFORE) == 1
    assert (told("needs_closing"), days_of(held)) == (ids(cast.bob), [(BEFORE, 1, None)])


def test_what_somebody_pressed_on_the_day_counts_for_the_day(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    assert remind(held.pk, today=BEFORE, actor=cast.dora) == 2
    assert night(BEFORE) == 0
    night(END)
    with pytest.raises(Conflict, match="today already"):
        remind(held.pk, today=END, actor=cast.dora)
    assert days_of(held) == [(BEFORE, 2, cast.dora.user_id), (END, 2, None)]


def test_a_closed_round_a_published_plan_and_a_silent_round_remind_nobody(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    extend_round(held.pk, closes_on=END, remind_days=None, today=TODAY, actor=cast.dora)
    assert [night(BEFORE), night(END)] == [0, 0]
    extend_round(held.pk, closes_on=END, remind_days=2, today=TODAY, actor=cast.dora)
    close_round(held.pk, today=TODAY, actor=cast.dora)
    assert night(END) == 0
    extend_round(held.pk, closes_on=END, remind_days=2, today=TODAY, actor=cast.dora)
    put_in_force(draft, cast.dora)
    assert (night(END), NeedsReminder.objects.count()) == (0, 0)


def test_a_round_that_is_open_for_longer_reminds_again_before_its_new_end(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)
    later = END + timedelta(days=10)
    night(BEFORE)
    extend_round(held.pk, closes_on=later, remind_days=5, today=BEFORE, actor=cast.dora)
    assert [night(END), night(later - timedelta(days=5)), night(later)] == [0, 2, 2]


@pytest.mark.parametrize("days", [0, 31])
def test_days_that_make_no_sense_open_no_round(days: int, draft: InformationPlan, cast: Cast) -> None:
    with pytest.raises(RuleViolation) as refused:
        open_round(
            draft.pk,
            introduction="",
            parties=["customer"],
            closes_on=END,
            asked=Asked(user_ids=ids(cast.alice), audience="sales", asked_as=["user"]),
            remind_days=days,
            today=TODAY,
            actor=cast.dora,
        )
    assert (refused.value.code, rounds_of(draft.pk, cast.dora)) == ("round.remind_days", ())


def test_the_schedule_waits_for_the_morning(draft: InformationPlan, cast: Cast) -> None:
    held = opened(draft, cast)

    def run(hour: int) -> None:
        at = datetime.combine(BEFORE, time(hour, 35), tzinfo=timezone.get_current_timezone())
        jobs.remind_late(int(at.timestamp()))

    run(7)
    assert days_of(held) == []
    run(11)
    run(12)
    assert days_of(held) == [(BEFORE, 2, None)]


def test_the_keeper_reads_on_the_page_when_it_reminded_and_sets_when_it_will(
    draft: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    held = opened(draft, cast)
    client, address = sign_in(cast.dora), reverse("needs_round", args=[held.pk])
    assert "Nobody was reminded yet." in client.get(address).content.decode()
    NeedsReminder.objects.create(round_id=held.pk, day=TODAY - DAY, people=2)
    NeedsReminder.objects.create(round_id=held.pk, day=TODAY, people=1, by_id=cast.dora.user_id)
    page = client.get(address).content.decode()
    assert ("2 people · by itself" in page, f"1 person · {cast.dora.name}" in page) == (True, True)
    assert reverse("remind_round", args=[held.pk]) not in page
    extend = reverse("extend_round", args=[held.pk])
    refused = client.post(extend, {"closes_on": END, "remind_days": "40"})
    assert (refused.status_code, rounds_of(draft.pk, cast.dora)[0].remind_days) == (422, 3)
    assert client.post(extend, {"closes_on": END, "remind_days": "5"}).status_code == 303
    assert rounds_of(draft.pk, cast.dora)[0].remind_days == 5
    client.post(extend, {"closes_on": END, "remind_days": ""})
    assert rounds_of(draft.pk, cast.dora)[0].remind_days is None
