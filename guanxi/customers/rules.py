"""What identifies and reaches customers, and the days to remember. Pure functions."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache

import phonenumbers
from lunar_python import Lunar, LunarMonth, Solar

from guanxi.customers.choices import ConsentState, PointType
from guanxi.kernel.errors import RuleViolation

DEFAULT_REGION = "CN"
LEAP_FREE_YEAR = 2024
NEARLY_MOBILE_DIGITS = (8, 9, 10, 12, 13)
LONGEST_LUNAR_MONTH = 30
FIRST_YEAR = 1800
FIRST_CONSENT_YEAR = 1950
LAST_YEAR = 2100


def normalised_point(point_type: str, value: str) -> str:
    """The form in which contact points are compared: E.164 for phones, lower case for mail, trimmed otherwise.

    Raises: RuleViolation("point.phone" | "point.phone_length" | "point.mobile_length" | "point.mail") when the value
    cannot be one.
    """
    text = value.strip()
    match point_type:
        case PointType.MOBILE | PointType.PHONE:
            if point_type == PointType.MOBILE:
                _require_mobile_length(text)
            return _normalised_phone(text)
        case PointType.MAIL:
            local, at, domain = text.rpartition("@")
            if not (at and local and "." in domain) or " " in text:
                raise RuleViolation("point.mail", "“%(value)s” is not an e-mail address.", value=text, field="value")
            return f"{local}@{domain}".lower()
        case _:
            return text


def _normalised_phone(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise RuleViolation("point.phone", "“%(value)s” is not a phone number.", value=text, field="value") from error
    if not phonenumbers.is_possible_number(parsed):
        raise RuleViolation(
            "point.phone_length",
            "“%(value)s” has too few or too many digits for a phone number.",
            value=text,
            field="value",
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _require_mobile_length(text: str) -> None:
    """Mainland mobile numbers begin with 1 and have 11 digits; a slip of one or two digits is told as such."""
    digits = "".join(character for character in text.removeprefix("+86") if character.isdecimal())
    is_mainland = digits.startswith("1") and (text.startswith("+86") or not text.startswith("+"))
    if is_mainland and len(digits) in NEARLY_MOBILE_DIGITS:
        raise RuleViolation(
            "point.mobile_length",
            "A mobile number has 11 digits; “%(value)s” has %(count)s.",
            value=text,
            count=len(digits),
            field="value",
        )


def require_receiver(point_type: str, *, receives_mail: bool, receives_sms: bool) -> None:
    """Mail goes to an e-mail address, text messages to a mobile number.

    Raises: RuleViolation("point.receives_mail" | "point.receives_sms").
    """
    if receives_mail and point_type != PointType.MAIL:
        raise RuleViolation("point.receives_mail", "Only an e-mail address can receive mail.", field="receives_mail")
    if receives_sms and point_type != PointType.MOBILE:
        raise RuleViolation(
            "point.receives_sms", "Only a mobile number can receive text messages.", field="receives_sms"
        )


def require_yearly_date(month: int, day: int, *, is_lunar: bool, year: int | None = None) -> None:
    """A day to remember must exist in its calendar, in its own year where the year is known.

    Raises: RuleViolation("date.unknown" | "date.year").
    """
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleViolation(
            "date.year", "The year lies between %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR, field="year"
        )
    if is_lunar:
        longest = LunarMonth.fromYm(year, month).getDayCount() if year else LONGEST_LUNAR_MONTH
    else:
        longest = monthrange(year or LEAP_FREE_YEAR, month)[1]
    if not 1 <= day <= longest:
        raise RuleViolation("date.unknown", "This month has only %(days)s days.", days=longest, field="day")


def consent_instant(
    state: str, *, given: datetime | None, known: tuple[str, datetime | None] | None, now: datetime
) -> datetime | None:
    """Since when a consent state holds: the day that was given, else the known one while the state stays, else now.

    `known` is the state and instant so far, None for a new point. `given` on the known day says nothing new.
    Raises: RuleViolation("point.consent_future" | "point.consent_past").
    """
    if state == ConsentState.UNKNOWN:
        return None
    if given is not None and given > now:
        raise RuleViolation("point.consent_future", "Consent cannot date from the future.", field="consent_at")
    if given is not None and given.year < FIRST_CONSENT_YEAR:
        raise RuleViolation("point.consent_past", "Consent cannot be older than 1950.", field="consent_at")
    state_before, instant_before = known or ("", None)
    is_same_day = given is not None and instant_before is not None and _day(given, now) == _day(instant_before, now)
    if given is None or is_same_day:
        return instant_before if instant_before is not None and state == state_before else now
    return given


def _day(instant: datetime, now: datetime) -> date:
    """The calendar day of an instant in the zone of `now`."""
    return instant.astimezone(now.tzinfo).date()


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
