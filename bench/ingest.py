"""How fast facts enter the ledger: files and HTTP batches, beside a bare COPY of the same rows.

Run on an installation whose accounts may be thrown away: `python -m bench.ingest --base 10000000 --rows
1000000`. The base is made by one INSERT … SELECT; a second run reuses it.
"""

import argparse
import json
import os
import platform
import subprocess
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
from django.db.backends.utils import CursorWrapper  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from guanxi.ledger.api import ingest_facts  # noqa: E402
from guanxi.ledger.commands import ingest_file  # noqa: E402
from guanxi.platform.accounts.queries import system_actor  # noqa: E402

ACCOUNTS = 100_000
PRODUCTS = 5_000
SYSTEM = "bench-card"
HTTP_BATCH = 10_000
COPY_BLOCK_BYTES = 256 * 1024

_ROWS = """
SELECT '{prefix}' || (i // 8) || '-' || (i % 8) AS source_id,
    'C' || (1 + hash(i, 1) % {accounts}) AS account_key,
    'purchase' AS kind, 'buy' AS sub_kind,
    TIMESTAMP '2026-01-01' + to_seconds(i * 26000000 // {rows}) AS occurred_at,
    'P' || (1 + hash(i, 2) % {products}) AS product, 1 + i % 3 AS quantity,
    ((i % 10000) / 100.0)::DECIMAL(14,2) AS amount, ((i % 10000) / 160.0)::DECIMAL(14,2) AS cost,
    'store' AS channel, 'store-' || (i % 40) AS place, 'b' || (i // 8) AS basket_id, 'card' AS payment_method
FROM range({rows}) r(i)
"""
_BASE = """
INSERT INTO ledger_fact (source, source_id, digest, account_id, kind, sub_kind, occurred_at, is_typed,
    channel, product_id, quantity, amount, cost, place, payload)
SELECT 'bench-base', 'B' || g / 8 || '-' || g % 8, hashint8extended(g, 0),
    a.ids[1 + (hashint8extended(g, 1) & 1048575) % {accounts}], 'purchase', 'buy',
    timestamptz '2024-01-01' + (hashint8extended(g, 2) & 1048575) * interval '60 s', false,
    'store', 1 + (hashint8extended(g, 3) & 1048575) % {products}, 1 + g % 3, (g % 10000) / 100.0,
    (g % 7000) / 100.0, 'store-' || g % 40,
    jsonb_build_object('basket_id', 'b' || g / 8, 'payment_method', 'card')
FROM generate_series({first}, {last}) g,
    (SELECT array_agg(account_id ORDER BY id) AS ids FROM customers_externalkey WHERE system = '{system}') a
"""
_MAKE_ACCOUNTS = """
INSERT INTO customers_relation (key, name_zh, name_en, position) VALUES ('customer', '客户', 'Customer', 1)
    ON CONFLICT DO NOTHING;
WITH made AS (
    INSERT INTO customers_account (kind, relation_id, name, name_key, short_name, industry, size, region,
        city, address, website, credit_rating, tax_id, source, note)
    SELECT 'person', 'customer', 'Bench ' || g, '', '', '', '', '', '', '', '', '', '', '', ''
    FROM generate_series(1, {accounts}) g RETURNING id
)
INSERT INTO customers_externalkey (system, key, account_id)
    SELECT '{system}', 'C' || row_number() OVER (ORDER BY id), id FROM made;
INSERT INTO catalog_product (code, name, kind, brand, unit_name)
    SELECT 'P' || g, 'Product ' || g, 'goods', '', '' FROM generate_series(1, {products}) g
    ON CONFLICT DO NOTHING;
ANALYZE
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'ledger_fact'
AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = 'ledger_fact'::regclass)
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


def measure(*, base: int = 10_000_000, rows: int = 1_000_000, http_rows: int = 200_000) -> list[dict[str, object]]:
    """The records of the figures ingest_file (Parquet and CSV) and ingest_http, each with its reference."""
    prepare(base)
    with tempfile.TemporaryDirectory() as folder:
        bare = bare_copy(rows)
        files = {name: ingested(Path(folder), file_format=name, rows=rows) for name in ("parquet", "csv")}
        http = posted(http_rows)
    reference = {"what": "bare COPY of the same rows, one transaction", "value": bare.per_second}
    figures = [_record(f"ingest_file_{name}", speed, reference=reference) for name, speed in files.items()]
    slowest = min(files.values(), key=lambda speed: speed.per_second)
    return [
        _record("ingest_file", slowest, reference=reference),
        *figures,
        _record("ingest_http", http, reference=reference),
    ]


def prepare(base: int) -> None:
    """Accounts with card numbers, products, and a ledger of at least `base` facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_externalkey WHERE system = %s", [SYSTEM])
        if not _only(cursor.fetchone()):
            cursor.execute(_MAKE_ACCOUNTS.format(accounts=ACCOUNTS, products=PRODUCTS, system=SYSTEM))
        cursor.execute("SELECT count(*) FROM ledger_fact")
        standing = _only(cursor.fetchone())
        if standing < base:
            _grow(cursor, first=standing, last=base)
        cursor.execute("VACUUM (ANALYZE) ledger_fact")


def bare_copy(rows: int) -> Speed:
    """The same rows by one COPY into the same table, resolved and written out beforehand."""
    source = f"bench-bare-{uuid4().hex[:8]}"
    sql = _ROWS.format(prefix="F", accounts=ACCOUNTS, products=PRODUCTS, rows=rows)
    text = (
        f"SELECT concat_ws(chr(9), '{source}', source_id, hash(source_id) >> 2, k.id, kind, sub_kind, "
        "occurred_at || '+08', 'f', channel, substr(product, 2), quantity, amount, cost, place, "
        """'{"basket_id": "' || basket_id || '", "payment_method": "card"}') """
        f"FROM ({sql}) JOIN keys k ON k.key = account_key"
    )
    engine = duckdb.connect()
    engine.execute("CREATE TABLE keys (key VARCHAR, id BIGINT)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, account_id FROM customers_externalkey WHERE system = %s", [SYSTEM])
        keys = cursor.fetchall()
    engine.execute(
        "INSERT INTO keys SELECT unnest($keys), unnest($ids)",
        {"keys": [k for k, _ in keys], "ids": [i for _, i in keys]},
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
    sql = _ROWS.format(prefix="F", accounts=ACCOUNTS, products=PRODUCTS, rows=rows)
    duckdb.sql(f"COPY ({sql}) TO '{path}' {options}")
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
    sql = _ROWS.format(prefix="H", accounts=ACCOUNTS, products=PRODUCTS, rows=rows)
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


def _grow(cursor: CursorWrapper, *, first: int, last: int) -> None:
    """Fill the ledger without its indexes, then build them: much faster, and compact as after a VACUUM."""
    cursor.execute(_INDEXES)
    indexes = cursor.fetchall()
    cursor.execute("ALTER TABLE ledger_fact DROP CONSTRAINT ledger_fact_source")
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute(_BASE.format(accounts=ACCOUNTS, products=PRODUCTS, first=first, last=last - 1, system=SYSTEM))
    for _, definition in indexes:
        cursor.execute(definition)
    cursor.execute("ALTER TABLE ledger_fact ADD CONSTRAINT ledger_fact_source UNIQUE (source, source_id)")


def _record(name: str, speed: Speed, *, reference: dict[str, object]) -> dict[str, object]:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "name": name,
        "unit": "facts/s",
        "value": speed.per_second,
        "reference": reference,
        "rows": speed.rows,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}",
        "commit": commit,
    }


def _only(row: object) -> int:
    return int(row[0]) if isinstance(row, tuple) else 0


def main() -> None:
    """Measure and print one JSON record a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=int, default=10_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--http-rows", type=int, default=200_000)
    options = parser.parse_args()
    for record in measure(base=options.base, rows=options.rows, http_rows=options.http_rows):
        print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()
