"""Keeping the index: called by a capability in the same transaction as its change."""

from collections.abc import Iterable

from django.db import connection

from guanxi.platform.search.models import SearchEntry

BATCH = 2_000


def index_records(object_key: str, entries: Iterable[tuple[int, list[str]]]) -> int:
    """Write or replace the tokens of records, (record id, tokens) each. Returns how many were written."""
    written = 0
    batch: list[SearchEntry] = []
    for record_id, tokens in entries:
        batch.append(SearchEntry(object_key=object_key, record_id=record_id, tokens=tokens))
        if len(batch) == BATCH:
            written += _write(batch)
            batch = []
    return written + _write(batch)


def copy_entries(object_key: str, entries: Iterable[tuple[int, list[str]]]) -> None:
    """Write the tokens of many new records by COPY; the records must not be in the index yet."""
    with connection.cursor() as cursor:
        copy_sql = "COPY search_searchentry (object_key, record_id, tokens) FROM STDIN"
        with cursor.copy(copy_sql) as copy:
            for record_id, tokens in entries:
                copy.write_row((object_key, record_id, tokens))


def remove_records(object_key: str, record_ids: Iterable[int]) -> None:
    """Take records out of the index."""
    SearchEntry.objects.filter(object_key=object_key, record_id__in=list(record_ids)).delete()


def _write(batch: list[SearchEntry]) -> int:
    SearchEntry.objects.bulk_create(
        batch, update_conflicts=True, unique_fields=["object_key", "record_id"], update_fields=["tokens"]
    )
    return len(batch)
