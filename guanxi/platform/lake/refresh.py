"""Carrying new rows of a dataset into the lake.

The watermark is the transaction horizon: the number below which every transaction has ended. A row is carried over
once its transaction is below it, so a late commit is carried later but never lost; the greatest id would lose it.

Steps of an increment: 1 read the horizon, 2 stream the rows between watermark and horizon as Arrow, 3 write one
Parquet file per month into a folder of this increment, 4 flush the files to disk, 5 in one transaction list the files
and move the watermark. A crash before 5 leaves files that nobody reads; the next refresh removes them.
"""

import os
import shutil
from collections.abc import Iterator
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


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did."""

    dataset: str
    rows: int
    files: int
    was_rebuilt: bool


def refresh_dataset(dataset: Dataset, *, rebuild: bool = False) -> Refreshed:
    """Bring one dataset of the lake up to date; rebuild it when asked to or when the database is another one."""
    with _only_one():
        state = LakeState.objects.filter(pk=dataset.key).first()
        cluster = _cluster_identifier()
        if rebuild or state is None or state.cluster != cluster or _has_lost_files(dataset):
            return _rebuild(dataset, cluster=cluster)
        return _increment(dataset, state)


def part_files(dataset: Dataset) -> tuple[Path, ...]:
    """The complete Parquet files of a dataset, oldest month first."""
    paths = LakePart.objects.filter(dataset=dataset.key).order_by("month", "pk").values_list("path", flat=True)
    return tuple(settings.LAKE_FOLDER / path for path in paths)


def _increment(dataset: Dataset, state: LakeState) -> Refreshed:
    horizon = _horizon()
    condition = (
        f"{dataset.key_column} > {state.base_id} AND {dataset.transaction_column} >= {state.next_transaction} "
        f"AND {dataset.transaction_column} < {horizon}"
    )
    folder = _fresh_folder(dataset)
    parts = _write_parts(dataset, condition=condition, folder=folder)
    with transaction.atomic():
        LakePart.objects.bulk_create(parts)
        LakeState.objects.filter(pk=dataset.key).update(next_transaction=horizon, refreshed_at=timezone.now())
    return Refreshed(dataset.key, sum(part.row_count for part in parts), len(parts), was_rebuilt=False)


def _rebuild(dataset: Dataset, *, cluster: int) -> Refreshed:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {dataset.table} IN SHARE MODE")
        cursor.execute(f"SELECT coalesce(max({dataset.key_column}), 0) FROM {dataset.table}")  # noqa: S608  # declared name
        (base_id,) = cursor.fetchone() or (0,)
        horizon = _horizon()
    folder = _fresh_folder(dataset)
    parts = _write_parts(dataset, condition=f"{dataset.key_column} <= {base_id}", folder=folder)
    with transaction.atomic():
        LakePart.objects.filter(dataset=dataset.key).delete()
        LakePart.objects.bulk_create(parts)
        LakeState.objects.update_or_create(
            pk=dataset.key,
            defaults={
                "cluster": cluster,
                "base_id": base_id,
                "next_transaction": horizon,
                "refreshed_at": timezone.now(),
            },
        )
    _remove_leftovers(dataset)
    return Refreshed(dataset.key, sum(part.row_count for part in parts), len(parts), was_rebuilt=True)


def _write_parts(dataset: Dataset, *, condition: str, folder: Path) -> list[LakePart]:
    sql = f"SELECT {dataset.select_sql()} FROM {dataset.table} WHERE {condition}"  # noqa: S608  # declared names, our numbers
    with reading_arrow(sql) as rows:
        counts = _split_by_month(rows, day_column=dataset.day_column, folder=folder)
    return [_part(dataset, folder=folder, month=month, row_count=rows) for month, rows in counts]


def _split_by_month(rows: pyarrow.RecordBatchReader, *, day_column: str, folder: Path) -> list[tuple[str, int]]:
    """Write one file per month below `folder` and flush it. Returns (month, rows) pairs."""
    engine = duckdb.connect(config={"autoinstall_known_extensions": False, "preserve_insertion_order": False})
    engine.register("incoming", rows)
    engine.execute(
        f"COPY (SELECT *, strftime({day_column}, '%Y-%m') AS month FROM incoming) TO '{folder}' "  # noqa: S608  # declared name, our own folder
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (month), "
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
        _flush(path)
    return [(str(Path(name).relative_to(folder)), int(rows)) for name, rows in counted]


def _part(dataset: Dataset, *, folder: Path, month: str, row_count: int) -> LakePart:
    relative = (folder / month).relative_to(settings.LAKE_FOLDER)
    month_key = Path(month).parent.name.removeprefix("month=")
    return LakePart(dataset=dataset.key, month=month_key, path=str(relative), row_count=row_count)


def _fresh_folder(dataset: Dataset) -> Path:
    folder: Path = settings.LAKE_FOLDER / dataset.key / uuid4().hex
    folder.mkdir(parents=True)
    return folder


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _has_lost_files(dataset: Dataset) -> bool:
    return any(not path.exists() for path in part_files(dataset))


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
def _only_one() -> Iterator[None]:
    """One refresh at a time, however many processes ask for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
