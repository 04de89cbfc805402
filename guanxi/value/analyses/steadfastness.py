"""Steadfastness: does a customer go on buying while a competitor is in promotion?

Method: METHODS §3. An exposed customer buys the promoted categories there. Expected purchase days in the window =
own daily rate of the year before × length × season; season = how peers' buying of other categories in the window
compares with the year before, frozen once the promotion has ended. The ratio observed / expected is shrunk by a
Gamma prior with mean 1 (Gamma-Poisson): (observed + k) / (expected + k).
"""

from datetime import date

import ibis
from ibis.expr.types import Table

from guanxi.value.analyses.indicators import age_in_days, decay
from guanxi.value.rules import PRIOR_WEIGHT, UNDECIDABLE_BELOW

BASELINE_DAYS = 365


def exposed_purchases(purchases: Table, *, promotions: Table) -> Table:
    """Purchase days of promoted categories in and before each window. Grain: account × promotion.

    Input: `purchases` (account_id, category_id, occurred_on) from `indicators.category_purchases`, `promotions`
    (promotion_id, category_id, start_on, end_on, season; one row per category, ended promotions only).
    Output: account_id, promotion_id, start_on, end_on, season, observed and before (distinct purchase days).
    """
    joined = purchases.join(promotions, "category_id")
    age = joined.start_on.delta(joined.occurred_on, unit="day")
    in_window = (joined.occurred_on >= joined.start_on) & (joined.occurred_on <= joined.end_on)
    in_baseline = (age > 0) & (age <= BASELINE_DAYS)
    relevant = joined.filter(in_window | in_baseline).mutate(is_in_window=in_window)
    days = relevant.drop("category_id").distinct()
    return days.group_by("account_id", "promotion_id", "start_on", "end_on", "season").aggregate(
        observed=days.count(where=days.is_in_window), before=days.count(where=~days.is_in_window)
    )


def steadfastness(exposures: Table, *, former_on: date, as_of: date, half_life_days: int) -> Table:
    """Observed and expected purchase days per account, both decayed from each promotion's end to `as_of`.

    Input: `exposures` from `exposed_purchases`. Output columns: account_id, observed, expected, and old_observed,
    old_expected of promotions that had ended on `former_on`. Accounts whose expected days stay under 0.5 are
    undecidable; `raw_values` leaves them out.
    """
    length = exposures.end_on.delta(exposures.start_on, unit="day") + 1
    expected = exposures.before.cast("float64") / BASELINE_DAYS * length * exposures.season
    weight = decay(age_in_days(exposures.end_on, as_of=as_of), half_life_days=half_life_days)
    weighted = exposures.filter(exposures.end_on <= as_of).mutate(
        expected_days=expected * weight, observed_days=exposures.observed * weight
    )
    had_ended = weighted.end_on <= former_on
    return weighted.group_by("account_id").aggregate(
        observed=weighted.observed_days.sum(),
        expected=weighted.expected_days.sum(),
        old_observed=weighted.observed_days.sum(where=had_ended),
        old_expected=weighted.expected_days.sum(where=had_ended),
    )


def season(purchases: Table, *, start_on: date, end_on: date, category_ids: tuple[int, ...]) -> Table:
    """How buying of other categories in a window compares with the year before: one row, one column `season`.

    Input: `purchases` as above. 1 means as usual; without purchases in the year before it is 1.
    """
    others = purchases.filter(~purchases.category_id.isin(category_ids))
    days = others.select("account_id", "occurred_on").distinct()
    in_window = (days.occurred_on >= start_on) & (days.occurred_on <= end_on)
    age = ibis.literal(start_on).delta(days.occurred_on, unit="day")
    in_baseline = (age > 0) & (age <= BASELINE_DAYS)
    length = (end_on - start_on).days + 1
    counts = days.aggregate(inside=days.count(where=in_window), before=days.count(where=in_baseline))
    ratio = (counts.inside / length) / (counts.before.nullif(0) / BASELINE_DAYS)
    return counts.select(season=ratio.fill_null(1.0))


def classify(observed: float, *, expected: float) -> str:
    """The class a person reads: kept, less, vanished, or undecidable when too little was expected."""
    if expected < UNDECIDABLE_BELOW:
        return "undecidable"
    if observed == 0:
        return "vanished"
    return "kept" if (observed + PRIOR_WEIGHT) / (expected + PRIOR_WEIGHT) >= 0.8 else "less"
