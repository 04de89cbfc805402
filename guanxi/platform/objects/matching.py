"""Conditions on one record at hand: the same as a list is filtered by, told without the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from guanxi.kernel.fields import TEXTS, FieldType
from guanxi.platform.encryption.cipher import compared
from guanxi.platform.objects.conditions import NUMBERS, Condition, Group, Operator, Where, days_of, number_of
from guanxi.platform.objects.fields import ObjectField

Values = Callable[[ObjectField], Any]


@dataclass(frozen=True, slots=True)
class Facing:
    """What conditions are held against: the fields by key, what the record holds in each, and the day."""

    fields: Mapping[str, ObjectField]
    value_of: Values
    today: date


def holds(where: Where, facing: Facing) -> bool:
    """Whether a record meets conditions; one on a field that is no more is not met.

    Raises: RuleViolation("list.where") for a value of another type.
    """
    if isinstance(where, Group):
        found = (holds(part, facing) for part in where.parts)
        return any(found) if where.is_any else all(found)
    item = facing.fields.get(where.field)
    return item is not None and _single(item, where, facing)


def _single(item: ObjectField, condition: Condition, facing: Facing) -> bool:
    value = facing.value_of(item)
    is_filled = value not in (None, "", [])
    match condition.operator:
        case Operator.EMPTY:
            return not is_filled
        case Operator.FILLED:
            return is_filled
        case Operator.IS_NOT:
            return not (is_filled and _is_met(item, value, condition, facing.today))
        case _:
            return is_filled and _is_met(item, value, condition, facing.today)


def _is_met(item: ObjectField, value: Any, condition: Condition, today: date) -> bool:
    if item.kind is FieldType.MULTI_CHOICE:
        return not set(value).isdisjoint(condition.values)
    if item.kind is FieldType.BOOLEAN:
        return bool(value) == (condition.values[0] == "yes")
    if item.is_sealed:
        return compared(str(value)) in {compared(wanted) for wanted in condition.values}
    if item.kind in TEXTS:
        return _is_met_by_text(str(value).lower(), condition)
    if item.kind in NUMBERS:
        return _is_met_by_number(item, value, condition)
    if item.kind in (FieldType.DATE, FieldType.DATETIME):
        return _is_met_by_day(item, value, condition, today)
    return str(value) in condition.values


def _is_met_by_text(text: str, condition: Condition) -> bool:
    wanted = condition.values[0].lower()
    match condition.operator:
        case Operator.CONTAINS:
            return wanted in text
        case Operator.STARTS:
            return text.startswith(wanted)
        case _:
            return text == wanted


def _is_met_by_number(item: ObjectField, value: Any, condition: Condition) -> bool:
    wanted = number_of(item, condition.values[0])
    match condition.operator:
        case Operator.AT_LEAST:
            return bool(value >= wanted)
        case Operator.AT_MOST:
            return bool(value <= wanted)
        case _:
            return bool(value == wanted)


def _is_met_by_day(item: ObjectField, value: date, condition: Condition, today: date) -> bool:
    first, last = days_of(item, condition, today=today)
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return (first is None or day >= first) and (last is None or day <= last)
