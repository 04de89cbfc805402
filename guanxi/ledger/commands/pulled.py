"""What both ways of taking pulled rows share: a row with its key, and what became of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

from django.utils import timezone

from guanxi.kernel.actor import Actor, Surface
from guanxi.ledger.adapters.sources import SourceRow
from guanxi.ledger.models import Connection, Pull, PulledRow
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.transfer.blocks import MISSING
from guanxi.platform.transfer.cells import Cell, Row
from guanxi.platform.transfer.faults import words_of
from guanxi.platform.transfer.mapping import Target
from guanxi.platform.transfer.models import Outcome
from guanxi.platform.transfer.rows import ALIKE, Problem

LONGEST_KEY = 100
NOT_GONE = frozenset({"", "0", "0.0", "f", "false", "n", "no", "off", "none", "null", "否", "无", "正常"})
ERASED = "erased:"


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """A row of the other system: its key, a hash of what is mapped of it, whether it says that it is gone."""

    key: str
    digest: str
    cells: SourceRow
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row; `reason` says why it was refused. `is_waiting` is for facts of customers not yet known."""

    key: str
    outcome: Outcome
    record_id: int | None = None
    source_id: str = ""
    revision: int = 0
    reason: str = ""
    is_waiting: bool = False


class Taker(Protocol):
    """Takes the rows of one pull, within the caller's transaction."""

    def take(self, rows: Sequence[KeyedRow], known: Mapping[str, PulledRow]) -> Sequence[Taken]:
        """Write rows; those that were taken before are `known` by their key."""

    def remove(self, rows: Sequence[PulledRow]) -> Sequence[Taken]:
        """Mark what came from rows that are gone; nothing is erased."""


def connector(connection: Connection) -> Actor:
    """Who acts in a pull: the system, in the name of the connection."""
    return system_actor(connection.name, surface=Surface.CONNECTOR)


def mapping_of_pull(pull: Pull) -> dict[str, str]:
    """The field that each column goes into."""
    return {str(column): str(field) for column, field in pull.mapping}


def keyed_rows(pull: Pull, rows: Iterable[SourceRow]) -> list[KeyedRow]:
    """Rows with their keys, the last one of each; rows without a key are nobody's and left out."""
    mapped = sorted(mapping_of_pull(pull))
    found: dict[str, KeyedRow] = {}
    for row in rows:
        key = row.get(pull.key_column)
        if key in (None, ""):
            continue
        is_gone = bool(pull.deleted_column) and says_gone(row.get(pull.deleted_column))
        values = [[name, None if row.get(name) is None else str(row.get(name))] for name in mapped]
        text = json.dumps([values, is_gone, sorted(pull.mapping)], ensure_ascii=False)
        digest = blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
        found.pop(str(key), None)
        found[str(key)] = KeyedRow(str(key), digest, row, is_gone)
    return list(found.values())


def says_gone(cell: Cell) -> bool:
    """Whether a column that marks what is gone does so: yes, 1, or the day on which it went."""
    return cell is not None and cell is not False and str(cell).strip().casefold() not in NOT_GONE


def erased_key(key: str) -> str:
    """The hash under which a key is kept whose customer was erased."""
    return ERASED + blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()


def row_of(row: KeyedRow, columns: Sequence[str], *, number: int) -> Row:
    """The row as an import reads it; moments with a zone become those of the company."""
    return Row(number, tuple(_local(row.cells.get(name)) for name in columns))


def reason_of(problems: Iterable[Problem], columns: Sequence[str], targets: Mapping[str, Target]) -> str:
    """What is wrong with a row, in words: the field, what, and the words that stand there."""
    told = []
    for problem in problems:
        if problem.is_doubt:
            continue
        key = columns[problem.column] if problem.column >= 0 else ""
        name = str(targets[key].label) if key in targets else ""
        words = words_of(problem.code, problem.text)
        if problem.code == MISSING and problem.text:
            told.append(f"{problem.text}: {words}")
            continue
        shown = f" ({problem.text[:60]})" if problem.text not in ("", words) and problem.code != ALIKE else ""
        told.append(f"{name}: {words}{shown}" if name else f"{words}{shown}")
    return "; ".join(told)


def _local(cell: Cell) -> Cell:
    return timezone.localtime(cell) if isinstance(cell, datetime) and cell.tzinfo is not None else cell
