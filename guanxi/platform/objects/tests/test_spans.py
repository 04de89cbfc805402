"""Which days a span of the calendar has."""

from datetime import date

import pytest

from guanxi.platform.objects.conditions import Span, days_of_span


@pytest.mark.parametrize(
    ("span", "today", "first", "last"),
    [
        ("this_week", "2026-11-22", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-01-01", "2025-12-22", "2025-12-28"),
        ("this_month", "2024-02-29", "2024-02-01", "2024-02-29"),
        ("last_month", "2026-01-31", "2025-12-01", "2025-12-31"),
        ("next_month", "2026-12-01", "2027-01-01", "2027-01-31"),
        ("this_quarter", "2026-11-22", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-02-10", "2025-10-01", "2025-12-31"),
        ("next_quarter", "2026-11-22", "2027-01-01", "2027-03-31"),
        ("this_year", "2026-11-22", "2026-01-01", "2026-12-31"),
        ("last_year", "2026-01-01", "2025-01-01", "2025-12-31"),
        ("next_year", "2026-12-31", "2027-01-01", "2027-12-31"),
    ],
)
def test_a_span_has_its_first_and_its_last_day(span: str, today: str, first: str, last: str) -> None:
    found = days_of_span(Span(span), today=date.fromisoformat(today))
    assert [day.isoformat() for day in found] == [first, last]
