"""How long there is to answer a person's request.

Source: PIPL, Personal Information Protection Law of the People's Republic of China (2021), article 50, asks for a
"timely" answer; 15 working days are those of GB/T 35273-2020, 8.7. GDPR, Regulation (EU) 2016/679, article 12 (3): one
month.
"""

from collections.abc import Callable
from datetime import date, timedelta

import chinese_calendar

PIPL, GDPR = "pipl", "gdpr"
WORKING_DAYS = 15
CALENDAR_DAYS = 30
CLOSE_DAYS = 5


def due_day(asked_on: date, *, law: str) -> date:
    """The last day for an answer: 15 working days after the request by Chinese law, 30 days by European law."""
    if law == GDPR:
        return asked_on + timedelta(days=CALENDAR_DAYS)
    return day_after_working(asked_on, WORKING_DAYS, is_worked=is_working_day)


def day_after_working(start: date, days: int, *, is_worked: Callable[[date], bool]) -> date:
    """The day by which so many working days have passed since `start`."""
    found = start
    while days:
        found += timedelta(days=1)
        days -= is_worked(found)
    return found


def is_working_day(day: date) -> bool:
    """Whether a day is worked in China; beyond the published years, whether it is no weekend."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def is_close(due_on: date, today: date) -> bool:
    """Whether a request is due within a few days, or overdue."""
    return (due_on - today).days <= CLOSE_DAYS
