"""Keeping the index: called by a capability in the same transaction as its change."""

from collections.abc import Iterable
from dataclasses import astuple, fields, replace
from itertools import islice

from django.db import connection

from guanxi.platform.search.entries import Described, IndexRow, index_row
from guanxi.platform.search.models import SearchEntry
from guanxi.platform.search.tokens import marked

BATCH = 2_000
COLUMNS = tuple(field.name for field in fields(IndexRow))


def index_records(object_key: str, records: Iterable[Described]) -> int:
    """Write or replace what records are found by. Returns how many were written."""
    written = 0
    batch: list[SearchEntry] = []
    for record in records:
        batch.append(SearchEntry(object_key=object_key, **dict(zip(COLUMNS, _values(object_key, record), strict=True))))
        if len(batch) == BATCH:
            written += _write(batch)
            batch = []
    return written + _write(batch)


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
                    copy.write_row(row)


def remove_records(object_key: str, record_ids: Iterable[int]) -> None:
    """Take records out of the index."""
    SearchEntry.objects.filter(object_key=object_key, record_id__in=list(record_ids)).delete()


def _values(object_key: str, record: Described) -> tuple[object, ...]:
    """The row of a record, by column."""
    row = index_row(record)
    return astuple(replace(row, tokens=marked(object_key, row.tokens)))


def _write(batch: list[SearchEntry]) -> int:
    changing = [name for name in COLUMNS if name != "record_id"]
    SearchEntry.objects.bulk_create(
        batch, update_conflicts=True, unique_fields=["object_key", "record_id"], update_fields=changing
    )
    return len(batch)
