"""Conditions on fields, joined by "and" and "or": what the filter builder makes, an address carries, a view keeps.

In an address they are JSON: `["all", ["city", "is", "苏州"], ["any", ["amount", "at_least", "1000"], …]]`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils import timezone

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import TEXTS, FieldType
from guanxi.platform.access.masking import MASK
from guanxi.platform.encryption.in_use import number_token
from guanxi.platform.objects.fields import ObjectField

MOST_CONDITIONS = 40
DEEPEST = 4
MOST_DAYS = 36_500
FIRST_DAY, LAST_DAY = date(1000, 1, 1), date(9998, 12, 31)
MOST_PLACES = 20


class Operator(StrEnum):
    """How a field is compared.

    The days of IN_LAST and IN_NEXT count from today, today included; WITHIN takes a `Span`.
    """

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    STARTS = "starts"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BEFORE = "before"
    AFTER = "after"
    IN_LAST = "in_last"
    IN_NEXT = "in_next"
    LONGER_AGO = "longer_ago"
    WITHIN = "within"
    EMPTY = "empty"
    FILLED = "filled"


class Span(StrEnum):
    """A week, month, quarter or year of the calendar, told from today; a week begins on Monday."""

    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    NEXT_MONTH = "next_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    NEXT_QUARTER = "next_quarter"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    NEXT_YEAR = "next_year"


NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY, FieldType.RATIO})
DAYS = frozenset({FieldType.DATE, FieldType.DATETIME})
LISTS = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.LINK})
BARE = frozenset({Operator.EMPTY, Operator.FILLED})
OF_DAYS = frozenset({Operator.IN_LAST, Operator.IN_NEXT, Operator.LONGER_AGO})
_EMPTINESS = (Operator.EMPTY, Operator.FILLED)
_OF_SEALED = (Operator.IS, Operator.IS_NOT, *_EMPTINESS)
_OPERATORS: Mapping[frozenset[FieldType], tuple[Operator, ...]] = {
    TEXTS: (Operator.CONTAINS, Operator.IS, Operator.IS_NOT, Operator.STARTS, *_EMPTINESS),
    NUMBERS: (Operator.AT_LEAST, Operator.AT_MOST, Operator.IS, *_EMPTINESS),
    DAYS: (
        *(Operator.LONGER_AGO, Operator.IN_LAST, Operator.IN_NEXT, Operator.WITHIN),
        *(Operator.BEFORE, Operator.AFTER, Operator.IS),
        *_EMPTINESS,
    ),
    LISTS: (Operator.IS, Operator.IS_NOT, *_EMPTINESS),
    frozenset({FieldType.BOOLEAN}): (Operator.IS,),
    frozenset({FieldType.FILE}): (Operator.FILLED, Operator.EMPTY),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One field compared with values: several of a list, or of an encrypted number, mean "any of them", other fields
    take one, EMPTY none."""

    field: str
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all must hold, or any one."""

    is_any: bool
    parts: tuple["Condition | Group", ...]


Where = Condition | Group


def operators_of(item: ObjectField) -> tuple[Operator, ...]:
    """How a field can be compared; nothing for one that cannot be filtered by, encrypted ones as a whole alone."""
    if item.is_sealed:
        return _OF_SEALED
    return next((operators for kinds, operators in _OPERATORS.items() if item.kind in kinds), ())


def parse_where(text: str) -> Where | None:
    """Read conditions from their JSON form; None for an empty text. Raises: RuleViolation("list.where")."""
    if not text:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refusal() from error
    where = _parsed(data, depth=0)
    if len(conditions_of(where)) > MOST_CONDITIONS:
        raise _refusal()
    return where


def where_text(where: Where | None) -> str:
    """The JSON form of conditions, the same text for the same conditions."""
    return json.dumps(_as_list(where), ensure_ascii=False, separators=(",", ":")) if where is not None else ""


def without_numbers(where: Where, *, fields: Mapping[str, ObjectField]) -> Where:
    """The conditions as they may be kept in clear: without the numbers that encrypted fields are compared with."""
    if isinstance(where, Group):
        return Group(where.is_any, tuple(without_numbers(part, fields=fields) for part in where.parts))
    item = fields.get(where.field)
    if item is None or not item.is_sealed:
        return where
    return Condition(where.field, where.operator, tuple(MASK for _value in where.values))


def conditions_of(where: Where | None) -> tuple[Condition, ...]:
    """All single conditions, in their order."""
    match where:
        case Group(parts=parts):
            return tuple(condition for part in parts for condition in conditions_of(part))
        case Condition():
            return (where,)
        case _:
            return ()


def condition_q(where: Where, *, fields: Mapping[str, ObjectField], today: date) -> Q:
    """The conditions as a condition of the database.

    `fields` are those that the actor may read whole. Raises: RuleViolation("list.where") for another field, an operator
    that its type does not have, or a value of another type.
    """
    if isinstance(where, Condition):
        return _single(where, fields=fields, today=today)
    joined = Q()
    for part in where.parts:
        found = condition_q(part, fields=fields, today=today)
        joined = joined | found if where.is_any else joined & found
    return joined


def _parsed(data: object, *, depth: int) -> Where:
    match data:
        case [("all" | "any") as word, *parts] if parts and depth < DEEPEST:
            return Group(word == "any", tuple(_parsed(part, depth=depth + 1) for part in parts))
        case [str(field), str(operator), *values] if operator in set(Operator):
            return Condition(field, Operator(operator), tuple(_value(value) for value in values))
        case _:
            raise _refusal()


def _value(value: object) -> str:
    if not isinstance(value, str | int | float) or len(str(value)) > 500 or not is_encodable(str(value)):
        raise _refusal()
    return str(value)


def _as_list(where: Where | None) -> list[object]:
    if isinstance(where, Condition):
        return [where.field, where.operator.value, *where.values]
    if where is None:
        return []
    return ["any" if where.is_any else "all", *(_as_list(part) for part in where.parts)]


def _single(condition: Condition, *, fields: Mapping[str, ObjectField], today: date) -> Q:
    item = fields.get(condition.field)
    if item is None or condition.operator not in operators_of(item):
        raise _refusal(condition.field)
    if condition.operator is Operator.EMPTY:
        return ~_held(item, _filled(item))
    if condition.operator is Operator.IS_NOT:
        compared = _compared(item, Condition(item.key, Operator.IS, condition.values), today=today)
        return ~_held(item, _filled(item) & compared if item.made is not None else compared)  # no value is another one
    if condition.operator is Operator.FILLED:
        return _held(item, _filled(item))
    return _held(item, _compared(item, condition, today=today))


def _held(item: ObjectField, condition: Q) -> Q:
    """The condition on the object's own row, or on the row beside it."""
    return condition if item.beside is None else Q(pk__in=item.beside().filter(condition).order_by().values("pk"))


def _filled(item: ObjectField) -> Q:
    known = Q(**{f"{item.column}__isnull": False})
    return known & ~Q(**{item.column: ""}) if item.kind in TEXTS or item.kind is FieldType.CHOICE else known


def _compared(item: ObjectField, condition: Condition, *, today: date) -> Q:
    values = condition.values
    if not values or (len(values) > 1 and item.kind not in LISTS and not item.is_sealed):
        raise _refusal(item.key)
    if item.is_sealed:
        tokens = [number_token(value, place=item.place) for value in values]
        return Q(**{f"{item.column}__isnull": False, f"{item.column}__token__in": tokens})
    if item.kind in LISTS:
        return _among(item, values)
    if item.kind is FieldType.BOOLEAN:
        return Q(**{item.column: values[0] == "yes"})
    if item.kind in TEXTS:
        lookup = {Operator.CONTAINS: "__icontains", Operator.STARTS: "__istartswith"}.get(condition.operator, "")
        return Q(**{f"{item.column}{lookup}": values[0]})
    if item.kind in NUMBERS:
        lookup = {Operator.AT_LEAST: "__gte", Operator.AT_MOST: "__lte"}.get(condition.operator, "")
        return Q(**{f"{item.column}{lookup}": number_of(item, values[0])})
    first, last = days_of(item, condition, today=today)
    return _between(item, first, last)


def _among(item: ObjectField, values: Sequence[str]) -> Q:
    """One of the values; those of a link with a number as its key must be numbers."""
    if item.kind is FieldType.MULTI_CHOICE:
        return reduce(or_, (Q(**{f"{item.column}__contains": [value]}) for value in values))
    if item.kind is not FieldType.LINK or not is_numbered(item):
        return Q(**{f"{item.column}__in": list(values)})
    if not all(value.isascii() and value.isdecimal() and len(value) < 19 for value in values):
        raise _refusal(item.key)
    return Q(**{f"{item.column}__in": [int(value) for value in values]})


def is_numbered(item: ObjectField) -> bool:
    """Whether the records that a link leads to are known by numbers."""
    if item.made is not None:
        return True
    target = item.typed.related_model
    return isinstance(target, type) and target._meta.pk.get_internal_type() in {"BigAutoField", "AutoField"}


def is_encodable(text: str) -> bool:
    """Whether a text can be stored: no NUL, no half of a letter."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_kept_number(value: Decimal) -> bool:
    """Whether a number is one that a field could hold: finite, not too large, and not of a million digits."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and abs(exponent) <= MOST_PLACES and abs(value) <= Decimal("1e15")


def number_of(item: ObjectField, text: str) -> Decimal:
    """The number that a condition compares a field with. Raises: RuleViolation("list.where")."""
    try:
        value = Decimal(text.replace(",", "").strip())
    except InvalidOperation as error:
        raise _refusal(item.key) from error
    if not is_kept_number(value):
        raise _refusal(item.key)
    return value


def days_of(item: ObjectField, condition: Condition, *, today: date) -> tuple[date | None, date | None]:
    """First and last day of a condition, both included; None where it is open. Raises: RuleViolation("list.where")."""
    if condition.operator is Operator.WITHIN and condition.values[0] in set(Span):
        return days_of_span(Span(condition.values[0]), today=today)
    if condition.operator in OF_DAYS:
        return _counted_days(item, condition, today=today)
    try:
        day = date.fromisoformat(condition.values[0])
    except ValueError as error:
        raise _refusal(item.key) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _refusal(item.key)
    match condition.operator:
        case Operator.BEFORE:
            return None, day - timedelta(days=1)
        case Operator.AFTER:
            return day + timedelta(days=1), None
        case _:
            return day, day


def _counted_days(item: ObjectField, condition: Condition, *, today: date) -> tuple[date | None, date]:
    text = condition.values[0]
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST_DAYS:
        raise _refusal(item.key)
    count = int(text)
    match condition.operator:
        case Operator.IN_LAST:
            return today - timedelta(days=max(count - 1, 0)), today
        case Operator.IN_NEXT:
            return today, today + timedelta(days=max(count - 1, 0))
        case _:
            return None, today - timedelta(days=count)


def days_of_span(span: Span, *, today: date) -> tuple[date, date]:
    """First and last day of a span, both included."""
    word, _line, unit = span.partition("_")
    steps = {"this": 0, "last": -1, "next": 1}[word]
    if unit == "week":
        monday = today - timedelta(days=today.weekday() - 7 * steps)
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    count = (today.year * 12 + today.month - 1) // months + steps
    return _month_day(count * months), _month_day((count + 1) * months) - timedelta(days=1)


def _month_day(month: int) -> date:
    """The first day of a month, which is counted from the year 0 on."""
    return date(month // 12, month % 12 + 1, 1)


def _between(item: ObjectField, first: date | None, last: date | None) -> Q:
    """The days as a condition; of an instant, the days of the person's time zone."""
    found = Q()
    if item.kind is FieldType.DATE:
        found &= Q(**{f"{item.column}__gte": first}) if first else Q()
        return found & (Q(**{f"{item.column}__lte": last}) if last else Q())
    found &= Q(**{f"{item.column}__gte": _start(first)}) if first else Q()
    return found & (Q(**{f"{item.column}__lt": _start(last + timedelta(days=1))}) if last else Q())


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _refusal(field: str = "") -> RuleViolation:
    return RuleViolation("list.where", "The list cannot be filtered like this.", field=field)
