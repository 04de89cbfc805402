"""Normalising what identifies and reaches customers. Pure functions."""

from datetime import date, timedelta
from functools import lru_cache

import phonenumbers
from lunar_python import Lunar, LunarMonth, Solar

from guanxi.customers.choices import PointType
from guanxi.kernel.errors import RuleViolation

DEFAULT_REGION = "CN"
LEAP_FREE_YEAR = 2024


def normalised_point(point_type: str, value: str) -> str:
    """The form in which contact points are compared: E.164 for phones, lower case for mail, trimmed otherwise.

    Raises: RuleViolation("point.phone" | "point.mail") when the value cannot be one.
    """
    text = value.strip()
    match point_type:
        case PointType.MOBILE | PointType.PHONE:
            return _normalised_phone(text)
        case PointType.MAIL:
            local, at, domain = text.rpartition("@")
            if not (at and local and "." in domain) or " " in text:
                raise RuleViolation("point.mail", "“%(value)s” is not an e-mail address.", value=text)
            return f"{local}@{domain}".lower()
        case _:
            return text


def _normalised_phone(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise RuleViolation("point.phone", "“%(value)s” is not a phone number.", value=text) from error
    if not phonenumbers.is_possible_number(parsed):
        raise RuleViolation(
            "point.phone_length", "“%(value)s” has too few or too many digits for a phone number.", value=text
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def next_occurrence(month: int, day: int, *, is_lunar: bool, on: date) -> date:
    """The next calendar day, `on` included, on which a yearly date falls.

    A 29 February falls on 28 February in other years; the 30th of a lunar month that has 29 days falls on its last
    day; a lunar date is kept in the regular month, not in a leap month. Raises: ValueError for an impossible date.
    """
    if is_lunar:
        return _next_lunar(month, day, on=on)
    for year in (on.year, on.year + 1):
        found = _solar_day(year, month, day)
        if found >= on:
            return found
    raise ValueError(f"{month}-{day} is no date.")


def _solar_day(year: int, month: int, day: int) -> date:
    if (month, day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, month, day)


def _next_lunar(month: int, day: int, *, on: date) -> date:
    for year in (on.year - 1, on.year, on.year + 1):
        found = _solar_of_lunar(year, month, day)
        if found >= on:
            return found
    raise ValueError(f"Lunar {month}-{day} is no date.")


@lru_cache(maxsize=4096)
def _solar_of_lunar(year: int, month: int, day: int) -> date:
    length = LunarMonth.fromYm(year, month).getDayCount()
    solar = Lunar.fromYmd(year, month, min(day, length)).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=64)
def lunar_words(on: date) -> str:
    """A day in the lunar calendar, in Chinese: 十月十六."""
    lunar = Solar.fromYmd(on.year, on.month, on.day).getLunar()
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"


@lru_cache(maxsize=512)
def lunar_date_words(month: int, day: int) -> str:
    """A yearly lunar date in Chinese: 十月十八."""
    lunar = Lunar.fromYmd(LEAP_FREE_YEAR, month, min(day, LunarMonth.fromYm(LEAP_FREE_YEAR, month).getDayCount()))
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"
