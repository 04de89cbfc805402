"""Days and instants as people and spreadsheets write them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache

LONGEST = 60
SERIAL_START = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet's days have no time zone
FIRST_SERIAL = 10_000
LAST_SERIAL = 73_050
"""Serial numbers that are days: 18 May 1927 to 31 December 2099."""
FIRST_YEAR = 1850
LAST_YEAR = 2200
CENTURY_TURN = 69
"""Two-digit years from here on are of the 20th century, as in POSIX."""

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
YEAR_FIRST = re.compile(r"([0-9]{4})\s*[-/.年_]\s*([0-9]{1,2})\s*[-/.月_]\s*([0-9]{1,2})\s*[日号號]?")
YEAR_MONTH = re.compile(r"([0-9]{4})\s*[-/.年_]\s*([0-9]{1,2})\s*月?份?")
YEAR = re.compile(r"([0-9]{4})\s*年?")
COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
SHORT = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{1,2})")
DAY_MONTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[-\s./]*([a-z]{3,9})\.?[-\s,./]*([0-9]{4}|[0-9]{2})")
MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s*([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})")
MONTH_YEAR = re.compile(r"([a-z]{3,9})\.?[-\s,]*([0-9]{4})")
WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+|\s*\(?(?:星期|周)[一二三四五六日天]\)?\s*"
)
CLOCK = re.compile(
    r"[\sT]*(?P<before>上午|下午|晚上|中午|早上|凌晨|am|pm)?\s*"
    r"(?P<hour>[0-9]{1,2})\s*[:时時点]\s*(?P<minute>[0-9]{1,2})?"
    r"(?:\s*[:分]\s*(?P<second>[0-9]{1,2})?(?:\.(?P<part>[0-9]{1,9}))?)?\s*秒?"
    r"\s*(?P<after>am|pm|a\.m\.|p\.m\.)?\s*(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
NEVER = re.compile(r"0000[-/]0?0[-/]0?0.*|1900[-/]0?1[-/]0?0.*")


class DayRepair(StrEnum):
    """What was done to make a day of a text that left something open."""

    PARTIAL = "partial_date"
    SERIAL = "serial_date"
    AMBIGUOUS = "ambiguous_date"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day with its time; `has_time` says whether a time was written. Aware only where an offset was written."""

    at: datetime
    has_time: bool = False
    repair: DayRepair | None = None


@lru_cache(maxsize=1 << 14)
def moment_of(text: str, *, is_day_first: bool) -> Moment | None:
    """The day or instant that a text writes; None when it writes none, or one that does not exist."""
    if len(text) > LONGEST:
        return None
    plain = WEEKDAY.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
    day_text, clock_text = _split(plain)
    clock = _clock(clock_text) if clock_text else None
    if clock_text and clock is None:
        return None
    try:
        found = _day(day_text, is_day_first=is_day_first)
    except ValueError:
        return None
    if found is None:
        return None
    day, repair = found
    if clock is None:
        return Moment(datetime.combine(day, time()), False, repair)
    return Moment(datetime.combine(day, clock), clock.replace(tzinfo=None) != time(), repair)


def moment_of_number(value: float) -> Moment | None:
    """The day that a spreadsheet's serial number means, or a day written as 20190408 or a year; None for others."""
    whole = int(value)
    if FIRST_SERIAL <= value <= LAST_SERIAL:
        seconds = round((value - whole) * 86_400)
        return Moment(SERIAL_START + timedelta(days=whole, seconds=seconds), seconds > 0, DayRepair.SERIAL)
    return moment_of(str(whole), is_day_first=False) if whole == value and whole > 0 else None


def is_never(text: str) -> bool:
    """Whether a database or spreadsheet writes "no day" so."""
    return NEVER.fullmatch(text) is not None


def _split(text: str) -> tuple[str, str]:
    """The day and the time of a text."""
    for start in (position for position, sign in enumerate(text) if sign in " t日号" and position >= 6):
        end = start + (text[start] in "日号")
        if CLOCK.fullmatch(text[end:]):
            return text[:end].strip(), text[end:]
    return text, ""


def _clock(text: str) -> time | None:
    match = CLOCK.fullmatch(text)
    if match is None:
        return None
    hour = int(match["hour"])
    half = (match["before"] or match["after"] or "").replace(".", "")
    if half in ("pm", "下午", "晚上") and hour < 12:
        hour += 12
    elif half in ("am", "凌晨", "上午") and hour == 12:
        hour = 0
    micro = int((match["part"] or "0")[:6].ljust(6, "0"))
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0), micro, tzinfo=_zone(match["zone"]))
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    digits = text.removeprefix("utc").removeprefix("gmt").replace(":", "")
    if len(digits) < 5:
        return timezone.utc  # noqa: UP017
    minutes = int(digits[1:3]) * 60 + int(digits[3:5])
    return timezone(timedelta(minutes=-minutes if digits[0] == "-" else minutes))


def _day(text: str, *, is_day_first: bool) -> tuple[date, DayRepair | None] | None:
    """The day of a text and its repair. Raises: ValueError for days that do not exist."""
    if match := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
        return _checked(date(int(match[1]), int(match[2]), int(match[3]))), None
    if match := SHORT.fullmatch(text):
        return _short_day(match, is_day_first=is_day_first)
    if match := YEAR_MONTH.fullmatch(text):
        return _checked(date(int(match[1]), int(match[2]), 1)), DayRepair.PARTIAL
    if match := YEAR.fullmatch(text):
        return _checked(date(int(match[1]), 1, 1)), DayRepair.PARTIAL
    return _worded_day(text)


def _worded_day(text: str) -> tuple[date, DayRepair | None] | None:
    """A day with an English month: 8 Apr 2019, April 8th, 2019, Apr 2019."""
    if match := DAY_MONTH.fullmatch(text):
        repair = DayRepair.AMBIGUOUS if len(match[3]) == 2 else None
        return _checked(date(_year(match[3]), _month(match[2]), int(match[1]))), repair
    if match := MONTH_DAY.fullmatch(text):
        return _checked(date(int(match[3]), _month(match[1]), int(match[2]))), None
    if match := MONTH_YEAR.fullmatch(text):
        return _checked(date(int(match[2]), _month(match[1]), 1)), DayRepair.PARTIAL
    return None


def _short_day(match: re.Match[str], *, is_day_first: bool) -> tuple[date, DayRepair | None]:
    """A day written as 03/04/2021, 98-05-06 or 21/3/5: by the wish of the reader where both orders are days."""
    first, second, last = int(match[1]), int(match[3]), int(match[4])
    is_short = len(match[4]) < 4
    has_year_first = first > 31 or len(match[4]) == 1 or (not is_day_first and first > 12 and second <= 12)
    if is_short and has_year_first and len(match[1]) == 2:
        return _checked(date(_year(match[1]), second, last)), DayRepair.AMBIGUOUS
    is_open = is_short or (first <= 12 and second <= 12 and first != second and match[2] != ".")
    is_day_before = first > 12 or (second <= 12 and (is_day_first or match[2] == "."))
    day, month = (first, second) if is_day_before else (second, first)
    return _checked(date(_year(match[4]), month, day)), DayRepair.AMBIGUOUS if is_open else None


def _year(digits: str) -> int:
    """The year of four or two digits. Raises: ValueError for one digit."""
    if len(digits) == 4:
        return int(digits)
    if len(digits) == 1:
        raise ValueError(digits)
    return int(digits) + (1900 if int(digits) >= CENTURY_TURN else 2000)


def _month(name: str) -> int:
    """Raises: ValueError for a word that is no month."""
    word = "sep" if name == "sept" else name
    return [month.startswith(word) for month in MONTHS].index(True) + 1


def _checked(day: date) -> date:
    """Raises: ValueError for days that no record is of."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(day)
    return day
