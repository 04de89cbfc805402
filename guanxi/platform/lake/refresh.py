"""Carrying new rows of a dataset into the lake.

The watermark is the transaction horizon: the number below which every transaction has ended. A row is carried over
once its transaction is below it, so a late commit is carried later but never lost; the greatest id would lose it.

Steps of an increment: 1 read the horizon, 2 stream the rows between watermark and horizon as Arrow, 3 write one
Parquet file per month into a folder of this increment, 4 flush the files to disk, 5 in one transaction list the files
and move the watermark. A crash before 5 leaves files that nobody reads; the next refresh removes them.

Of a table whose rows change, the rows that changed are carried over whole, once more: whoever reads takes the newest of
each. When there are many such increments, or when other columns are declared, the dataset is written anew.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from guanxi.platform.lake.arrow import reading_arrow
from guanxi.platform.lake.dataset import Dataset
from guanxi.platform.lake.models import LakePart, LakeState

ADVISORY_LOCK = 7_203_110
MOST_INCREMENTS = 48
WRAP = 2**32


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did."""

    dataset: str
    rows: int
    files: int
    was_rebuilt: bool


def refresh_dataset(dataset: Dataset, *, rebuild: bool = False) -> Refreshed:
    """Bring one dataset of the lake up to date; rebuild it when asked to or when the database is another one."""
    with only_one():
        state = LakeState.objects.filter(pk=dataset.key).first()
        cluster = _cluster_identifier()
        if rebuild or state is None or state.cluster != cluster or _is_outworn(dataset, state):
            return _rebuild(dataset, cluster=cluster)
        return _increment(dataset, state)


def part_files(dataset: Dataset) -> tuple[Path, ...]:
    """The complete Parquet files of a dataset, oldest month first."""
    paths = LakePart.objects.filter(dataset=dataset.key).order_by("month", "pk").values_list("path", flat=True)
    return tuple(settings.LAKE_FOLDER / path for path in paths)


def _increment(dataset: Dataset, state: LakeState) -> Refreshed:
    horizon = _horizon()
    written = _transaction_sql(dataset, horizon)
    condition = f"{written} >= {state.next_transaction} AND {written} < {horizon}"
    if not dataset.is_changing:
        condition = f"{dataset.key_column} > {state.base_id} AND {condition}"
    folder = _fresh_folder(dataset)
    parts = _write_parts(dataset, condition=condition, folder=folder)
    if not parts:
        shutil.rmtree(folder)
    with transaction.atomic():
        LakePart.objects.bulk_create(parts)
        LakeState.objects.filter(pk=dataset.key).update(next_transaction=horizon, refreshed_at=timezone.now())
    return Refreshed(dataset.key, sum(part.row_count for part in parts), len(parts), was_rebuilt=False)


def _transaction_sql(dataset: Dataset, horizon: int) -> str:
    """The number of the transaction that wrote a row; of rows that change, told by PostgreSQL.

    PostgreSQL keeps 32 bits of it: those above are the horizon's, or one less for what lies before the last wrap. A row
    that is told wrongly, because nobody touched it for two thousand million transactions, is carried over once more.
    """
    if not dataset.is_changing:
        return dataset.transaction_column
    number = f"(xmin::text::bigint + {horizon // WRAP * WRAP})"
    return f"({number} - CASE WHEN {number} > {horizon + WRAP // 2} THEN {WRAP} ELSE 0 END)"


def _rebuild(dataset: Dataset, *, cluster: int) -> Refreshed:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {dataset.table} IN SHARE MODE")
        cursor.execute(f"SELECT coalesce(max({dataset.key_column}), 0) FROM {dataset.table}")  # noqa: S608  # declared name
        (base_id,) = cursor.fetchone() or (0,)
        horizon = _horizon()
    folder = _fresh_folder(dataset)
    condition = "true" if dataset.is_changing else f"{dataset.key_column} <= {base_id}"
    parts = _write_parts(dataset, condition=condition, folder=folder)
    with transaction.atomic():
        LakePart.objects.filter(dataset=dataset.key).delete()
        LakePart.objects.bulk_create(parts)
        LakeState.objects.update_or_create(
            pk=dataset.key,
            defaults={
                "cluster": cluster,
                "base_id": base_id,
                "next_transaction": horizon,
                "declared": dataset.select_sql(),
                "refreshed_at": timezone.now(),
            },
        )
    _remove_leftovers(dataset)
    return Refreshed(dataset.key, sum(part.row_count for part in parts), len(parts), was_rebuilt=True)


def _write_parts(dataset: Dataset, *, condition: str, folder: Path) -> list[LakePart]:
    within = f"({dataset.within}) AND " if dataset.within else ""
    sql = f"SELECT {dataset.select_sql()} FROM {dataset.table} WHERE {within}{condition}"  # noqa: S608  # declared names, our numbers
    with reading_arrow(sql) as rows:
        counts = _written(rows, day_column=dataset.day_column, folder=folder)
    return [_part(dataset, folder=folder, month=month, row_count=rows) for month, rows in counts]


def _written(rows: pyarrow.RecordBatchReader, *, day_column: str, folder: Path) -> list[tuple[str, int]]:
    """Write one file per month below `folder`, or one in all, and flush it. Returns (file, rows) pairs."""
    engine = duckdb.connect(config={"autoinstall_known_extensions": False, "preserve_insertion_order": False})
    engine.register("incoming", rows)
    month = f"strftime({day_column}, '%Y-%m')" if day_column else "''"
    engine.execute(
        f"COPY (SELECT *, {month} AS lake_month FROM incoming) TO '{folder}' "  # noqa: S608  # declared name, our own folder
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (lake_month), "
        "FILENAME_PATTERN 'part_{i}', OVERWRITE_OR_IGNORE)"
    )
    written = sorted(folder.rglob("*.parquet"))
    if not written:
        return []
    counted = engine.execute(
        "SELECT file_name, sum(num_rows)::BIGINT FROM (SELECT DISTINCT file_name, row_group_id, row_group_num_rows "
        "AS num_rows FROM parquet_metadata(?)) GROUP BY file_name ORDER BY file_name",
        [[str(path) for path in written]],
    ).fetchall()
    for path in written:
        flush_file(path)
    return [(str(Path(name).relative_to(folder)), int(rows)) for name, rows in counted]


def _part(dataset: Dataset, *, folder: Path, month: str, row_count: int) -> LakePart:
    relative = (folder / month).relative_to(settings.LAKE_FOLDER)
    month_key = Path(month).parent.name.removeprefix("lake_month=")
    return LakePart(dataset=dataset.key, month=month_key, path=str(relative), row_count=row_count)


def _fresh_folder(dataset: Dataset) -> Path:
    folder: Path = settings.LAKE_FOLDER / dataset.key / uuid4().hex
    folder.mkdir(parents=True)
    return folder


def flush_file(path: Path) -> None:
    """Have a file's content written to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_outworn(dataset: Dataset, state: LakeState) -> bool:
    """Whether what was written cannot be added to: other columns, lost files, very many small ones."""
    files = part_files(dataset)
    is_cut_up = dataset.is_changing and len(files) > MOST_INCREMENTS
    return state.declared != dataset.select_sql() or is_cut_up or any(not path.exists() for path in files)


def forget_others(keys: Collection[str]) -> None:
    """Remove from the lake what none of these datasets holds, as that of an object that was taken out of sight."""
    with only_one():
        for key in LakeState.objects.exclude(pk__in=keys).values_list("pk", flat=True):
            with transaction.atomic():
                LakePart.objects.filter(dataset=key).delete()
                LakeState.objects.filter(pk=key).delete()
            shutil.rmtree(settings.LAKE_FOLDER / key, ignore_errors=True)


def rebuild_later(key: str) -> None:
    """Have a dataset written anew with the next refresh: some of its rows are deleted for good."""
    LakeState.objects.filter(pk=key).update(declared="")


def _remove_leftovers(dataset: Dataset) -> None:
    """Remove folders of this dataset that hold no listed file."""
    listed = {path.parents[1] for path in part_files(dataset)}
    for folder in (settings.LAKE_FOLDER / dataset.key).iterdir():
        if folder not in listed:
            shutil.rmtree(folder)


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (horizon,) = cursor.fetchone() or (0,)
    return int(horizon)


def _cluster_identifier() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        (identifier,) = cursor.fetchone() or (0,)
    return int(identifier)


@contextmanager
def only_one() -> Iterator[None]:
    """One refresh at a time, however many processes ask for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
