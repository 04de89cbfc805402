"""The language in which the person at work reads, and how days and amounts are written; set for each request."""

from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class DayFormat(TextChoices):
    """The ways in which a day is written."""

    LANGUAGE = "", _("As the language has it")
    ISO = "iso", "2026-11-24"
    DAY_FIRST = "day_first", "24/11/2026"
    MONTH_FIRST = "month_first", "11/24/2026"


class Scale(TextChoices):
    """The ways in which large amounts are shortened."""

    LANGUAGE = "", _("As the language has it")
    CHINESE = "chinese", "42.8 万 · 1.38 亿"
    ENGLISH = "english", "428K · 138M"
    WHOLE = "whole", "428,000"


@dataclass(frozen=True, slots=True)
class Locale:
    """What a person chose; "" leaves it to the language, or to the house for the currency."""

    day_format: str = DayFormat.LANGUAGE.value
    scale: str = Scale.LANGUAGE.value
    currency: str = ""


_PLAIN = Locale()
_active: ContextVar[Locale] = ContextVar("locale", default=_PLAIN)


def active_locale() -> Locale:
    """What the person at work chose."""
    return _active.get()


def activate_locale(locale: Locale = _PLAIN) -> None:
    """Let the formats write as a person chose, until the next call; without one, as the language has it."""
    _active.set(locale)


def in_language(chinese: str, english: str) -> str:
    """A name in the active language, or as it is in the other one where it is missing."""
    return (english or chinese) if is_english() else (chinese or english)


def is_english() -> bool:
    """Whether the active language is English."""
    return (get_language() or "").startswith("en")


def is_chinese() -> bool:
    """Whether the active language is Chinese."""
    return (get_language() or "").startswith("zh")
