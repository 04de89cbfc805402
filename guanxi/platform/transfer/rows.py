"""Rows of a file as values of fields: each cell read by the type of the field that its column goes into."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import override

from guanxi.kernel.errors import AccessDenied
from guanxi.kernel.fields import FieldType
from guanxi.platform.objects.fields import is_person
from guanxi.platform.objects.importing import as_it_stands
from guanxi.platform.objects.spec import View
from guanxi.platform.transfer.mapping import LANGUAGES, Columns, Target
from guanxi.platform.transfer.reading import Cell, Row
from guanxi.platform.transfer.values import Problem as Fault
from guanxi.platform.transfer.values import Reading, Repair, choice_words, read_cell

CHOSEN = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})
TOO_LONG, RAGGED, DAMAGED = "too_long", "ragged", "damaged"
ALIKE = "alike"
"""A row that looks like a record that is there, or like an earlier row; its words are the packed hit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a cell: its column (-1 = the whole row), what, the words that stand there, whether it is only a
    doubt about what was read."""

    column: int
    code: str
    text: str = ""
    is_doubt: bool = False


@dataclass(slots=True)
class ReadRow:
    """One row: the values by the key of field or part, and what is wrong with it. An empty cell is no value."""

    number: int
    values: dict[str, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_faulty(self) -> bool:
        """Whether the row cannot be written."""
        return any(not problem.is_doubt for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file that goes somewhere: its number, the target, the choices by each of their words, the words
    that are read as others."""

    number: int
    target: Target
    choices: Mapping[str, str]
    replaced: Mapping[str, str]
    longest: int | None

    @property
    def kind(self) -> FieldType:
        """The type by which cells are read: what can be chosen as a choice, the name of another record as a text."""
        if self.choices and self.target.kind is not FieldType.MULTI_CHOICE:
            return FieldType.CHOICE
        return FieldType.TEXT if self.target.kind is FieldType.LINK else self.target.kind


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one file. `edits` are cells corrected by hand, by (row, column); `complete` works out values of
    a row from its others."""

    columns: Sequence[Column]
    width: int
    day_first: bool
    edits: Mapping[tuple[int, int], str]
    complete: Callable[[dict[str, object]], None] = as_it_stands

    def read(self, rows: Iterable[Row]) -> Iterator[ReadRow]:
        """Each row with its values and problems."""
        for row in rows:
            found = ReadRow(row.number)
            if row.is_damaged:
                found.problems.append(Problem(-1, DAMAGED, is_doubt=True))
            if len(row.cells) > self.width:
                found.problems.append(Problem(-1, RAGGED, str(len(row.cells)), is_doubt=True))
            for column in self.columns:
                self._read_cell(found, column, self._cell(row, column))
            self.complete(found.values)
            yield found

    def _cell(self, row: Row, column: Column) -> Cell:
        if self.edits and (row.number, column.number) in self.edits:
            return self.edits[row.number, column.number]
        cell = row.cells[column.number] if column.number < len(row.cells) else None
        return column.replaced.get(str(cell).strip(), cell) if column.replaced and cell is not None else cell

    def _read_cell(self, found: ReadRow, column: Column, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        target = column.target
        own = target.read(cell) if target.read is not None and isinstance(cell, str) else None
        if own is not None:
            found.values[target.key] = own
            return
        reading = read_cell(cell, column.kind, choices=column.choices or None, locale_day_first=self.day_first)
        if reading.repair == Repair.PARTIAL_DATE and target.read is not None:
            reading = Reading(None, "", Fault.NOT_A_DATE)
        if reading.problem or reading.repair:
            code, is_doubt = reading.problem or reading.repair, not reading.problem
            found.problems.append(Problem(column.number, code, str(cell), is_doubt=is_doubt))
        value = reading.value
        if value in (None, ""):
            return
        if column.longest is not None and isinstance(value, str) and len(value) > column.longest:
            found.problems.append(Problem(column.number, TOO_LONG, str(cell)))
        else:
            found.values[target.key] = value


def reader_of(
    targets: Sequence[Target],
    meant: Columns,
    *,
    width: int,
    replaced: Mapping[str, Mapping[str, str]],
    edits: Mapping[tuple[int, int], str],
    complete: Callable[[dict[str, object]], None],
    view: View,
) -> Reader:
    """The reader of a file whose columns go into these fields. Raises: AccessDenied("import.field")."""
    known = {target.key: target for target in targets}
    if not set(meant.mapping.values()) <= set(known):
        raise AccessDenied("import.field", "A column goes into a field that you may not write. Choose its field anew.")
    columns = [
        Column(
            number=number,
            target=known[key],
            choices=_choices(known[key], view),
            replaced=replaced.get(key, {}),
            longest=known[key].longest,
        )
        for number, key in sorted(meant.mapping.items())
    ]
    return Reader(columns, width, meant.day_first, edits, complete)


def _choices(target: Target, view: View) -> Mapping[str, str]:
    """The keys of what can be chosen, by key and by label in all languages."""
    item = target.item
    offered: Callable[[View], Sequence[tuple[str, object]]] | None = item.offered if item is not None else None
    if (
        item is None
        or offered is None
        or is_person(item)
        or target.kind not in {*CHOSEN, FieldType.INTEGER, FieldType.LINK}
    ):
        return {}
    labels: dict[str, list[str]] = {}
    for language in LANGUAGES:
        with override(language):
            for key, label in offered(view):
                labels.setdefault(str(key), []).append(str(label))
    return choice_words(labels.items())
