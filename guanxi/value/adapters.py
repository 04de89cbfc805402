"""Between the analyses and the database: facts in from the lake or live, scales in, indices out."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow
from django.db import connection
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from pyarrow import parquet

from guanxi.catalog.facade import product_categories
from guanxi.customers.facade import account_kinds, former_ids
from guanxi.ledger.datasets import FACTS, todays_accounts
from guanxi.ledger.facade import ended_promotions
from guanxi.platform.lake.arrow import FixedColumn, copy_fixed, read_arrow
from guanxi.platform.lake.reading import arrow_schema, open_engine, open_table
from guanxi.value.analyses.indicators import effective_facts
from guanxi.value.analyses.refresh import Refreshed
from guanxi.value.analyses.scoring import INDICATORS, Integers
from guanxi.value.choices import GRADES
from guanxi.value.models import PeerGroup, PromotionSeason
from guanxi.value.queries.scales import peer_group_ids
from guanxi.value.queries.snapshots import Snapshot, snapshot_path
from guanxi.value.rules import peer_group

STAGING = "value_staging"
NO_GRADE = -1


@dataclass(frozen=True, slots=True)
class Population:
    """Accounts with what the refresh knows of them from before. Shapes: (accounts,), rising ids.

    `groups` are peer group ids, `former_groups` those of the latest earlier index (the present one if none),
    `base_grades` positions in GRADES or −1.
    """

    account_ids: Integers
    groups: Integers
    former_groups: Integers
    base_grades: Integers


@contextmanager
def engine() -> Iterator[tuple[Backend, Callable[[str, Table], Table]]]:
    """A DuckDB engine and its way to store intermediate tables; closed at the end."""
    backend = open_engine()

    def materialise(name: str, table: Table) -> Table:
        stored: Table = backend.create_table(name, table, temp=True)
        return stored

    try:
        yield backend, materialise
    finally:
        backend.disconnect()


def lake_facts(backend: Backend) -> Table:
    """All facts of the lake that no later fact corrects, with category_id."""
    facts = todays_accounts(backend, open_table(backend, FACTS, permission=None))
    has_corrections = bool(facts.corrects.count().to_pyarrow().as_py())
    return with_categories(backend, effective_facts(facts) if has_corrections else facts)


def live_facts(backend: Backend, account_ids: Sequence[int]) -> Table:
    """The facts of some accounts as they stand in the database, in the shape of the lake's."""
    merged = (former for account_id in account_ids for former in former_ids(account_id))
    ids = ", ".join(str(int(account_id)) for account_id in (*account_ids, *merged))
    rows = read_arrow(f"SELECT {FACTS.select_sql()} FROM {FACTS.table} WHERE account_id IN ({ids})")  # noqa: S608  # declared columns, integers
    facts = backend.create_table("live_facts", rows.cast(arrow_schema(FACTS)), temp=True)
    return with_categories(backend, effective_facts(todays_accounts(backend, facts)))


def with_categories(backend: Backend, facts: Table) -> Table:
    """The same facts with the category of their product as category_id."""
    categories = backend.create_table("product_categories", product_categories(), temp=True)
    return facts.left_join(categories, "product_id").drop("product_id_right")


def promotions_table(backend: Backend, *, as_of: date) -> Table:
    """Ended competitor promotions with their frozen season. Grain: promotion × category."""
    seasons = dict(PromotionSeason.objects.values_list("promotion_id", "season"))
    rows = [
        (item.promotion_id, category_id, item.start_on, item.end_on, seasons[item.promotion_id])
        for item in ended_promotions(as_of)
        if item.promotion_id in seasons
        for category_id in item.category_ids
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    schema = pyarrow.schema(
        [
            ("promotion_id", pyarrow.int64()),
            ("category_id", pyarrow.int64()),
            ("start_on", pyarrow.date32()),
            ("end_on", pyarrow.date32()),
            ("season", pyarrow.float64()),
        ]
    )
    arrays = [pyarrow.array(list(values), field.type) for values, field in zip(columns, schema, strict=True)]
    return backend.create_table("promotions", pyarrow.Table.from_arrays(arrays, schema=schema), temp=True)


def population(as_of: date, *, account_ids: Sequence[int] | None = None) -> Population:
    """The accounts to compute, with their groups and settled grades."""
    accounts = account_kinds(account_ids)
    groups = peer_group_ids()
    keys = [
        peer_group(relation, kind=kind)
        for relation, kind in zip(
            accounts.column("relation").to_pylist(), accounts.column("kind").to_pylist(), strict=True
        )
    ]
    for key in sorted(set(keys) - set(groups)):
        groups[key] = PeerGroup.objects.get_or_create(key=key)[0].pk
    ids = accounts.column("account_id").to_numpy()
    present = np.array([groups[key] for key in keys], dtype=np.int64)
    former, base = _known_before(ids, present, as_of=as_of, is_all=account_ids is None)
    return Population(ids, present, former, base)


def _known_before(ids: Integers, present: Integers, *, as_of: date, is_all: bool) -> tuple[Integers, Integers]:
    condition = "" if is_all else f"WHERE account_id IN ({', '.join(str(int(value)) for value in ids) or '0'})"
    known = read_arrow(
        "SELECT account_id, peer_group_id::bigint AS peer_group_id, "  # noqa: S608  # a date and integers
        f"CASE WHEN as_of < '{as_of:%Y-%m-%d}' THEN grade ELSE base_grade END AS base_grade "
        f"FROM value_valueindex {condition} ORDER BY account_id"
    )
    former, base = present.copy(), np.full(len(ids), NO_GRADE, dtype=np.int64)
    if known.num_rows:
        rows = np.searchsorted(ids, known.column("account_id").to_numpy())
        former[rows] = known.column("peer_group_id").to_numpy()
        letters = known.column("base_grade").to_pylist()
        base[rows] = [GRADES.index(letter) if letter in GRADES else NO_GRADE for letter in letters]
    return former, base


def letters(positions: Integers) -> np.ndarray[tuple[int], np.dtype[np.bytes_]]:
    """Grade letters of positions; a blank where there is none."""
    return np.array([b" ", *(letter.encode() for letter in GRADES)])[positions + 1]


def result_columns(result: Refreshed) -> tuple[FixedColumn, ...]:
    """The computed columns of `ValueIndex`, as they are copied."""
    split = result.attribution
    last = np.nan_to_num(result.last_purchases, nan=0.0).astype(np.int64)
    return (
        FixedColumn("account_id", "int8", result.account_ids),
        FixedColumn("index_value", "float8", split.index),
        FixedColumn("index_before", "float8", split.index_before),
        FixedColumn("confidence", "float8", split.confidence),
        FixedColumn("applicability", "float8", split.applicability),
        FixedColumn("weights_effect", "float8", split.weights),
        FixedColumn("reference_effect", "float8", split.reference),
        FixedColumn("peer_group_effect", "float8", split.peer_group),
        FixedColumn("amount_12_months", "float8", result.amounts),
        FixedColumn("margin_12_months", "float8", result.margins),
        FixedColumn("grade", "letter", letters(result.grades)),
        FixedColumn("last_purchase_on", "date", last),
        FixedColumn("scores", "float8[]", split.scores),
        FixedColumn("faded", "float8[]", split.faded),
        FixedColumn("new", "float8[]", split.new),
    )


def stage(columns: Sequence[FixedColumn]) -> None:
    """Copy columns into a fresh temporary table of this transaction."""
    types = {"letter": "text", "float8[]": "float8[]", "bool": "bool"}
    definition = ", ".join(f"{column.name} {types.get(column.type, column.type)}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {STAGING}")
        cursor.execute(f"CREATE TEMPORARY TABLE {STAGING} ({definition}) ON COMMIT DROP")
    copy_fixed(STAGING, columns)


def constant(name: str, column_type: str, *, value: int, rows: int) -> FixedColumn:
    """A column with one value in all rows."""
    return FixedColumn(name, column_type, np.full(rows, value))


def days_since_epoch(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def write_snapshot(snapshot: Snapshot) -> None:
    """Keep a snapshot; one of the same day is replaced. The file appears whole or not at all."""
    order = np.argsort(snapshot.account_ids)
    scores = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(snapshot.scores[order].ravel()), INDICATORS)
    table = pyarrow.table(
        {
            "account_id": snapshot.account_ids[order],
            "peer_group_id": snapshot.groups[order],
            "index_value": snapshot.indices[order],
            "grade": snapshot.grades[order].astype(np.int8),
            "scores": scores,
        }
    )
    path = snapshot_path(snapshot.as_of)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
    with unfinished.open("wb") as file:
        parquet.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
