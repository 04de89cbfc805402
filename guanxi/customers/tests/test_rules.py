"""Contact points and yearly dates, as pure functions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lunar_python import Lunar

from guanxi.customers.rules import (
    YearlyDay,
    consent_instant,
    lunar_date_words,
    lunar_words,
    next_occurrence,
    normalised_point,
    require_yearly_date,
    yearly_day,
)
from guanxi.kernel.errors import RuleViolation


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("mobile", "138 0013 6021", "+8613800136021"),
        ("mobile", "+86-138-0013-6021", "+8613800136021"),
        ("phone", "（021）5888 6666", "+862158886666"),
        ("phone", "+44 20 7946 0958", "+442079460958"),
        ("mail", " Lin.X@Example.COM ", "lin.x@example.com"),
        ("wecom", " linxw ", "linxw"),
    ],
)
def test_contact_points_get_one_form(kind: str, value: str, expected: str) -> None:
    assert normalised_point(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("mobile", "hello", "point.phone"),
        ("mobile", "138", "point.phone_length"),
        ("mail", "lin@", "point.mail"),
        ("mail", "lin x@a.cn", "point.mail"),
    ],
)
def test_what_cannot_be_one_is_refused_with_its_reason(kind: str, value: str, code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        normalised_point(kind, value)
    assert refused.value.code == code


def test_a_solar_date_comes_this_year_or_next() -> None:
    assert next_occurrence(11, 24, is_lunar=False, on=date(2026, 11, 22)) == date(2026, 11, 24)
    assert next_occurrence(11, 22, is_lunar=False, on=date(2026, 11, 22)) == date(2026, 11, 22)
    assert next_occurrence(11, 21, is_lunar=False, on=date(2026, 11, 22)) == date(2027, 11, 21)


def test_a_leap_day_falls_on_the_last_of_february_in_other_years() -> None:
    assert next_occurrence(2, 29, is_lunar=False, on=date(2026, 1, 1)) == date(2026, 2, 28)
    assert next_occurrence(2, 29, is_lunar=False, on=date(2028, 1, 1)) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("month", "day", "on", "expected"),
    [
        (1, 1, date(2026, 1, 1), date(2026, 2, 17)),
        (8, 15, date(2026, 1, 1), date(2026, 9, 25)),
        (12, 30, date(2026, 12, 1), date(2027, 2, 5)),
        (6, 15, date(2025, 7, 1), date(2025, 7, 9)),
    ],
)
def test_a_lunar_date_is_kept_in_its_regular_month(month: int, day: int, on: date, expected: date) -> None:
    assert next_occurrence(month, day, is_lunar=True, on=on) == expected


@pytest.mark.parametrize("year", [2025, 2026, 2033])
def test_the_days_of_lunar_months_are_those_of_the_almanac(year: int) -> None:
    for month in range(1, 13):
        solar = Lunar.fromYmd(year, month, 15).getSolar()
        expected = date(solar.getYear(), solar.getMonth(), solar.getDay())
        assert next_occurrence(month, 15, is_lunar=True, on=expected) == expected


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 12), st.integers(1, 28), st.booleans())
def test_a_yearly_date_is_never_more_than_thirteen_months_away(on: date, month: int, day: int, is_lunar: bool) -> None:
    found = next_occurrence(month, day, is_lunar=is_lunar, on=on)
    assert on <= found <= on + timedelta(days=390)


def test_lunar_days_have_their_names() -> None:
    assert lunar_words(date(2026, 11, 24)) == "十月十六"
    assert lunar_date_words(10, 18) == "十月十八"


@pytest.mark.parametrize(
    ("value", "code"),
    [("1380013602", "point.mobile_length"), ("+86 138001360211", "point.mobile_length"), ("10086", "")],
)
def test_a_slip_in_a_mobile_number_is_told_as_such(value: str, code: str) -> None:
    if not code:
        assert normalised_point("mobile", value)
        return
    with pytest.raises(RuleViolation) as refused:
        normalised_point("mobile", value)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5月3日", YearlyDay(5, 3)),
        (" 05-03 ", YearlyDay(5, 3)),
        ("5/3", YearlyDay(5, 3)),
        ("--0503", YearlyDay(5, 3)),
        ("农历八月十五", YearlyDay(8, 15, is_lunar=True)),
        ("农历 腊月廿三", YearlyDay(12, 23, is_lunar=True)),
        ("阴历１９８４年十一月初十", YearlyDay(11, 10, 1984, is_lunar=True)),
        ("Lunar 8-15", YearlyDay(8, 15, is_lunar=True)),
        ("1984-05-03", None),
        ("13-05", None),
        ("农历八月", None),
        ("", None),
    ],
)
def test_days_are_read_without_a_year_and_in_the_lunar_calendar(text: str, expected: YearlyDay | None) -> None:
    assert yearly_day(text) == expected


@pytest.mark.parametrize(
    ("month", "day", "is_lunar", "year", "is_known"),
    [
        (2, 29, False, None, True),
        (2, 29, False, 2023, False),
        (2, 30, False, None, False),
        (4, 31, False, None, False),
        (1, 30, True, None, True),
        (1, 31, True, None, False),
        (12, 30, True, 2021, False),
        (5, 5, False, 1700, False),
    ],
)
def test_a_day_to_remember_must_exist(month: int, day: int, is_lunar: bool, year: int | None, is_known: bool) -> None:
    if is_known:
        require_yearly_date(month, day, is_lunar=is_lunar, year=year)
        return
    with pytest.raises(RuleViolation):
        require_yearly_date(month, day, is_lunar=is_lunar, year=year)


NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=9)


@pytest.mark.parametrize(
    ("state", "given", "known", "expected"),
    [
        ("unknown", BEFORE, ("given", BEFORE), None),
        ("given", None, None, NOW),
        ("given", BEFORE, None, BEFORE),
        ("given", None, ("given", BEFORE), BEFORE),
        ("given", BEFORE.replace(hour=0), ("given", BEFORE), BEFORE),
        ("withdrawn", BEFORE.replace(hour=0), ("given", BEFORE), NOW),
        ("withdrawn", None, ("given", BEFORE), NOW),
    ],
)
def test_consent_holds_since_it_was_said(
    state: str, given: datetime | None, known: tuple[str, datetime | None] | None, expected: datetime | None
) -> None:
    assert consent_instant(state, given=given, known=known, now=NOW) == expected
