"""Keyset paging: a page begins after the last record of the page before, so records that come or go shift nothing.

A cursor holds what the last record had in the columns of the order. It is signed, for nobody but us makes one, and
bound to the question, for in another order it would mean nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core import signing
from django.db import models
from django.db.models import Q

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.prepared import Slot

SALT = "guanxi.api.cursor"


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One column of an order. Records without a value come last, or first when it is falling, as PostgreSQL does it."""

    column: str
    is_falling: bool = False
    is_nullable: bool = False

    @property
    def order(self) -> str:
        """The column as Django sorts by it."""
        return f"-{self.column}" if self.is_falling else self.column


@dataclass(frozen=True, slots=True)
class Position:
    """After which record to go on: its values in the columns of the order, the id last.

    `is_rest`: of an order by a contributed field, among those that have no value in it, by id alone.
    """

    values: tuple[Any, ...]
    is_rest: bool = False

    @property
    def nulls(self) -> tuple[bool, ...]:
        """Which of the values are missing: a missing one is compared in another way."""
        return tuple(value is None for value in self.values)

    @property
    def slots(self) -> dict[str, Any]:
        """The values by the names of their slots."""
        return {_slot(place): value for place, value in enumerate(self.values)}


def _slot(place: int) -> str:
    return f"after_{place}"


def after(keys: Sequence[OrderKey], nulls: Sequence[bool]) -> Q:
    """What comes after a position in an order, as a condition with a slot for each value.

    Steps: 1 bound the first column, so that an index can be entered there; 2 for each column: those before it equal,
    itself further on.
    """
    found = Q(pk__in=[])
    equal = Q()
    for place, (key, is_null) in enumerate(zip(keys, nulls, strict=True)):
        further = _further(key, place, is_null=is_null)
        if further is not None:
            found |= equal & further
        equal &= Q(**{f"{key.column}__isnull": True}) if is_null else Q(**{key.column: Slot(_slot(place))})
    first = keys[0]
    if first.is_nullable:
        return found
    return Q(**{f"{first.column}__{'lte' if first.is_falling else 'gte'}": Slot(_slot(0))}) & found


def _further(key: OrderKey, place: int, *, is_null: bool) -> Q | None:
    """What lies beyond a value in one column; None when nothing does."""
    if key.is_falling:
        return Q(**{f"{key.column}__isnull": False}) if is_null else Q(**{f"{key.column}__lt": Slot(_slot(place))})
    if is_null:
        return None
    beyond = Q(**{f"{key.column}__gt": Slot(_slot(place))})
    return beyond | Q(**{f"{key.column}__isnull": True}) if key.is_nullable else beyond


def write_cursor(position: Position, *, question: str) -> str:
    """The cursor of a position in the answer to a question."""
    values = [_plain(value) for value in position.values]
    return signing.dumps([_mark(question), int(position.is_rest), *values], salt=SALT, compress=True)


def read_cursor(text: str, *, question: str, columns: Sequence["models.Field[Any, Any]"]) -> Position:
    """The position of a cursor; `columns` are those of the order.

    Raises: RuleViolation("list.cursor") for what is no cursor of ours, or one of another question.
    """
    try:
        mark, is_rest, *values = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise _refusal() from error
    if mark != _mark(question):
        raise _refusal()
    if is_rest:
        return Position(tuple(values), is_rest=True)
    return Position(tuple(column.to_python(value) for column, value in zip(columns, values, strict=True)))


def _mark(question: str) -> str:
    return sha256(question.encode()).hexdigest()[:16]


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _refusal() -> RuleViolation:
    return RuleViolation("list.cursor", "This cursor belongs to another list; start again without one.")
