"""When two sources disagree on a value. Pure functions over what was written, by whom and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guanxi.stewardship.choices import ValueSource

BACK_AND_FORTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who or what wrote a value: `name` tells two of a kind apart, such as two connectors."""

    kind: ValueSource
    name: str = ""

    @property
    def is_person(self) -> bool:
        """Whether somebody typed it."""
        return self.kind is ValueSource.PERSON

    def is_other_than(self, other: "Origin") -> bool:
        """Whether the two are different sources; people together are one."""
        return not (self.is_person and other.is_person) and self != other


@dataclass(frozen=True, slots=True)
class Written:
    """One value that was written into a field.

    `is_undo` is true where a change was taken back by it, `is_decided` where a person took what a source proposed.
    """

    value: object
    origin: Origin
    at: datetime
    is_undo: bool = False
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two values of one field: the one that a person said, or that stood before, and the one against it."""

    first: Written
    second: Written


def disagreement(written: Sequence[Written]) -> Disagreement | None:
    """Whether sources disagree on a field, by all that was written into it, the oldest first; None when they do not.

    Steps: 1 what was taken back was never said; 2 a program wrote over what a person had typed, or taken from a source,
    and nobody did so since; 3 or two sources changed the value back and forth within 30 days. A person who corrects
    what a program wrote, once, is no disagreement; nor is a value that was empty.
    """
    told = [item for item in _without_undone(written) if item.value not in (None, "")]
    if len(told) < 2:
        return None
    return _typed_over(told) or _back_and_forth(told)


def _without_undone(written: Sequence[Written]) -> list[Written]:
    kept: list[Written] = []
    for item in written:
        if item.is_undo:
            while kept and kept[-1].value != item.value:
                kept.pop()
        if not kept or kept[-1].value != item.value:
            kept.append(item)
    return kept


def _typed_over(told: Sequence[Written]) -> Disagreement | None:
    last = told[-1]
    if last.origin.is_person or last.is_decided:
        return None
    typed = next((item for item in reversed(told) if item.origin.is_person or item.is_decided), None)
    return Disagreement(typed, last) if typed is not None and typed.value != last.value else None


def _back_and_forth(told: Sequence[Written]) -> Disagreement | None:
    for before, between, after in zip(told[-3::-1], told[-2::-1], told[::-1], strict=False):
        is_back = before.value == after.value != between.value
        is_two = before.origin.is_other_than(between.origin) and not after.origin.is_other_than(before.origin)
        if is_back and is_two and after.at - before.at <= BACK_AND_FORTH:
            return Disagreement(after, between)
    return None


def origin_of(surface: str, action: str, name: str) -> Origin:
    """Who or what wrote, by the audit entry of the change: its surface, its verb, the name of the actor."""
    if surface == "connector" or action in ("pull", "pull_rows"):
        return Origin(ValueSource.CONNECTOR, name)
    if action in ("import", "undo_import", "load"):
        return Origin(ValueSource.IMPORT, name)
    if surface == "api":
        return Origin(ValueSource.API, name)
    if surface == "web":
        return Origin(ValueSource.PERSON, name)
    return Origin(ValueSource.SYSTEM, name)
