"""Reading the lake: Ibis tables over its Parquet files, narrowed to what a reader may see."""

from collections.abc import Sequence
from uuid import uuid4

import ibis
import pyarrow
from django.conf import settings
from django.db import models
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from guanxi.platform.access.grant import Grant
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.lake.dataset import Dataset, DatasetColumn
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

    With a permission, only the columns that it may read whole, and only rows of records that it reaches: the rules are
    evaluated now, nothing that the lake stores decides. `None` is for work of the system alone.
    """
    files = [str(path) for path in part_files(dataset)]
    table = _declared(engine, dataset, files) if files else _empty(engine, dataset)
    if dataset.is_changing:
        table = _newest(table, dataset)
    if permission is None:
        return table
    hidden = [column.name for column in dataset.columns if not _is_readable(column, permission)]
    table = table.drop(*hidden) if hidden else table
    rows = permission.queryset()
    if dataset.is_changing and hasattr(permission.model, "trashed_at"):
        rows = rows.filter(trashed_at__isnull=True)
    ids = list(rows.order_by().values_list("pk", flat=True))
    visible = engine.create_table(
        f"visible_{dataset.key}_{uuid4().hex}",
        pyarrow.table({"visible_id": pyarrow.array(ids, pyarrow.int64())}),
        temp=True,
    )
    return table.semi_join(visible, table[dataset.account_column] == visible.visible_id)


def _is_readable(column: DatasetColumn, permission: Grant[models.Model]) -> bool:
    """Whether the reader may read a column whole."""
    if column.field:
        return permission.field_access(column.field) >= FieldAccess.READ
    return permission.class_access(column.sensitivity) >= FieldAccess.READ


def _declared(engine: Backend, dataset: Dataset, files: Sequence[str]) -> Table:
    """The files with the columns that are declared now: what they lack is empty, what they have beyond is left out."""
    table = engine.read_parquet(files, hive_partitioning=False, union_by_name=True)
    known = set(table.columns)
    types = ibis.Schema.from_pyarrow(arrow_schema(dataset))
    return table.select(
        **{
            column.name: table[column.name] if column.name in known else ibis.null(types[column.name])
            for column in dataset.columns
        }
    )


def _newest(table: Table, dataset: Dataset) -> Table:
    """Of several copies of a row the one that was written last."""
    copies = ibis.window(group_by=table[dataset.key_column], order_by=table[dataset.version_column].desc())
    return table.mutate(copy=ibis.row_number().over(copies)).filter(ibis._.copy == 0).drop("copy")


ARROW_TYPES = {
    "bigint": pyarrow.int64(),
    "integer": pyarrow.int32(),
    "text": pyarrow.string(),
    "text[]": pyarrow.list_(pyarrow.string()),
    "double precision": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "timestamptz": pyarrow.timestamp("us", tz="UTC"),
}


def arrow_schema(dataset: Dataset) -> pyarrow.Schema:
    """The Arrow schema of a dataset's rows."""
    return pyarrow.schema([pyarrow.field(column.name, ARROW_TYPES[column.type]) for column in dataset.columns])


def _empty(engine: Backend, dataset: Dataset) -> Table:
    return engine.create_table(f"empty_{dataset.key}_{uuid4().hex}", arrow_schema(dataset).empty_table(), temp=True)
