"""Lake increment, refresh of all indices, refresh of one."""

import os
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import django
import duckdb

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
django.setup()

from django.conf import settings  # noqa: E402  # Django must be set up first
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.record import record  # noqa: E402
from guanxi.ledger.commands import NewFact, ingest_file, record_fact  # noqa: E402
from guanxi.ledger.datasets import FACTS  # noqa: E402
from guanxi.platform.accounts.queries import system_actor  # noqa: E402
from guanxi.platform.lake.refresh import part_files, refresh_dataset  # noqa: E402
from guanxi.project.demo.scale import SYSTEM, write_facts  # noqa: E402
from guanxi.value.commands import refresh_accounts, refresh_all  # noqa: E402

NEW_FACTS = 1_000_000
SINGLES = 20


def lake_increment() -> None:
    """A million new facts carried into the lake."""
    refresh_dataset(FACTS)
    with tempfile.TemporaryDirectory() as folder:
        path = write_facts(Path(folder), accounts=100_000, facts=NEW_FACTS, today=timezone.localdate())
        ingest_file(path, source=f"bench-{uuid4().hex[:8]}", system=SYSTEM, actor=system_actor())
    started = time.monotonic()
    refreshed = refresh_dataset(FACTS)
    seconds = time.monotonic() - started
    record("lake_increment", "s", rows=refreshed.rows, what="limit for 1,000,000 facts", reference=5.0, value=seconds)


def bare_aggregation() -> float:
    """One plain DuckDB aggregation of the lake's files, best of three, in seconds."""
    engine = duckdb.connect(config={"threads": str(os.cpu_count())})
    sql = (
        "SELECT account_id, kind, sub_kind, count(*), sum(amount), sum(quantity), sum(amount - cost), "
        "min(occurred_on), max(occurred_on) FROM read_parquet(?) GROUP BY ALL"
    )
    times = []
    for _ in range(3):
        started = time.monotonic()
        engine.execute(sql, [[str(path) for path in part_files(FACTS)]]).fetchall()
        times.append(time.monotonic() - started)
    return min(times)


def index_refresh() -> None:
    """All indices from the lake, written back."""
    bare = bare_aggregation()
    times = []
    for _ in range(3):
        started = time.monotonic()
        accounts = refresh_all(timezone.localdate(), actor=system_actor())
        times.append(time.monotonic() - started)
    what = "one bare DuckDB aggregation of the same Parquet, s"
    record("index_refresh", "s", rows=accounts, what=what, reference=bare, value=min(times), ratio=min(times) / bare)


def index_single() -> None:
    """One customer's index after a new fact, from recording it to the written index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id FROM value_valueindex ORDER BY account_id LIMIT %s", [SINGLES])
        accounts = [row[0] for row in cursor.fetchall()]
    times = []
    for account_id in accounts:
        started = time.monotonic()
        fact = NewFact("interaction", "call", timezone.now())
        record_fact(account_id, fact=fact, actor=system_actor())
        refresh_accounts([account_id], as_of=timezone.localdate())
        times.append(time.monotonic() - started)
    times.sort()
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95) - 1]
    record("index_single", "s", rows=SINGLES, what="limit", reference=2.0, p50=p50, p95=p95)


if __name__ == "__main__":
    assert settings.LAKE_FOLDER  # noqa: S101  # the settings must be those of the measured installation
    lake_increment()
    index_refresh()
    index_single()
