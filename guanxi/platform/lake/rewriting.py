"""Rewriting rows of the lake whose source was changed, which happens when a person is erased and never else.

Steps: 1 look into every listed file for the rows that are meant, 2 read those rows once as PostgreSQL has them now,
3 write each such file anew beside it, a file on each core, and flush it, 4 list it in place of the former one, 5 remove
what is not listed. A crash before 5 leaves files that nobody reads; doing it again removes them.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow
from django.conf import settings
from pyarrow import compute, parquet

from guanxi.platform.lake.arrow import read_arrow
from guanxi.platform.lake.dataset import Dataset
from guanxi.platform.lake.models import LakePart
from guanxi.platform.lake.refresh import flush_file, only_one

MOST_AT_ONCE = 10_000
DICTIONARIES = frozenset({"PLAIN_DICTIONARY", "RLE_DICTIONARY"})
MOST_FILES_AT_ONCE = min(os.cpu_count() or 1, 4)


def rewrite_rows(dataset: Dataset, meant: Mapping[str, Sequence[int]]) -> int:
    """Bring those rows to what PostgreSQL has now whose column (a key of `meant`) holds one of the ids.

    For datasets that are only added to; `meant` names columns of the dataset. Returns how many files were rewritten.
    """
    if not any(meant.values()):
        return 0
    with only_one(), ThreadPoolExecutor(MOST_FILES_AT_ONCE) as pool:
        parts = list(LakePart.objects.filter(dataset=dataset.key).order_by("pk"))
        found = pool.map(lambda part: _meant_ids(settings.LAKE_FOLDER / part.path, meant), parts)
        stale = {part: ids for part, ids in zip(parts, found, strict=True) if ids}
        now = _rows_of_now(dataset, [row_id for ids in stale.values() for row_id in ids])
        fresh = pool.map(lambda part: write_anew(settings.LAKE_FOLDER / part.path, stale[part], now), stale)
        for part, path in zip(stale, fresh, strict=True):
            part.path = str(path.relative_to(settings.LAKE_FOLDER))
            part.save(update_fields=["path"])
        _remove_unlisted(dataset)
    return len(stale)


def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"autoinstall_known_extensions": False, "preserve_insertion_order": False})


def _meant_ids(path: Path, meant: Mapping[str, Sequence[int]]) -> list[int]:
    """The ids of the rows of a file that are meant."""
    condition = " OR ".join(f'"{name}" IN (SELECT unnest($ids_{name}))' for name in meant)
    parameters = {f"ids_{name}": list(ids) for name, ids in meant.items()} | {"path": str(path)}
    sql = f"SELECT id FROM read_parquet($path, hive_partitioning=false) WHERE {condition}"  # noqa: S608  # declared names
    return [row[0] for row in _engine().execute(sql, parameters).fetchall()]


def write_anew(former: Path, ids: Sequence[int], now: pyarrow.Table | None) -> Path:
    """Write one file anew beside the former one, its stale rows as they are `now`. Returns where.

    Row group by row group; words that stand in a dictionary are carried over as their numbers in it.
    """
    path = former.with_name(f"part_{uuid4().hex}.parquet")
    words = _words_of_dictionaries(former)
    stale = pyarrow.array(ids, pyarrow.int64())
    with parquet.ParquetFile(former, read_dictionary=words) as file:
        schema = file.schema_arrow
        options = {"compression": "zstd", "compression_level": 1, "use_dictionary": words, "store_schema": False}
        with parquet.ParquetWriter(path, schema, **options) as target:
            for number in range(file.num_row_groups):
                rows = file.read_row_group(number, use_threads=False)
                target.write_table(rows.filter(compute.invert(compute.is_in(rows["id"], value_set=stale))))
            if now is not None:
                fresh = now.filter(compute.is_in(now["id"], value_set=stale))
                target.write_table(fresh.select(schema.names).cast(schema))
    flush_file(path)
    return path


def _words_of_dictionaries(path: Path) -> list[str]:
    """The columns of text whose words a file holds once each, with numbers in the rows."""
    told = parquet.read_metadata(path)
    columns = [told.row_group(0).column(place) for place in range(told.num_columns)]
    held = {column.path_in_schema for column in columns if DICTIONARIES.intersection(column.encodings)}
    schema = told.schema.to_arrow_schema()
    return [field.name for field in schema if field.name in held and pyarrow.types.is_string(field.type)]


def _rows_of_now(dataset: Dataset, ids: Sequence[int]) -> pyarrow.Table | None:
    """These rows as PostgreSQL has them; None for none."""
    blocks = [ids[start : start + MOST_AT_ONCE] for start in range(0, len(ids), MOST_AT_ONCE)]
    tables = [
        read_arrow(
            f"SELECT {dataset.select_sql()} FROM {dataset.table} "  # noqa: S608  # declared names, our numbers
            f"WHERE {dataset.key_column} IN ({', '.join(str(int(value)) for value in block)})"
        )
        for block in blocks
    ]
    return pyarrow.concat_tables(tables) if tables else None


def _remove_unlisted(dataset: Dataset) -> None:
    """Remove files of the dataset that are not listed."""
    listed = set(LakePart.objects.filter(dataset=dataset.key).values_list("path", flat=True))
    for path in (settings.LAKE_FOLDER / dataset.key).rglob("*.parquet"):
        if str(path.relative_to(settings.LAKE_FOLDER)) not in listed:
            path.unlink()
