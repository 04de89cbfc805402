"""Facts that wait for their account, and their adoption when its key arrives."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import pyarrow
from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.ledger.adapters.files import RowBatch
from guanxi.ledger.commands.recording import captured_way, open_sieve, record_batch
from guanxi.ledger.models import WaitingFact
from guanxi.ledger.queries import adoptable_facts

ADOPTION_ROWS = 20_000


def adopt_waiting_facts(system: str, *, keys: Sequence[str] = (), actor: Actor) -> int:
    """Record the facts that waited for these keys of a system, all keys when none are named.

    Rows that would be refused now (their product is gone) keep waiting. Returns how many were recorded.
    """
    return _adopt(system, keys=keys, source="", actor=actor)


def adopt_arrived(source: str, *, actor: Actor) -> int:
    """Record what waits of a source although its key is known by now. Returns how many were recorded."""
    return _adopt("", keys=(), source=source, actor=actor)


def _adopt(system: str, *, keys: Sequence[str], source: str, actor: Actor) -> int:
    recorded, last_id = 0, 0
    while rows := adoptable_facts(system, keys=keys, source=source, after_id=last_id, limit=ADOPTION_ROWS):
        last_id = rows[-1].id
        ordered = sorted(rows, key=lambda row: row.source)
        for name, group in groupby(ordered, key=lambda row: row.source):
            recorded += _adopt_rows(name, [(row.id, row.row) for row in group], actor=actor)
    return recorded


def _adopt_rows(source: str, rows: Sequence[tuple[int, str]], *, actor: Actor) -> int:
    """Move some rows of one source into the ledger, in one transaction."""
    way = captured_way(source, actor=actor, action="adopt")
    table = pyarrow.table(
        {
            "line": pyarrow.array(range(1, len(rows) + 1), pyarrow.int64()),
            "row": pyarrow.array([row for _, row in rows], pyarrow.string()),
        }
    )
    with transaction.atomic(), open_sieve(way) as sieve:
        batch, outcome = record_batch(sieve, sieve.sift(RowBatch(table)), way=way, is_adoption=True)
        lines = set(sieve.settled_lines(batch))
        WaitingFact.objects.filter(pk__in=list(_ids_at(rows, lines))).delete()
    return outcome.ready


def _ids_at(rows: Sequence[tuple[int, str]], lines: set[int]) -> Iterator[int]:
    return (row_id for line, (row_id, _) in enumerate(rows, start=1) if line in lines)
