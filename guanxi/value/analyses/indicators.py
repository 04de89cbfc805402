"""What facts sum to: decayed sums per indicator, for two days in one pass.

Input grain: fact. Output grain: account × indicator. Pure functions; a day is a calendar day, facts after `as_of` are
ignored. Method: METHODS §1, exponential decay w = 2^(−age/half-life), age in whole days. A decayed sum without new
facts only shrinks by a known factor, so the sums of an earlier day follow from those of its facts seen today.
"""

from datetime import date

import ibis
from ibis.expr.types import BooleanValue, DateValue, FloatingValue, IntegerValue, Table

from guanxi.value.rules import ALL_INDICATORS, Indicator, Measure


def effective_facts(facts: Table) -> Table:
    """Facts without those that a later fact of the same source corrects. Same columns as `facts`."""
    corrections = (
        facts.filter(facts.corrects.notnull())
        .select(corrected_source=facts.source, corrected_id=facts.corrects)
        .distinct()
    )
    return facts.anti_join(
        corrections,
        [facts.source == corrections.corrected_source, facts.source_id == corrections.corrected_id],
    )


def daily_facts(facts: Table) -> Table:
    """Facts summed per day. Grain: account × day × kind × sub_kind.

    Columns: account_id, occurred_on, kind, sub_kind, occurrences (count), amount, quantity and margin (sums; margin
    only of lines with a cost), quality (sum of completeness × consistency, 1 when not stated), reach_weight (sum of
    1 + log10(reach)).
    """
    quality = facts.completeness.fill_null(1.0) * facts.consistency.fill_null(1.0)
    reach = 1.0 + facts.reach.fill_null(1.0).clip(lower=1.0).log10()
    return facts.group_by("account_id", "occurred_on", "kind", "sub_kind").aggregate(
        occurrences=facts.count(),
        amount=facts.amount.sum(),
        quantity=facts.quantity.sum(),
        margin=(facts.amount - facts.cost).sum(),
        quality=quality.sum(),
        reach_weight=reach.sum(),
    )


def category_purchases(facts: Table) -> Table:
    """Days on which a category was bought. Grain: account × category × day."""
    bought = facts.filter((facts.kind == "purchase") & facts.sub_kind.isin(["buy", "renew"]))
    return bought.filter(bought.category_id.notnull()).select("account_id", "category_id", "occurred_on").distinct()


def latest_categories(purchases: Table, *, former_on: date, as_of: date) -> Table:
    """The latest purchase per category. Grain: account × category. Input: `category_purchases`.

    Columns: account_id, category_id, latest_on, former_latest_on (up to `former_on`, null when there was none).
    """
    bought = purchases.filter(purchases.occurred_on <= as_of)
    return bought.group_by("account_id", "category_id").aggregate(
        latest_on=bought.occurred_on.max(),
        former_latest_on=bought.occurred_on.max(where=bought.occurred_on <= former_on),
    )


PARTS = ("total", "exposure", "old_total", "old_exposure")


def decayed_sums(
    daily: Table,
    *,
    categories: Table,
    steadfastness: Table,
    former_on: date,
    as_of: date,
    indicators: tuple[Indicator, ...] = ALL_INDICATORS,
) -> Table:
    """Decayed sums as of a day, of all facts and of those up to a former day. Grain: account with any fact.

    Input: `daily` from `daily_facts`, `categories` from `latest_categories`, `steadfastness` (account_id, observed,
    expected, old_observed, old_expected). Output: account_id and for each indicator the columns `key__total`,
    `key__exposure`, `key__old_total`, `key__old_exposure`, all as seen on `as_of`; null where there is nothing to sum.
    For RATE and STEADFASTNESS totals are successes and exposures chances, both decayed; other exposures are counts.
    """
    by_sub_kind = _decayed_by_sub_kind(daily, former_on=former_on, as_of=as_of, indicators=indicators)
    aggregates: dict[str, FloatingValue] = {}
    for indicator in indicators:
        for part, is_old in (("", None), ("old_", by_sub_kind.is_old)):
            aggregates.update(_aggregates(by_sub_kind, indicator=indicator, as_of=as_of, prefix=part, condition=is_old))
    wide = by_sub_kind.group_by("account_id").aggregate(**aggregates)
    for item in indicators:
        if item.measure is Measure.VARIETY:
            wide = wide.left_join(_variety(categories, indicator=item, as_of=as_of), "account_id").drop(
                "account_id_right"
            )
    stead = steadfastness.select(
        "account_id",
        steadfastness__total="observed",
        steadfastness__exposure="expected",
        steadfastness__old_total="old_observed",
        steadfastness__old_exposure="old_expected",
    )
    joined = wide.left_join(stead, "account_id").drop("account_id_right")
    columns = [f"{item.key}__{part}" for item in indicators for part in PARTS]
    return joined.select("account_id", **{name: joined[name].cast("float64") for name in columns})


def decay(age_days: IntegerValue, *, half_life_days: int) -> FloatingValue:
    """2^(−age/half-life)."""
    return ibis.literal(2.0) ** (age_days.cast("float64") / -float(half_life_days))


def age_in_days(occurred_on: DateValue, *, as_of: date) -> IntegerValue:
    """Whole days from a day to `as_of`."""
    return ibis.literal(as_of).delta(occurred_on, unit="day")


def _decayed_by_sub_kind(daily: Table, *, former_on: date, as_of: date, indicators: tuple[Indicator, ...]) -> Table:
    """Decayed sums per sub-kind; the one pass over all days. Grain: account × kind × sub_kind × is_old.

    Columns: count, latest_on, and `column_halflife` for each column that an indicator needs; `days` counts days.
    """
    known = daily.filter(daily.occurred_on <= as_of)
    lives = sorted({indicator.half_life_days for indicator in indicators})
    age = age_in_days(known.occurred_on, as_of=as_of)
    weighted = known.mutate(
        is_old=known.occurred_on <= former_on,
        days=ibis.literal(1.0),
        **{f"decay_{life}": decay(age, half_life_days=life) for life in lives},
    )
    needed = sorted({(column, item.half_life_days) for item in indicators for column in _columns(item)})
    sums = {
        _decayed(column, life): (weighted[column].cast("float64") * weighted[f"decay_{life}"]).sum()
        for column, life in needed
    }
    return weighted.group_by("account_id", "kind", "sub_kind", "is_old").aggregate(
        count=weighted.occurrences.sum().cast("float64"), latest_on=weighted.occurred_on.max(), **sums
    )


def _columns(indicator: Indicator) -> tuple[str, ...]:
    """The columns of daily facts that an indicator decays and sums."""
    match indicator.measure:
        case Measure.DAYS:
            return ("days",)
        case Measure.SUM:
            return tuple(item.column or "occurrences" for item in indicator.counted)
        case Measure.RATE:
            return ("occurrences", *(item.column or "occurrences" for item in indicator.counted))
        case _:
            return ()


def _decayed(column: str, half_life_days: int) -> str:
    return f"{column}_{half_life_days}"


def _aggregates(
    rows: Table, *, indicator: Indicator, as_of: date, prefix: str, condition: BooleanValue | None
) -> dict[str, FloatingValue]:
    """Total and exposure of one indicator over the sub-kinds that meet a condition, by column name."""
    life = indicator.half_life_days
    of_kind = rows.kind == indicator.kind if condition is None else (rows.kind == indicator.kind) & condition
    counted = of_kind & rows.sub_kind.isin([item.sub_kind for item in indicator.counted])
    total, exposure = f"{indicator.key}__{prefix}total", f"{indicator.key}__{prefix}exposure"
    count = rows["count"].sum(where=counted)
    match indicator.measure:
        case Measure.DAYS:
            return {total: rows[_decayed("days", life)].sum(where=counted), exposure: count}
        case Measure.SUM:
            value = _weighted(rows, indicator=indicator)
            has_value = counted & value.notnull()
            return {total: value.sum(where=has_value), exposure: rows["count"].sum(where=has_value)}
        case Measure.RECENCY:
            latest = age_in_days(rows.latest_on.max(where=counted), as_of=as_of)
            return {total: decay(latest, half_life_days=life), exposure: count}
        case Measure.RATE:
            facts = rows[_decayed("occurrences", life)]
            offered = facts.sum(where=of_kind & rows.sub_kind.isin(list(indicator.chances)))
            unasked = facts.sum(where=of_kind & (rows.sub_kind == indicator.counted[0].sub_kind))
            return {
                total: _weighted(rows, indicator=indicator).sum(where=counted),
                exposure: ibis.greatest(offered.fill_null(0.0), unasked.fill_null(0.0)),
            }
        case _:
            return {}


def _weighted(rows: Table, *, indicator: Indicator) -> FloatingValue:
    """What a sub-kind's decayed facts count: the column (or their number) times the weight of the sub-kind."""
    cases: list[tuple[BooleanValue, FloatingValue]] = []
    for item in indicator.counted:
        value = rows[_decayed(item.column or "occurrences", indicator.half_life_days)]
        size = value.abs() if item.sub_kind == "return" else value
        cases.append((rows.sub_kind == item.sub_kind, size * item.weight))
    return ibis.cases(*cases, else_=0.0)


def _variety(categories: Table, *, indicator: Indicator, as_of: date) -> Table:
    """VARIETY: categories, each counted by the decay of its latest purchase."""
    life, key = indicator.half_life_days, indicator.key
    now = decay(age_in_days(categories.latest_on, as_of=as_of), half_life_days=life)
    old = decay(age_in_days(categories.former_latest_on, as_of=as_of), half_life_days=life)
    return categories.group_by("account_id").aggregate(
        **{
            f"{key}__total": now.sum(),
            f"{key}__exposure": categories.latest_on.count().cast("float64"),
            f"{key}__old_total": old.sum(),
            f"{key}__old_exposure": categories.former_latest_on.count().cast("float64"),
        }
    )
