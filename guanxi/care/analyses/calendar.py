"""Days of the solar and the lunar calendar, and rest days."""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
from lunar_python import Solar

LUNAR, SOLAR = "lunar", "solar"
CalendarDay = tuple[str, int, int]
CHINESE_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")


@lru_cache(maxsize=1024)
def lunar_day(day: date) -> tuple[int, int, bool]:
    """The lunar month (1 to 12), the day in it, and whether the month is a leap month."""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return abs(lunar.getMonth()), lunar.getDay(), lunar.getMonth() < 0


@lru_cache(maxsize=1024)
def lunar_words(day: date) -> str:
    """The lunar day in Chinese words: 十月十六, 闰六月初一."""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    month, _, is_leap = lunar_day(day)
    return f"{'闰' if is_leap else ''}{CHINESE_MONTHS[month - 1]}月{lunar.getDayInChinese()}"


def celebrated_on(day: date) -> tuple[CalendarDay, ...]:
    """The calendar days (calendar, month, day) that are celebrated on a solar day.

    A lunar day is celebrated in the ordinary month, not again in a leap month of the same number. The 30th of
    a lunar month with 29 days is celebrated on its last day, and 29 February on 28 February of ordinary
    years.
    """
    found: list[CalendarDay] = [(SOLAR, day.month, day.day)]
    if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        found.append((SOLAR, 2, 29))
    month, day_of_month, is_leap = lunar_day(day)
    if not is_leap:
        found.append((LUNAR, month, day_of_month))
        if day_of_month == 29 and lunar_day(day + timedelta(days=1))[1] == 1:
            found.append((LUNAR, month, 30))
    return tuple(found)


def is_rest_day(day: date) -> bool:
    """Whether a day is a public holiday or a weekend that is not worked; beyond the published years, a
    weekend."""
    try:
        return not chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() >= 5


def next_week_start(day: date) -> date:
    """The first working day of the week after the one of `day`: its Monday, unless that is a holiday."""
    start = day + timedelta(days=7 - day.weekday())
    while is_rest_day(start):
        start += timedelta(days=1)
    return start
