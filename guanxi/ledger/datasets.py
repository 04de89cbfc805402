"""What analytics may read of the ledger."""

from uuid import uuid4

import ibis
from django.conf import settings
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from guanxi.customers.facade import account_aliases
from guanxi.platform.lake.dataset import Dataset, DatasetColumn, register_dataset

MONEY = "company currency; positive for returns too"


def _local_day(moment: str) -> str:
    return f"({moment} AT TIME ZONE '{settings.TIME_ZONE}')::date"


def _lifted(name: str, *kinds: str) -> str:
    """A number of the payload, looked for only in facts of the kinds that have it."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"CASE WHEN kind IN ({listed}) THEN payload ->> '{name}' END"


FACTS = Dataset(
    key="facts",
    table="ledger_fact",
    grain="one fact, replaced and withdrawn ones included: leave out what `corrects` names, and “voided”",
    day_column="occurred_on",
    columns=(
        DatasetColumn("id", "id", "bigint"),
        DatasetColumn("account_id", "account_id", "bigint"),
        DatasetColumn("kind", "kind", "text"),
        DatasetColumn("sub_kind", "sub_kind", "text"),
        DatasetColumn("occurred_at", "occurred_at", "timestamptz"),
        DatasetColumn("occurred_on", _local_day("occurred_at"), "date", unit="day in the company's time zone"),
        DatasetColumn("user_id", "user_id", "bigint"),
        DatasetColumn("contact_id", "contact_id", "bigint"),
        DatasetColumn("channel", "channel", "text"),
        DatasetColumn("place", "place", "text"),
        DatasetColumn("product_id", "product_id", "bigint"),
        DatasetColumn(
            "quantity", "quantity", "double precision", unit="units of the product; positive for returns too"
        ),
        DatasetColumn("amount", "amount", "double precision", unit=MONEY),
        DatasetColumn("cost", "cost", "double precision", unit=MONEY, sensitivity="cost"),
        DatasetColumn(
            "rating",
            _lifted("rating", "interaction", "participation", "survey", "advocacy"),
            "double precision",
            unit="points of 10",
        ),
        DatasetColumn("completeness", _lifted("completeness", "survey"), "double precision", unit="0 to 1"),
        DatasetColumn("consistency", _lifted("consistency", "survey"), "double precision", unit="0 to 1"),
        DatasetColumn("reach", _lifted("reach", "advocacy"), "double precision", unit="people"),
        DatasetColumn("value", _lifted("value", "suggestion", "referral"), "double precision", unit=MONEY),
        DatasetColumn("source", "source", "text"),
        DatasetColumn("source_id", "source_id", "text"),
        DatasetColumn("corrects", "corrects", "text"),
        DatasetColumn("is_typed", "is_typed", "boolean"),
    ),
)

register_dataset(FACTS)


def todays_accounts(engine: Backend, facts: Table) -> Table:
    """Facts of accounts that were merged into others as those' own. Same columns and grain as `facts`."""
    aliases = account_aliases()
    if not aliases.num_rows:
        return facts
    known = engine.create_table(f"account_aliases_{uuid4().hex}", aliases, temp=True)
    joined = facts.left_join(known, facts.account_id == known.former_id)
    return joined.mutate(account_id=ibis.coalesce(joined.current_id, joined.account_id)).select(*facts.columns)
