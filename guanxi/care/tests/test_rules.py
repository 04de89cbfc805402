from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.care.analyses.calendar import celebrated_on, is_rest_day, lunar_words
from guanxi.care.analyses.filling import Candidate, Day, Point, fill, hours_of, usable_channels
from guanxi.care.analyses.response import Count, response_chances
from guanxi.care.choices import Answer, Hold, RowState, Tone
from guanxi.care.rules import (
    Cadence,
    CadenceOverrides,
    Occasion,
    cadence_for,
    chance_after,
    fall_of,
    money_at_stake,
    priority,
    relative_hazard,
    tone_of,
)

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)
CHANCES = response_chances({})
PHONE_POINT = Point("mobile", "unknown")


def day(contacts: int = 24, minutes: int = 300, on: date = MONDAY, *, is_rest_day: bool = False) -> Day:
    return Day(on=on, contacts=contacts, minutes=minutes, chances=CHANCES, is_rest_day=is_rest_day)


def candidate(account_id: int, stake: float = 100_000, **values: object) -> Candidate:
    occasions = (Occasion(account_id, "overdue", 2.0),)
    known: dict[str, object] = {"points": (PHONE_POINT,), "occasions": occasions, **values}
    return Candidate(account_id=account_id, stake=stake, **known)  # type: ignore[arg-type]  # checked by the tests


def test_lunar_birthdays_fall_on_their_solar_day() -> None:
    assert ("lunar", 10, 16) in celebrated_on(date(2026, 11, 24))
    assert lunar_words(date(2026, 11, 24)) == "十月十六"
    assert ("lunar", 1, 1) in celebrated_on(date(2026, 2, 17))


def test_a_lunar_birthday_is_not_celebrated_again_in_the_leap_month() -> None:
    # 2025 has a leap sixth month, from 25 July on.
    assert ("lunar", 6, 1) in celebrated_on(date(2025, 6, 25))
    assert celebrated_on(date(2025, 7, 25)) == (("solar", 7, 25),)
    assert lunar_words(date(2025, 7, 25)) == "闰六月初一"


def test_the_thirtieth_is_celebrated_on_the_last_day_of_a_short_month() -> None:
    short_end = next(
        on
        for on in (date.fromordinal(date(2026, 1, 1).toordinal() + place) for place in range(365))
        if ("lunar", 1, 30) in celebrated_on(on) or ("lunar", 2, 30) in celebrated_on(on)
    )
    assert {key[2] for key in celebrated_on(short_end) if key[0] == "lunar"} <= {29, 30}
    every = [date.fromordinal(date(2026, 1, 1).toordinal() + place) for place in range(400)]
    for month in range(1, 13):
        assert sum(("lunar", month, 30) in celebrated_on(on) for on in every) in {1, 2}


def test_the_twenty_ninth_of_february_is_kept_in_ordinary_years() -> None:
    assert ("solar", 2, 29) in celebrated_on(date(2026, 2, 28))
    assert ("solar", 2, 29) not in celebrated_on(date(2028, 2, 28))


def test_rest_days_know_holidays_and_working_weekends() -> None:
    assert is_rest_day(SUNDAY)
    assert not is_rest_day(MONDAY)
    assert is_rest_day(date(2026, 10, 1))
    assert is_rest_day(date(2090, 1, 1))


def test_the_own_rhythm_only_shortens_the_grades_interval() -> None:
    assert cadence_for("B", rhythm_days=0, overrides=CadenceOverrides(), account_id=1) == Cadence(35, 60)
    assert cadence_for("B", rhythm_days=20, overrides=CadenceOverrides(), account_id=1) == Cadence(20, 30)
    assert cadence_for("B", rhythm_days=50, overrides=CadenceOverrides(), account_id=1) == Cadence(35, 60)
    assert cadence_for("B", rhythm_days=2, overrides=CadenceOverrides(), account_id=1) == Cadence(35, 60)
    overrides = CadenceOverrides(accounts={1: Cadence(5, 6)}, grades={"B": Cadence(40, 50)})
    assert cadence_for("B", rhythm_days=20, overrides=overrides, account_id=1) == Cadence(5, 6)
    assert cadence_for("B", rhythm_days=0, overrides=overrides, account_id=2) == Cadence(40, 50)


@pytest.mark.parametrize(
    ("days", "tone"),
    [(30, Tone.PLANNED), (31, Tone.PAST_IDEAL), (45, Tone.PAST_IDEAL), (46, Tone.PAST_MAXIMUM)],
)
def test_amber_past_the_ideal_and_red_past_the_maximum(days: int, tone: Tone) -> None:
    assert tone_of(days, cadence=Cadence(30, 45)) == tone


def test_the_hazard_is_one_at_the_median_and_only_rises() -> None:
    assert relative_hazard(30, median_days=30, spread=0.5) == pytest.approx(1.0)
    values = [relative_hazard(days, median_days=30, spread=0.5) for days in range(0, 400, 5)]
    assert values == sorted(values)
    assert values[-1] == 3.0
    assert relative_hazard(10, median_days=0, spread=0.5) == 0.0


def test_a_fall_is_told_with_its_cause() -> None:
    effects = (("survey", -2.6), ("purchase", -2.1), ("suggestion", 0.4))
    fall = fall_of((80, 80, 80, 80), change=-4.3, effects=effects, grade="A", former_grade="A")
    assert fall is not None
    assert (fall.family, fall.family_points, fall.is_grade_lost) == ("survey", -2.6, False)
    restless = (70.0, 78.0, 69.0, 80.0, 70.0)
    assert fall_of(restless, change=-4.3, effects=effects, grade="A", former_grade="A") is None
    assert fall_of(restless, change=-1.0, effects=effects, grade="B", former_grade="A") is not None
    assert fall_of((), change=None, effects=effects, grade="B", former_grade="A") is None


def test_money_at_stake_uses_the_stated_share_without_costs() -> None:
    assert money_at_stake(margin=300.0, amount=4_000.0) == 300.0
    assert money_at_stake(margin=0.0, amount=4_000.0) == 1_000.0
    assert priority(stake=10_000, share=1, urgency=2, chance=0.5, minutes=10) == pytest.approx(185.0)


def test_an_answer_lowers_the_chance_and_fades() -> None:
    assert chance_after(0.5, answers=((Answer.NO_INTEREST, 0),)) == pytest.approx(0.15)
    assert chance_after(0.5, answers=((Answer.NO_INTEREST, 45),)) == pytest.approx(0.325)
    assert chance_after(0.5, answers=((Answer.NO_INTEREST, 90),)) == pytest.approx(0.5)


def test_chances_start_at_the_prior_and_shrink_to_the_channel() -> None:
    assert CHANCES["phone", 0, 0] == pytest.approx(0.35)
    learnt = response_chances({("phone", 0, 0): Count(180, 180)})
    assert learnt["phone", 0, 0] > learnt["phone", 0, 1] > CHANCES["phone", 0, 1]


def test_consent_decides_which_channels_are_open() -> None:
    keys = [channel.key for channel in usable_channels([PHONE_POINT, Point("mail", "given")])]
    assert keys == ["phone", "mail"]
    assert usable_channels([Point("mobile", "withdrawn"), Point("mobile", "given")]) == ()
    assert [channel.key for channel in usable_channels([Point("address", "unknown")])] == ["visit"]


def test_hours_keep_clear_of_quiet_hours() -> None:
    assert hours_of(0, day=day()) == (time(9), time(10))
    assert hours_of(1, day=day()) == (time(11), time(12))
    assert hours_of(1, day=Day(MONDAY, 1, 1, CHANCES, works=(9, 20), quiet=(11, 14))) is None


def test_what_is_held_back_says_why() -> None:
    plan = fill(
        [
            candidate(1, points=()),
            candidate(2, days_since_contact=3),
            candidate(3, is_organisation=True),
            candidate(4, stake=1.0),
            candidate(5),
            candidate(6, stake=200_000),
            candidate(7, stake=2.0, points=(Point("mobile", "given"),)),
        ],
        day=day(contacts=1, is_rest_day=True),
    )
    found = {item.account_id: (item.state, item.hold) for item in plan}
    assert found == {
        1: (RowState.LATER, Hold.CONSENT),
        2: (RowState.LATER, Hold.FREQUENCY),
        3: (RowState.LATER, Hold.REST_DAY),
        4: (RowState.LATER, Hold.COST),
        5: (RowState.LATER, Hold.CAPACITY),
        6: (RowState.OPEN, Hold.NONE),
        7: (RowState.AUTOMATIC, Hold.COST),
    }


def test_the_best_occasion_wins_and_the_others_are_told() -> None:
    weak, strong = Occasion(1, "overdue", 1.1), Occasion(1, "falling", 4.0)
    (row,) = fill([candidate(1, occasions=(weak, strong))], day=day())
    assert (row.occasion, row.further) == (strong, (weak,))


candidates = st.lists(
    st.builds(
        candidate,
        st.integers(1, 50),
        stake=st.floats(0, 1_000_000),
        days_since_contact=st.none() | st.integers(0, 200),
        is_organisation=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda item: item.account_id,
)


@given(candidates, st.integers(0, 10), st.integers(0, 100), st.randoms())
def test_a_day_is_never_overfilled_and_the_plan_depends_on_nothing_else(
    found: list[Candidate], contacts: int, minutes: int, shuffler: object
) -> None:
    plan = fill(found, day=day(contacts, minutes))
    taken = [item for item in plan if item.state == RowState.OPEN]
    assert len(taken) <= contacts
    assert sum(item.minutes for item in taken) <= minutes
    assert len(plan) == len(found)
    assert all(item.hold for item in plan if item.state != RowState.OPEN)
    shuffled = list(found)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert fill(shuffled, day=day(contacts, minutes)) == plan
