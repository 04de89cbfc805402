"""Restraints: records that must be kept whatever rule or request would destroy them, and records that must not be used.

A higher capability says which they are; whoever destroys records asks for holds, whoever plans contacts, campaigns or
the like asks for restraints. Neither names the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_noop as _

from guanxi.kernel.errors import Conflict
from guanxi.platform.access.guard import GuardedQuerySet


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a record must be kept: who said so and to which day; that day is for looking again, nothing ends by it."""

    by: str
    until_on: date


Held = Callable[[str, Sequence[int]], Mapping[int, Hold]]
Restrained = Callable[[str], models.QuerySet[Any, Any]]
ModelType = TypeVar("ModelType", bound=models.Model)
HELD_SENTENCE = _(
    "%(by)s placed a legal hold on this until %(until)s. While it is held, nothing of it is erased or deleted; ask "
    "%(by)s to release it."
)
_holds: list[Held] = []
_restraints: list[Restrained] = []


def register_holds(held: Held) -> None:
    """Let a room say which of some records must be kept: their holds by id, in a fixed number of queries."""
    _holds.append(held)


def register_restraint(restrained: Restrained) -> None:
    """Let a room say which records of an object must not be used: a query of their ids, one column."""
    _restraints.append(restrained)


def holds_on(object_key: str, ids: Sequence[int]) -> Mapping[int, Hold]:
    """Those of the records that must be kept, whoever asks, with one hold each."""
    found: dict[int, Hold] = {}
    for held in _holds if ids else ():
        found = {**held(object_key, ids), **found}
    return found


def require_unheld(object_key: str, ids: Sequence[int]) -> None:
    """None of the records is held. Raises: Conflict("record.held") telling who placed the hold."""
    for hold in holds_on(object_key, ids).values():
        raise Conflict("record.held", HELD_SENTENCE, by=hold.by, until=hold.until_on.isoformat())


def restrained_ids(object_key: str) -> frozenset[int]:
    """The records of an object that nobody may be led to use: no queue, no campaign, no message of the house."""
    return frozenset(pk for restrained in _restraints for pk in restrained(object_key))


def unrestrained(
    rows: GuardedQuerySet[ModelType], object_key: str, *, column: str = "pk"
) -> GuardedQuerySet[ModelType]:
    """The rows without those whose column names a record that must not be used; no query more."""
    for restrained in _restraints:
        rows = rows.exclude(**{f"{column}__in": restrained(object_key)})
    return rows
