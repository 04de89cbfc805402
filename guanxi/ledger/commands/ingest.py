"""Taking in facts: files, streams of NDJSON and rows of a program, all by one path.

Each batch is one transaction. A run that is killed has recorded whole batches; started again, it finds them
standing and goes on. While PostgreSQL records one batch, the next one is read and checked in a thread of its
own.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection

from guanxi.kernel.actor import Actor
from guanxi.ledger.adapters.files import Progress, RowBatch, gathered, json_line_batches, read_batches
from guanxi.ledger.adapters.rejects import ExplainedRow, RejectFile, explained
from guanxi.ledger.adapters.sieve import Outcome, Rejection, Sieve, SiftedBatch
from guanxi.ledger.commands.recording import Way, captured_way, open_sieve, record_batch
from guanxi.ledger.commands.waiting import adopt_arrived
from guanxi.ledger.rules import require_source

Report = Callable[[Iterable[Rejection]], None]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of the rows of one run.

    `read` = `recorded` + `repeated` (stood already) + `conflicts` (stood already with other content; the
    first was kept) + `waiting` (kept aside until their account is known) + `rejected`.
    """

    read: int
    recorded: int
    repeated: int
    conflicts: int
    waiting: int
    rejected: int


@dataclass(frozen=True, slots=True)
class FileIngested:
    """What became of a file's rows, and where those that were refused or in conflict are explained."""

    counts: Ingested
    rejects_path: Path | None


@dataclass(frozen=True, slots=True)
class RowsIngested:
    """What became of some rows, with an explanation of each that was refused or in conflict."""

    counts: Ingested
    problems: tuple[ExplainedRow, ...]


def ingest_file(
    path: Path, *, source: str, system: str = "", progress: Progress | None = None, actor: Actor
) -> FileIngested:
    """Take in a file of facts: CSV, NDJSON or Parquet, in any usual encoding.

    `source` names where the rows come from, `system` whose account keys they hold (the source's own by
    default). `progress(done, total)` is told bytes. Refused rows go to `<file>.rejects.ndjson`.
    Raises: RuleViolation("source.…" | "file.…"), AccessDenied("access.denied" | "access.read_only").
    """
    require_source(source)
    way = replace(captured_way(source, actor=actor, system=system), reason=f"{source}: {path.name}"[:500])
    batches = read_batches(path, progress=progress or _no_progress)
    rejects = RejectFile(path)
    try:
        counts = _ingest(batches, way=way, report=rejects.write)
    finally:
        rejects_path = rejects.close()
    return FileIngested(counts, rejects_path)


def ingest_stream(stream: io.BufferedIOBase, *, source: str, system: str = "", actor: Actor) -> RowsIngested:
    """Take in a UTF-8 stream of NDJSON. Raises: as `ingest_file`."""
    require_source(source)
    problems: list[ExplainedRow] = []
    counts = _ingest(
        gathered(json_line_batches(stream)),
        way=captured_way(source, actor=actor, system=system),
        report=lambda rejections: problems.extend(map(explained, rejections)),
    )
    return RowsIngested(counts, tuple(problems))


def ingest_rows(rows: Sequence[Mapping[str, object]], *, source: str, system: str = "", actor: Actor) -> RowsIngested:
    """Take in rows of a program, each with the keys of the published schema. Raises: as `ingest_file`."""
    return ingest_stream(io.BytesIO(_json_lines(rows)), source=source, system=system, actor=actor)


def _json_lines(rows: Sequence[Mapping[str, object]]) -> bytes:
    """The rows as NDJSON; half a character, which UTF-8 does not know, is escaped, and refused with its row."""
    try:
        return "\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in rows).encode()
    except UnicodeEncodeError:
        return "\n".join(json.dumps(row, default=str) for row in rows).encode()


def _ingest(batches: Iterator[RowBatch], *, way: Way, report: Report) -> Ingested:
    counts = Ingested(0, 0, 0, 0, 0, 0)
    with open_sieve(way) as sieve:
        for batch in _sifted_ahead(sieve, batches):
            recorded, outcome = record_batch(sieve, batch, way=way)
            if outcome.rejected or outcome.conflicts:
                report(sieve.rejections(recorded))
            sieve.forget(recorded)
            counts = _added(counts, outcome, rows=recorded.rows)
    if counts.waiting or counts.repeated:
        adopt_arrived(way.occasion.source, actor=way.actor)
    return counts


def _sifted_ahead(sieve: Sieve, batches: Iterator[RowBatch]) -> Iterator[SiftedBatch]:
    """The batches, each sifted in another thread while the one before is recorded; the first in this one."""
    first = next(batches, None)
    if first is None:
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sieve") as executor:
        sifted: SiftedBatch | None = sieve.sift(first)
        try:
            while sifted is not None:
                ahead = executor.submit(_next_sifted, sieve, batches)
                yield sifted
                sifted = ahead.result()
        finally:
            executor.submit(_close_connection).result()


def _next_sifted(sieve: Sieve, batches: Iterator[RowBatch]) -> SiftedBatch | None:
    batch = next(batches, None)
    return None if batch is None else sieve.sift(batch)


def _close_connection() -> None:
    """Give back the database connection of the thread this runs in."""
    connection.close()


def _added(counts: Ingested, outcome: Outcome, *, rows: int) -> Ingested:
    return Ingested(
        counts.read + rows,
        counts.recorded + outcome.ready,
        counts.repeated + outcome.repeated,
        counts.conflicts + outcome.conflicts,
        counts.waiting + outcome.waiting,
        counts.rejected + outcome.rejected,
    )


def _no_progress(done: int, total: int) -> None:
    """Nobody watches."""
