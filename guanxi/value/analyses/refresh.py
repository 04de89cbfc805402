"""The refresh of the index as one function: the same for all accounts on the lake and for one account on live facts.

Steps: 1 sum facts per day, 2 decayed sums per indicator on the engine, 3 attribution and grades per peer group.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow
from ibis.expr.types import Table

from guanxi.value.analyses import attribution, figures, indicators, scoring, steadfastness
from guanxi.value.analyses.attribution import Attribution, Sums
from guanxi.value.analyses.scoring import Floats, Integers, Scale
from guanxi.value.rules import ALL_INDICATORS, COMPARE_DAYS, HALF_LIFE_DAYS

CENTS = 2
Materialise = Callable[[str, Table], Table]


@dataclass(frozen=True, slots=True)
class FactSums:
    """What the engine computed. `account_ids`, `amounts`, `margins`, `last_purchases` (days since 1970-01-01, NaN =
    never): shape (accounts,); `sums`: shapes (accounts, indicators)."""

    account_ids: Integers
    sums: Sums
    amounts: Floats
    margins: Floats
    last_purchases: Floats


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Everything computed for some accounts of one peer group, in the order of `account_ids`."""

    account_ids: Integers
    attribution: Attribution
    grades: Integers
    amounts: Floats
    margins: Floats
    last_purchases: Floats


@dataclass(frozen=True, slots=True)
class Prepared:
    """Facts in the two grains that sums need: per day and sub-kind, and purchases per day and category."""

    daily: Table
    purchases: Table


def prepare(facts: Table, *, materialise: Materialise) -> Prepared:
    """Reduce facts once; sums for any day follow from the result.

    Input: `facts` (columns of the ledger dataset with category_id), without corrected ones. `materialise(name, table)`
    stores an intermediate table.
    """
    return Prepared(
        daily=materialise("daily", indicators.daily_facts(facts)),
        purchases=materialise("purchases", indicators.category_purchases(facts)),
    )


def fact_sums(prepared: Prepared, *, promotions: Table, as_of: date, materialise: Materialise) -> FactSums:
    """Sums of all accounts, as of a day and 30 days before.

    Input: `promotions` (promotion_id, category_id, start_on, end_on, season).
    """
    former_on = as_of - timedelta(days=COMPARE_DAYS)
    categories = materialise(
        "categories", indicators.latest_categories(prepared.purchases, former_on=former_on, as_of=as_of)
    )
    exposures = steadfastness.exposed_purchases(prepared.purchases, promotions=promotions)
    stead = materialise(
        "steadfastness",
        steadfastness.steadfastness(exposures, former_on=former_on, as_of=as_of, half_life_days=HALF_LIFE_DAYS),
    )
    sums = indicators.decayed_sums(
        prepared.daily, categories=categories, steadfastness=stead, former_on=former_on, as_of=as_of
    )
    money = figures.purchase_figures(prepared.daily, as_of=as_of)
    joined = sums.left_join(money, "account_id").drop("account_id_right").order_by("account_id")
    return _from_arrow(joined.to_pyarrow())


def refreshed(
    summed: FactSums,
    *,
    former: Scale,
    former_group_today: Scale,
    present: Scale,
    base_grades: Integers,
) -> Refreshed:
    """Indices, attribution and grades of accounts that share their scales; `base_grades` as in `scoring.grades`."""
    split = attribution.attribute(
        summed.sums, days=COMPARE_DAYS, former=former, former_group_today=former_group_today, present=present
    )
    return Refreshed(
        account_ids=summed.account_ids,
        attribution=split,
        grades=scoring.grades(split.index, thresholds=present.thresholds, base=base_grades),
        amounts=summed.amounts,
        margins=summed.margins,
        last_purchases=summed.last_purchases,
    )


def chosen(summed: FactSums, rows: Integers) -> FactSums:
    """The same for some rows only."""
    parts = {name: getattr(summed.sums, name)[rows] for name in ("totals", "exposures", "old_totals", "old_exposures")}
    return FactSums(
        account_ids=summed.account_ids[rows],
        sums=Sums(**parts),
        amounts=summed.amounts[rows],
        margins=summed.margins[rows],
        last_purchases=summed.last_purchases[rows],
    )


def _from_arrow(table: pyarrow.Table) -> FactSums:
    columns: Mapping[str, Floats] = {
        name: table.column(name).cast(pyarrow.float64()).to_numpy()
        for name in table.column_names
        if name not in {"account_id", "last_purchase_on"}
    }
    parts = [np.column_stack([columns[f"{item.key}__{part}"] for item in ALL_INDICATORS]) for part in indicators.PARTS]
    days = table.column("last_purchase_on").cast(pyarrow.int32()).cast(pyarrow.float64()).to_numpy()
    return FactSums(
        account_ids=table.column("account_id").to_numpy(),
        sums=Sums(*parts),
        amounts=_cents(columns["amount"]),
        margins=_cents(columns["margin"]),
        last_purchases=days,
    )


def _cents(values: Floats) -> Floats:
    """Amounts to the cent, 0 where there is none."""
    return np.asarray(np.round(np.nan_to_num(values), CENTS), dtype=np.float64)
