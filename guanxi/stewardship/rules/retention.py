"""Pure rules of retention: when time is over, and which conditions make a rule."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.objects.retention import RetentionCondition, Span
from guanxi.stewardship.choices import RetentionAction

LONGEST_COUNT = 1_200
"""So many months or days a condition asks for at most: a hundred years of months."""


NIGHT_HOURS = 6
"""Rules work from midnight to this hour."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition of a rule with its days or months; 0 for one without a span."""

    key: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """What a rule says: of which records of an object, and what becomes of them. No relations = all."""

    name: str
    object_key: str
    asked: tuple[Asked, ...]
    relations: tuple[str, ...]
    action: RetentionAction


def asked_of(rows: Sequence[Sequence[object]]) -> tuple[Asked, ...]:
    """Conditions as a rule keeps them."""
    return tuple(Asked(str(key), int(str(count))) for key, count in rows)


def earlier(day: date, count: int, span: Span) -> date:
    """The day so many days or months before another one; the last of its month where that has no such day."""
    if span is Span.DAYS:
        return day - timedelta(days=count)
    month = day.year * 12 + day.month - 1 - count
    year, place = divmod(month, 12)
    return date(year, place + 1, min(day.day, monthrange(year, place + 1)[1]))


def coming_night(moment: datetime) -> date:
    """The day whose first hours are the night that comes next, or that goes on; of a moment of the company's clock."""
    return (moment + timedelta(days=1) - timedelta(hours=NIGHT_HOURS)).date()


def require_sound(terms: RetentionTerms, known: Mapping[str, RetentionCondition]) -> None:
    """A rule asks for known conditions, one of which takes time, and does something with what it finds.

    Raises: RuleViolation("retention.condition" | "retention.count" | "retention.span" | "retention.trashed").
    """
    keys = {item.key for item in terms.asked}
    if len(keys) < len(terms.asked) or not keys <= set(known):
        raise RuleViolation("retention.condition", "There is no such condition.")
    spanned = [item for item in terms.asked if known[item.key].span is not Span.NONE]
    if any(not 1 <= item.count <= LONGEST_COUNT for item in spanned):
        raise RuleViolation("retention.count", "Give a whole number from 1 to %(most)s.", most=LONGEST_COUNT)
    if not spanned:
        raise RuleViolation("retention.span", "Say at least once after how many days or months records may go.")
    if terms.action is RetentionAction.TRASH and any(known[item.key].is_of_trash for item in terms.asked):
        raise RuleViolation("retention.trashed", "What lies in the trash already can only be erased.", field="action")
