"""How quantities, dates and names are written in the active language.

Pure functions from values to plain text: they read the active language, and what the person chose for days and large
amounts, and nothing else. A missing value is "—". Numbers use grouping commas in both languages and a true minus sign.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache, wraps
from math import floor, log10
from typing import ParamSpec, TypeVar

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from guanxi.platform.preferences.locale import Locale, Scale, active_locale, is_chinese

MISSING = "—"
MINUS = "−"
RELATIVE_DAYS = 30
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥", "TWD": "NT$"}
CHINESE_SCALES = ((100_000_000, " 亿"), (10_000, " 万"))
ENGLISH_SCALES = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))
SCALED_FROM = 10_000
FULL_DAYS = {"iso": "%Y-%m-%d", "day_first": "%d/%m/%Y", "month_first": "%m/%d/%Y"}
SHORT_DAYS = {"iso": "%m-%d", "day_first": "%d/%m", "month_first": "%m/%d"}
CHINESE_WEEKDAYS = "一二三四五六日"
ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

HAN = re.compile("[\u3400-\u9fff]")

KEPT_WORDINGS = 8192

Number = int | float | Decimal
Arguments = ParamSpec("Arguments")
Wording = TypeVar("Wording", bound=str)


def kept(function: Callable[Arguments, Wording]) -> Callable[Arguments, Wording]:
    """Keep what a pure function made of its (hashable) arguments in the active language: lists repeat themselves."""

    @lru_cache(maxsize=KEPT_WORDINGS)
    def by_language(
        _language: str | None, _locale: Locale, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Wording:
        return function(*args, **kwargs)

    @wraps(function)
    def in_active_language(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Wording:
        return by_language(get_language(), active_locale(), *args, **kwargs)  # type: ignore[arg-type]  # hashable, as the docstring asks

    return in_active_language


def language_mark(text: object) -> str:
    """Return ` lang="zh"` for an element with a Chinese name on a page in another language, which is read aloud wrongly
    without it; else "". It is markup to stand inside a tag."""
    return SafeString(' lang="zh"' if not is_chinese() and HAN.search(str(text)) else "")


def number(value: Number | None, *, decimals: int = 0) -> str:
    """Return 1,963 or −6.2: grouped, with exactly `decimals` decimals."""
    if value is None:
        return MISSING
    text = f"{value:,.{decimals}f}"
    return MINUS + text[1:] if text.startswith("-") else text


def enumeration(words: Iterable[str]) -> str:
    """Return words after one another as the language separates them: 推荐、问卷 or Referrals, Surveys."""
    return ("、" if is_chinese() else ", ").join(words)


def signed(value: Number | None, *, decimals: int = 1) -> str:
    """Return +0.4 or −2.6; zero after rounding carries no sign."""
    text = number(value, decimals=decimals)
    if value is None or not text.strip("0.,−"):
        return text.lstrip(MINUS)
    return text if text.startswith(MINUS) else "+" + text


def percent(share: Number | None, *, decimals: int = 1) -> str:
    """Return a share of 1 as 81.2%; 1 is 100%."""
    return MISSING if share is None else number(float(share) * 100, decimals=decimals) + "%"


def points(value: Number | None) -> str:
    """Return a change of an index with its unit: +1.2 点, +1.2 pts."""
    return MISSING if value is None else gettext("%(change)s pts") % {"change": signed(value)}


def money(amount: Number | None, *, currency: str = "CNY") -> str:
    """Return a short amount: ¥42.8 万, ¥1.38 亿 or ¥428K, ¥1.86M; below 10,000 all of it, ¥3,240."""
    if amount is None:
        return MISSING
    sign = MINUS if amount < 0 else ""
    return sign + _symbol(currency) + _scaled(abs(float(amount)))


def money_full(amount: Number | None, *, currency: str = "CNY", decimals: int = 2) -> str:
    """Return an amount to the cent, or with other decimals: ¥428,000.00."""
    if amount is None:
        return MISSING
    sign = MINUS if amount < 0 else ""
    return sign + _symbol(currency) + number(-amount if amount < 0 else amount, decimals=decimals)


def _symbol(currency: str) -> str:
    return SYMBOLS.get(currency) or currency + " "


def _scaled(value: float) -> str:
    """Return a value of at least 0 in the largest scale of which it holds one after rounding."""
    if round(value) >= SCALED_FROM:
        for scale, unit in _scales():
            if value < scale * 0.99:
                continue
            text = _three_digits(value / scale, most=1 if unit == " 万" else 2)
            if float(text.replace(",", "")) >= 1:
                return text + unit
    return number(value)


def _scales() -> tuple[tuple[int, str], ...]:
    """The scales that the person chose, or those of the language."""
    chosen = active_locale().scale
    if chosen == Scale.WHOLE:
        return ()
    is_by_ten_thousands = chosen == Scale.CHINESE or (not chosen and is_chinese())
    return CHINESE_SCALES if is_by_ten_thousands else ENGLISH_SCALES


def _three_digits(value: float, *, most: int) -> str:
    """Return about three significant digits, at most `most` decimals, without trailing zeros."""
    whole_digits = floor(log10(value)) + 1 if value >= 1 else 1
    text = f"{value:,.{max(0, min(most, 3 - whole_digits))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: date | None, *, today: date) -> str:
    """Return a day in short: 11-24 or 24 Nov in the year of `today`, else 2026-11-24 or 24 Nov 2026."""
    if value is None:
        return MISSING
    if value.year != today.year:
        return full_day(value)
    if chosen := active_locale().day_format:
        return f"{value:{SHORT_DAYS[chosen]}}"
    return f"{value:%m-%d}" if is_chinese() else f"{value.day} {ENGLISH_MONTHS[value.month - 1]}"


def full_day(value: date | None) -> str:
    """Return 2026-11-24 or 24 Nov 2026."""
    if value is None:
        return MISSING
    if chosen := active_locale().day_format:
        return f"{value:{FULL_DAYS[chosen]}}"
    return f"{value:%Y-%m-%d}" if is_chinese() else f"{value.day} {ENGLISH_MONTHS[value.month - 1]} {value.year}"


def long_day(value: date) -> str:
    """Return a day with its weekday: 11 月 24 日 周二 or Tuesday 24 November."""
    if is_chinese():
        return f"{value.month} 月 {value.day} 日 周{CHINESE_WEEKDAYS[value.weekday()]}"
    return f"{ENGLISH_WEEKDAYS[value.weekday()]} {value.day} {value:%B}"


def weekday(value: date) -> str:
    """Return a short day of the week: 周二 or Tue."""
    place = value.weekday()
    return f"周{CHINESE_WEEKDAYS[place]}" if is_chinese() else ENGLISH_WEEKDAYS[place][:3]


def month(value: date) -> str:
    """Return 2026 年 11 月 or Nov 2026."""
    return f"{value.year} 年 {value.month} 月" if is_chinese() else f"{ENGLISH_MONTHS[value.month - 1]} {value.year}"


@kept
def relative_day(value: date | None, *, today: date) -> str:
    """Return today, tomorrow, yesterday, "3 days ago", "in 3 days"; beyond 30 days the short day."""
    if value is None:
        return MISSING
    distance = (value - today).days
    named = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if distance in named:
        return named[distance]
    if abs(distance) > RELATIVE_DAYS:
        return day(value, today=today)
    if distance < 0:
        return days_ago(-distance)
    return ngettext("in %(days)s day", "in %(days)s days", distance) % {"days": distance}


def days_ago(days: int | None) -> str:
    """Return "34 days ago", and today for none."""
    if days is None:
        return MISSING
    return (
        ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": number(days)} if days else gettext("today")
    )


def day_count(days: int | None) -> str:
    """Return "47 days"."""
    return MISSING if days is None else ngettext("%(days)s day", "%(days)s days", days) % {"days": number(days)}


def clock(value: datetime | time | None) -> str:
    """Return 09:05; an instant is written in the zone it carries."""
    return MISSING if value is None else f"{value:%H:%M}"


def duration(minutes: int) -> str:
    """Return "12 min" or "3 h 10 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": rest}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


def initials(name: str) -> str:
    """Return what stands in an avatar: 林 for 林晓雯, MS for Mary Smith."""
    words = name.split()
    if not words:
        return "?"
    return "".join(word[0] for word in words[:2]).upper() if name[0].isascii() else name[0]


def phone(value: str) -> str:
    """Return a mainland mobile number in groups, 138 1234 6021; any other number as it is."""
    digits = value.removeprefix("+86").replace(" ", "")
    if len(digits) == 11 and digits.isdigit() and digits.startswith("1"):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return value


def masked_phone(value: str) -> str:
    """Return a number with its middle hidden: 138 **** 6021."""
    digits = value.removeprefix("+86").replace(" ", "")
    return f"{digits[:3]} **** {digits[-4:]}" if len(digits) >= 8 else "****"
