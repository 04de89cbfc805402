"""Tables in and out of PostgreSQL at the speed of COPY: Arrow out by ADBC, fixed-width rows in by binary COPY."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import adbc_driver_postgresql
import numpy as np
import pyarrow
from adbc_driver_manager import AdbcConnection, AdbcStatement
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from guanxi.platform.database.address import libpq_uri

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TRAILER = b"\xff\xff"
EPOCH_DAYS = (date(2000, 1, 1) - date(1970, 1, 1)).days
FLOAT8_OID = 701
BATCH_OPTION = adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value
BATCH_BYTES = 64 * 1024 * 1024


def read_arrow(sql: str) -> pyarrow.Table:
    """The result of a query as an Arrow table, read on a connection of its own (it sees committed rows only)."""
    with reading_arrow(sql) as batches:
        return batches.read_all()


@contextmanager
def reading_arrow(sql: str) -> Iterator[pyarrow.RecordBatchReader]:
    """The result of a query as a stream of Arrow batches, on a connection of its own (it sees committed rows only).

    ADBC's own objects are used: its DB-API layer imports pandas, which no other part of a start needs.
    """
    with (
        adbc_driver_postgresql.connect(libpq_uri(settings.DATABASES["default"])) as database,
        AdbcConnection(database) as source,
        AdbcStatement(source) as statement,
    ):
        statement.set_options(**{BATCH_OPTION: str(BATCH_BYTES)})
        statement.set_sql_query(sql)
        stream, _ = statement.execute_query()
        with pyarrow.RecordBatchReader.from_stream(stream) as batches:
            yield batches


@dataclass(frozen=True, slots=True)
class FixedColumn:
    """One column of fixed width for a binary COPY.

    `values`: shape (rows,) for "int8", "int4", "int2", "float8", "date" (days since 1970-01-01), "letter" (one ASCII
    byte; 0 for the empty string is not possible, use b" "), "bool"; shape (rows, n) for "float8[]".
    """

    name: str
    type: str
    values: NDArray[Any]


_FORMATS = {
    "int8": ">i8",
    "int4": ">i4",
    "int2": ">i2",
    "float8": ">f8",
    "date": ">i4",
    "letter": "S1",
    "bool": "u1",
}


def copy_fixed(table: str, columns: Sequence[FixedColumn]) -> int:
    """COPY rows of fixed width into a table, built as one NumPy array: no Python work per row. Returns the row count.

    Runs on Django's connection, so it belongs to the surrounding transaction. No value may be NULL.
    """
    rows = len(columns[0].values)
    fields: list[tuple[str, str] | tuple[str, str, tuple[int, ...]]] = [("count", ">i2")]
    for place, column in enumerate(columns):
        fields.append((f"size_{place}", ">i4"))
        fields.extend(_layout(place, column))
    buffer = np.zeros(rows, dtype=np.dtype(fields))
    buffer["count"] = len(columns)
    for place, column in enumerate(columns):
        _fill(buffer, place, column)
    names = ", ".join(column.name for column in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.write(SIGNATURE)
        copy.write(buffer.tobytes())
        copy.write(TRAILER)
    return rows


def _layout(place: int, column: FixedColumn) -> list[tuple[str, str] | tuple[str, str, tuple[int, ...]]]:
    if column.type != "float8[]":
        return [(f"value_{place}", _FORMATS[column.type])]
    element = np.dtype([("size", ">i4"), ("value", ">f8")])
    return [(f"head_{place}", ">i4", (5,)), (f"value_{place}", element, (column.values.shape[1],))]  # type: ignore[list-item]  # a nested dtype is a format


def _fill(buffer: NDArray[Any], place: int, column: FixedColumn) -> None:
    target = buffer[f"value_{place}"]
    if column.type == "float8[]":
        length = column.values.shape[1]
        buffer[f"size_{place}"] = 20 + 12 * length
        buffer[f"head_{place}"] = (1, 0, FLOAT8_OID, length, 1)
        target["size"] = 8
        target["value"] = column.values
        return
    buffer[f"size_{place}"] = target.dtype.itemsize
    target[:] = column.values - EPOCH_DAYS if column.type == "date" else column.values
