"""Rhythms and response rates: computed on the lake, written to PostgreSQL."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow
from django.conf import settings
from django.db import connection
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from guanxi.care.analyses.response import response_counts
from guanxi.care.analyses.rhythm import contact_rhythms, last_touches, replenishments
from guanxi.catalog.facade import product_categories
from guanxi.ledger.datasets import FACTS, todays_accounts
from guanxi.ledger.facade import touches
from guanxi.platform.access.grant import Grant
from guanxi.platform.lake.reading import open_engine, open_table

_STAGE_STATES = """
CREATE TEMPORARY TABLE care_staging (account_id bigint, last_touch_at timestamptz, last_channel text,
    rhythm_days float8, gaps int, spread float8) ON COMMIT DROP
"""
_MERGE_STATES = """
INSERT INTO care_contactstate AS s
    (account_id, last_touch_at, last_channel, rhythm_days, gaps, spread, ideal_days, maximum_days)
SELECT account_id, last_touch_at, last_channel, rhythm_days, gaps, spread, 0, 0 FROM care_staging
WHERE EXISTS (SELECT FROM customers_account a WHERE a.id = care_staging.account_id)
ON CONFLICT (account_id) DO UPDATE SET
    last_channel = CASE WHEN excluded.last_touch_at >= s.last_touch_at OR s.last_touch_at IS NULL
                        THEN excluded.last_channel ELSE s.last_channel END,
    last_touch_at = greatest(s.last_touch_at, excluded.last_touch_at),
    rhythm_days = excluded.rhythm_days, gaps = excluded.gaps, spread = excluded.spread
"""
_REPLENISHMENT_COLUMNS = "account_id, category_id, gap_days, gaps, spread, last_bought_on, due_on, share"
_RATE_COLUMNS = "channel, weekday, band, trials, successes"


@dataclass(frozen=True, slots=True)
class Rhythms:
    """What the lake says. `states` (account_id, last_touch_at, last_channel, rhythm_days, gaps, spread),
    `replenishments` and `rates` in the order of their tables' columns."""

    states: pyarrow.Table
    replenishments: pyarrow.Table
    rates: pyarrow.Table


def rhythms_of(as_of: date) -> Rhythms:
    """Rhythms and rates of all accounts from the lake."""
    engine = open_engine()
    try:
        facts = _facts(engine)
        touched = last_touches(facts, touches=touches(), as_of=as_of)
        rhythms = contact_rhythms(facts, touches=touches(), as_of=as_of)
        joined = touched.outer_join(rhythms, "account_id")
        states = joined.select(
            account_id=joined.account_id.fill_null(joined.account_id_right),
            last_touch_at=joined.last_touch_at,
            last_channel=joined.last_channel.fill_null(""),
            rhythm_days=joined.rhythm_days.fill_null(0.0),
            gaps=joined.gaps.fill_null(0),
            spread=joined.spread.fill_null(0.5),
        )
        return Rhythms(
            states=states.to_pyarrow(),
            replenishments=replenishments(facts, as_of=as_of).to_pyarrow(),
            rates=response_counts(facts, as_of=as_of, time_zone=settings.TIME_ZONE).to_pyarrow(),
        )
    finally:
        engine.disconnect()


def write_rhythms(found: Rhythms) -> None:
    """Write rhythms and rates; must run inside a transaction. A later touch that PostgreSQL knows of
    stays."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE_STATES)
    _copy("care_staging (account_id, last_touch_at, last_channel, rhythm_days, gaps, spread)", found.states)
    with connection.cursor() as cursor:
        cursor.execute(_MERGE_STATES)
        cursor.execute("DELETE FROM care_categoryrhythm")
        cursor.execute("DELETE FROM care_responserate")
    _copy(f"care_categoryrhythm ({_REPLENISHMENT_COLUMNS})", found.replenishments)
    _copy(f"care_responserate ({_RATE_COLUMNS})", found.rates)


def standing_facts(engine: Backend, *, permission: Grant[Any] | None) -> Table:
    """The facts of the lake that no later fact corrects, of the accounts that a permission reaches (None = all)."""
    facts = todays_accounts(engine, open_table(engine, FACTS, permission=permission))
    corrections = facts.filter(facts.corrects.notnull()).select(
        corrected_source=facts.source, corrected_id=facts.corrects
    )
    return facts.anti_join(
        corrections,
        [facts.source == corrections.corrected_source, facts.source_id == corrections.corrected_id],
    )


def _facts(engine: Backend) -> Table:
    """The facts of the lake that no later fact corrects, with the category of their product."""
    facts = standing_facts(engine, permission=None)
    categories = engine.create_table("product_categories", product_categories(), temp=True)
    return facts.left_join(categories, "product_id").drop("product_id_right")


def _copy(target: str, rows: pyarrow.Table) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for batch in rows.to_batches(max_chunksize=10_000):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)
