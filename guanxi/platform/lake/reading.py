"""Reading the lake: Ibis tables over its Parquet files, narrowed to what a reader may see."""

import ibis
import pyarrow
from django.conf import settings
from django.db import models
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from guanxi.platform.access.grant import Grant
from guanxi.platform.lake.dataset import Dataset
from guanxi.platform.lake.refresh import part_files


def open_engine(*, memory_limit: str = "6GB") -> Backend:
    """A DuckDB engine of this process; it never downloads an extension."""
    spill = settings.LAKE_FOLDER / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    return ibis.duckdb.connect(
        autoinstall_known_extensions=False,
        memory_limit=memory_limit,
        temp_directory=str(spill),
        preserve_insertion_order=False,
    )


def open_table(engine: Backend, dataset: Dataset, *, permission: Grant[models.Model] | None) -> Table:
    """The dataset as an Ibis table.

    With a permission, only rows of accounts that it reaches: the rule is evaluated live in PostgreSQL, nothing that
    the lake stores decides. `None` is for work of the system alone.
    """
    files = [str(path) for path in part_files(dataset)]
    table = engine.read_parquet(files, hive_partitioning=False) if files else _empty(engine, dataset)
    if permission is None:
        return table
    ids = list(permission.queryset().values_list("pk", flat=True))
    visible = engine.create_table(
        f"visible_{dataset.key}",
        pyarrow.table({"visible_id": pyarrow.array(ids, pyarrow.int64())}),
        temp=True,
    )
    return table.semi_join(visible, table[dataset.account_column] == visible.visible_id)


ARROW_TYPES = {
    "bigint": pyarrow.int64(),
    "integer": pyarrow.int32(),
    "text": pyarrow.string(),
    "double precision": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "timestamptz": pyarrow.timestamp("us", tz="UTC"),
}


def arrow_schema(dataset: Dataset) -> pyarrow.Schema:
    """The Arrow schema of a dataset's rows."""
    return pyarrow.schema([pyarrow.field(column.name, ARROW_TYPES[column.type]) for column in dataset.columns])


def _empty(engine: Backend, dataset: Dataset) -> Table:
    return engine.create_table(f"empty_{dataset.key}", arrow_schema(dataset).empty_table(), temp=True)
