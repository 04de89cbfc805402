"""What an import has to know of an object beside its fields: further columns, and what follows from a block of rows.

An object whose rows are records and nothing more needs none of this: its usual verbs say what follows from the values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.records.models import Record


def _everybody(actor: Actor) -> bool:  # noqa: ARG001  # the shape of all such questions
    """Whoever may import may write it."""
    return True


@dataclass(frozen=True, slots=True)
class PartColumn:
    """A column that a file may have beside the object's fields: it goes into a part of the record, such as a contact.

    `names` are further words that head such columns, `longest` the most characters that it takes. It is offered to who
    may write it, as `may_write` says. `is_of_system` is true of the number by which another system, which the importer
    names, knows the record: rows can find their record by it. `read` is asked first what a text says and may know what
    the type does not, such as a birthday without its year; None leaves the text to the type, whose days must be whole.
    """

    key: str
    label: str | Promise
    kind: FieldType = FieldType.TEXT
    names: tuple[str, ...] = ()
    longest: int | None = None
    may_write: Callable[[Actor], bool] = _everybody
    is_of_system: bool = False
    read: Callable[[str], object | None] | None = None


@dataclass(frozen=True, slots=True)
class PartLine:
    """What one row says of the parts of a record that is written already; `system` is where the file comes from."""

    number: int
    record: Any
    parts: Mapping[str, object]
    system: str = ""


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A part that a row made: the row, the part's object, its id and version."""

    number: int
    object_key: str
    record_id: int
    version: int


def _nothing(record: Record) -> None:  # the shape of all preparations
    """Nothing follows from the values."""


def as_it_stands(values: dict[str, object]) -> None:  # the shape of all completions
    """The values of a row are taken as they stand."""


def _nobody(system: str, keys: Sequence[str]) -> Mapping[str, int]:  # noqa: ARG001  # the shape of all searches
    """No record is known to other systems."""
    return {}


def _all_well(parts: Mapping[str, object]) -> Mapping[str, str]:  # noqa: ARG001  # the shape of all checks
    """Nothing is wrong with the parts of a row."""
    return {}


def _no_parts(lines: Sequence[PartLine], actor: Actor) -> Sequence[WrittenPart]:  # noqa: ARG001  # the shape of all writers
    """There are no parts to write."""
    return ()


def _none_new(lines: Sequence[PartLine]) -> frozenset[int]:  # noqa: ARG001  # as above
    """No row names a part that is new."""
    return frozenset()


def _none_taken(versions: Mapping[str, Mapping[int, int]], actor: Actor) -> Mapping[str, set[int]]:  # noqa: ARG001  # as above
    """There are no parts to take back."""
    return {}


@dataclass(frozen=True, slots=True)
class Importing:
    """How rows of a file become records of an object.

    `prepare` works out what follows from a record's values before it is saved, `complete` what follows from the values
    of a row before it is judged, such as a name from its halves; `completed` are the fields that it fills. `names` are
    further words that head the column of a field, `known_by` the fields or parts by which a row finds its record, the
    best first; `of_system` finds the records by the numbers that another system has for them. `check_parts` says in
    words, by column, what is wrong with the parts of a row; `new_parts` which rows name parts that their records do not
    have; `write_parts` writes those of a block; `take_parts_back` puts them into the trash where they still have the
    version given by object and id, and says which went.
    """

    prepare: Callable[[Any], None] = _nothing
    complete: Callable[[dict[str, object]], None] = as_it_stands
    completed: tuple[str, ...] = ()
    of_system: Callable[[str, Sequence[str]], Mapping[str, int]] = _nobody
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known_by: tuple[str, ...] = ()
    parts: tuple[PartColumn, ...] = ()
    check_parts: Callable[[Mapping[str, object]], Mapping[str, str]] = _all_well
    new_parts: Callable[[Sequence[PartLine]], frozenset[int]] = _none_new
    write_parts: Callable[[Sequence[PartLine], Actor], Sequence[WrittenPart]] = _no_parts
    take_parts_back: Callable[[Mapping[str, Mapping[int, int]], Actor], Mapping[str, set[int]]] = _none_taken
