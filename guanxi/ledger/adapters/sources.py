"""What every other system looks like to a pull: columns, blocks of rows from a place on, and all of its keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from guanxi.ledger.analyses.places import Place
from guanxi.platform.transfer.cells import Cell

BLOCK_ROWS = 2_000
SAMPLE_ROWS = 20
SourceRow = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows, and the names of all columns in their order."""

    columns: tuple[str, ...]
    rows: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """Some rows, and how far the run is when they are taken; None when a later run could not begin there."""

    rows: tuple[SourceRow, ...]
    place: Place | None


class Source(Protocol):
    """One pull's view of the other system; a context manager. Everything raises ExternalFailure and RuleViolation."""

    def __enter__(self) -> "Source":
        """Connect."""

    def __exit__(self, *details: object) -> None:
        """Disconnect."""

    def sample(self) -> Sample:
        """The first rows."""

    def blocks(self, start: Place) -> Iterator[SourceBlock]:
        """All rows from a place on."""

    def all_keys(self) -> Iterator[Sequence[str]]:
        """The keys of all rows that there are, in blocks."""

    def tables(self) -> Sequence[str]:
        """The tables and views that could be pulled; none where nobody can tell."""
