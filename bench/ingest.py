"""How fast facts enter the ledger of 10,000,000: files and HTTP batches, beside a bare COPY of the same rows."""

import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import django
import duckdb

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  # Django must be set up first
from django.test import RequestFactory  # noqa: E402

from bench.record import record  # noqa: E402
from guanxi.ledger.api import ingest_facts  # noqa: E402
from guanxi.ledger.commands import ingest_file  # noqa: E402
from guanxi.platform.accounts.queries import system_actor  # noqa: E402
from guanxi.project.demo.scale import SYSTEM  # noqa: E402

ACCOUNTS = 100_000
FILE_ROWS = 1_000_000
HTTP_ROWS = 200_000
HTTP_BATCH = 10_000
HTTP_LIMIT = 8_000.0
COPY_BLOCK_BYTES = 256 * 1024

_ROWS = """
SELECT '{prefix}' || (i // 8) || '-' || (i % 8) AS source_id,
    'A' || (hash(i, 1) % {accounts}) AS account_key,
    'purchase' AS kind, 'buy' AS sub_kind,
    TIMESTAMP '2026-01-01' + to_seconds(i * 26000000 // {rows}) AS occurred_at,
    {codes!r}[1 + (hash(i, 2) % {code_count})::INT] AS product, 1 + i % 3 AS quantity,
    ((i % 10000) / 100.0)::DECIMAL(14,2) AS amount, ((i % 10000) / 160.0)::DECIMAL(14,2) AS cost,
    'store' AS channel, 'store-' || (i % 40) AS place, 'b' || (i // 8) AS basket_id, 'card' AS payment_method
FROM range({rows}) r(i)
"""
_BARE_COLUMNS = (
    "source, source_id, digest, account_id, kind, sub_kind, occurred_at, is_typed, channel, product_id, "
    "quantity, amount, cost, place, payload"
)


@dataclass(frozen=True, slots=True)
class Speed:
    """Rows and the seconds they took."""

    rows: int
    seconds: float

    @property
    def per_second(self) -> int:
        """Rows per second, rounded."""
        return round(self.rows / self.seconds)


def rows_sql(*, prefix: str, rows: int) -> str:
    """The SQL of generated purchase lines of known customers and products."""
    codes = list(_pairs("SELECT code, id FROM catalog_product"))
    return _ROWS.format(prefix=prefix, accounts=ACCOUNTS, rows=rows, codes=codes, code_count=len(codes))


def _pairs(sql: str, *parameters: object) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return dict(cursor.fetchall())


def bare_copy(rows: int) -> Speed:
    """The same rows by one COPY into the same table, resolved and written out beforehand."""
    source = f"bench-bare-{uuid4().hex[:8]}"
    text = (
        f"SELECT concat_ws(chr(9), '{source}', source_id, hash(source_id) >> 2, k.id, kind, sub_kind, "
        "occurred_at || '+08', 'f', channel, p.id, quantity, amount, cost, place, "
        """'{"basket_id": "' || basket_id || '", "payment_method": "card"}') """
        f"FROM ({rows_sql(prefix='F', rows=rows)}) JOIN keys k ON k.key = account_key "
        "JOIN products p ON p.key = product"
    )
    engine = duckdb.connect()
    known = {
        "keys": _pairs("SELECT key, account_id FROM customers_externalkey WHERE system = %s", SYSTEM),
        "products": _pairs("SELECT code, id FROM catalog_product"),
    }
    for table, pairs in known.items():
        engine.execute(
            f"CREATE TABLE {table} AS SELECT unnest($keys) AS key, unnest($ids)::BIGINT AS id",
            {"keys": list(pairs), "ids": list(pairs.values())},
        )
    content = "".join(row[0] + "\n" for row in engine.execute(text).fetchall()).encode()
    started = time.monotonic()
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY ledger_fact ({_BARE_COLUMNS}) FROM STDIN") as copy,
    ):
        for start in range(0, len(content), COPY_BLOCK_BYTES):
            copy.write(content[start : start + COPY_BLOCK_BYTES])
    return Speed(rows, time.monotonic() - started)


def ingested(folder: Path, *, file_format: str, rows: int) -> Speed:
    """A file of `rows` facts taken in from start to end."""
    path = folder / f"facts.{file_format}"
    options = "(FORMAT parquet)" if file_format == "parquet" else "(FORMAT csv, HEADER)"
    duckdb.sql(f"COPY ({rows_sql(prefix='F', rows=rows)}) TO '{path}' {options}")
    source = f"bench-{file_format}-{uuid4().hex[:8]}"
    started = time.monotonic()
    result = ingest_file(path, source=source, system=SYSTEM, actor=system_actor())
    seconds = time.monotonic() - started
    if result.counts.recorded != rows:
        raise RuntimeError(f"{result} instead of {rows} recorded rows")
    return Speed(rows, seconds)


def posted(rows: int) -> Speed:
    """Batches of facts posted one after the other, from body to answer, without the network."""
    factory = RequestFactory()
    sql = rows_sql(prefix="H", rows=rows)
    names = [column[0] for column in duckdb.sql(sql).description]
    facts = [dict(zip(names, values, strict=True)) for values in duckdb.sql(sql).fetchall()]
    source = f"bench-http-{uuid4().hex[:8]}"
    bodies = [
        json.dumps({"source": source, "system": SYSTEM, "facts": facts[start : start + HTTP_BATCH]}, default=str)
        for start in range(0, rows, HTTP_BATCH)
    ]
    started = time.monotonic()
    for body in bodies:
        request = factory.post("/api/v1/ledger/facts", data=body, content_type="application/json")
        request.auth = system_actor()  # type: ignore[attr-defined]  # what the sign-in of the API sets
        ingest_facts(request)
    return Speed(rows, time.monotonic() - started)


def main() -> None:
    """Measure the base alone, both files, the batches."""
    bare = bare_copy(FILE_ROWS)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: ingested(Path(folder), file_format=name, rows=FILE_ROWS) for name in ("parquet", "csv")}
    what = "bare COPY of the same rows, one transaction, facts/s"
    for name, speed in files.items():
        record(
            f"ingest_file_{name}",
            "facts/s",
            rows=speed.rows,
            what=what,
            reference=bare.per_second,
            value=speed.per_second,
        )
    slowest = min(files.values(), key=lambda speed: speed.per_second)
    record("ingest_file", "facts/s", rows=slowest.rows, what=what, reference=bare.per_second, value=slowest.per_second)
    http = posted(HTTP_ROWS)
    record("ingest_http", "facts/s", rows=http.rows, what="limit", reference=HTTP_LIMIT, value=http.per_second)


if __name__ == "__main__":
    main()
