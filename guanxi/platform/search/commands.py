"""Keeping the index: called by a capability in the same transaction as its change."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import islice

from django.db import connection, transaction

from guanxi.platform.access.prepared import Among
from guanxi.platform.search.entries import Described, IndexRow, index_row
from guanxi.platform.search.models import SearchEntry
from guanxi.platform.search.tokens import marked

BATCH = 2_000
FEW = 20
"""Up to so many entries are written by a plain statement."""
COLUMNS = tuple(field.name for field in fields(IndexRow))


def index_records(object_key: str, records: Iterable[Described]) -> int:
    """Write or replace what records are found by. Returns how many were written."""
    written = 0
    described = iter(records)
    while block := list(islice(described, BATCH)):
        rows = [(object_key, *_values(object_key, record)) for record in block]
        _replace(rows) if len(rows) > FEW else _write(rows)
        written += len(rows)
    return written


def copy_records(object_key: str, records: Iterable[Described]) -> None:
    """Write what many new records are found by, by COPY; they must not be in the index yet.

    A block is described before its COPY begins: what is read for it would wait for the COPY's end for ever.
    """
    copy_sql = f"COPY search_searchentry (object_key, {', '.join(COLUMNS)}) FROM STDIN"
    described = iter(records)
    with connection.cursor() as cursor:
        while block := [(object_key, *_values(object_key, record)) for record in islice(described, BATCH)]:
            with cursor.copy(copy_sql) as copy:
                for row in block:
                    copy.write_row(_as_copied(row))


def remove_records(object_key: str, record_ids: Iterable[int]) -> None:
    """Take records out of the index."""
    SearchEntry.objects.filter(Among("record_id", list(record_ids)), object_key=object_key).delete()


def _values(object_key: str, record: Described) -> tuple[object, ...]:
    """The row of a record, by column."""
    row = index_row(record)
    tokens = marked(object_key, row.tokens)
    return row.record_id, tokens, row.title, row.short, row.sound, row.initials


def _as_copied(row: tuple[object, ...]) -> tuple[object, ...]:
    """A row with its tokens as PostgreSQL writes an array; they hold no character that would need quotes."""
    object_key, record_id, tokens, *rest = row
    return object_key, record_id, f"{{{','.join(tokens)}}}", *rest  # type: ignore[arg-type]  # a list of words


def _write(rows: Sequence[tuple[object, ...]]) -> None:
    """Write or replace a few entries."""
    entries = [SearchEntry(**dict(zip(("object_key", *COLUMNS), row, strict=True))) for row in rows]
    changing = [name for name in COLUMNS if name != "record_id"]
    SearchEntry.objects.bulk_create(
        entries, update_conflicts=True, unique_fields=["object_key", "record_id"], update_fields=changing
    )


def _replace(rows: Sequence[tuple[object, ...]]) -> None:
    """Write or replace many entries: copied beside the index, then taken over with one statement."""
    names = ", ".join(("object_key", *COLUMNS))
    changing = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "record_id")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE fresh_entries ON COMMIT DROP AS SELECT {names} FROM search_searchentry WHERE false"  # noqa: S608  # our own columns
        )
        with cursor.copy(f"COPY fresh_entries ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(_as_copied(row))
        cursor.execute(
            f"INSERT INTO search_searchentry ({names}) SELECT {names} FROM fresh_entries "  # noqa: S608  # as above
            f"ON CONFLICT (object_key, record_id) DO UPDATE SET {changing}"
        )
        cursor.execute("DROP TABLE fresh_entries")
