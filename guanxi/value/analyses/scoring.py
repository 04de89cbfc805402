"""From decayed sums to raw values, scores, indices and grades.

Arrays have the shape (accounts, indicators) in the order of `rules.ALL_INDICATORS`; NaN means "not applicable". Each
row is computed from itself alone and in a fixed order, so one account gives the same bits alone as among 100,000.
Score: mid-rank position of the raw value in the frozen reference distribution of the peer group, 0 to 100.
Index: weighted mean of the scores over applicable indicators. Method: METHODS §1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guanxi.value.choices import GRADES
from guanxi.value.rules import (
    ALL_INDICATORS,
    LEAST_EXPOSURE,
    MARGIN_OF_HYSTERESIS,
    PRIOR_STRENGTH,
    PRIOR_WEIGHT,
    SILENCE_CAP,
    UNDECIDABLE_BELOW,
    Measure,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
MIDDLE = 50.0
SIGNIFICANT_DIGITS = 9
INDICATORS = len(ALL_INDICATORS)


def _marked(*measures: Measure) -> NDArray[np.bool_]:
    return np.array([item.measure in measures for item in ALL_INDICATORS])


IS_RATE = _marked(Measure.RATE)
IS_STEADFASTNESS = _marked(Measure.STEADFASTNESS)
HALF_LIVES = np.array([float(item.half_life_days) for item in ALL_INDICATORS])


@dataclass(frozen=True, slots=True)
class Distribution:
    """The reference distribution of one indicator in one peer group, by rising value.

    `below` is the share of peers with less, `upto` the share with no more; both of the shape of `values`.
    """

    values: Floats
    below: Floats
    upto: Floats


@dataclass(frozen=True, slots=True)
class Scale:
    """What accounts of one peer group are measured with.

    `distributions` by indicator position (absent: no peers), `means` the peers' mean rates (0 where none), `weights`
    (0 = not in the set), `thresholds` the least index of each grade but the last, falling.
    """

    distributions: dict[int, Distribution]
    means: Floats
    weights: Floats
    thresholds: Floats


def fading(days: int) -> Floats:
    """The factors by which decayed sums shrink in so many days without new facts. Shape: (indicators,)."""
    return np.exp2(-days / HALF_LIVES)


def raw_values(totals: Floats, *, exposures: Floats, means: Floats) -> Floats:
    """Raw values, NaN where the customer had no chance often enough.

    A RATE is (successes + k·mean) / (chances + k) with k = 2 and the peers' mean, STEADFASTNESS the same with k = 1
    and mean 1. Method: empirical Bayes. Rounded to 9 significant digits.
    """
    exposed = np.nan_to_num(exposures)
    total = np.nan_to_num(totals)
    raw = total.copy()
    raw[:, IS_RATE] = (total[:, IS_RATE] + PRIOR_STRENGTH * means[IS_RATE]) / (exposed[:, IS_RATE] + PRIOR_STRENGTH)
    stead = IS_STEADFASTNESS
    raw[:, stead] = (total[:, stead] + PRIOR_WEIGHT) / (exposed[:, stead] + PRIOR_WEIGHT)
    least = np.where(IS_RATE, LEAST_EXPOSURE, np.where(stead, UNDECIDABLE_BELOW, 0.5))
    return np.where(exposed >= least, rounded(raw), np.nan)


def rounded(values: Floats) -> Floats:
    """Round to 9 significant digits: parallel sums differ in the last bits, and a tie must not depend on them."""
    safe = np.where(values == 0, 1.0, np.abs(values))
    scale = np.power(10.0, SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(safe)))
    return np.where(values == 0, 0.0, np.round(values * scale) / scale)


def scores(raw: Floats, *, scale: Scale) -> Floats:
    """Scores from 0 to 100; 50 where there are no peers. Asked and silent costs at most the cap below the middle."""
    result = np.full_like(raw, np.nan)
    for position in range(INDICATORS):
        if scale.weights[position] <= 0:
            continue
        column = raw[:, position]
        distribution = scale.distributions.get(position)
        placed = np.full_like(column, MIDDLE) if distribution is None else _position(column, distribution=distribution)
        if IS_RATE[position]:
            placed = np.maximum(placed, MIDDLE - SILENCE_CAP)
        result[:, position] = np.where(np.isnan(column), np.nan, placed)
    return result


def _position(column: Floats, *, distribution: Distribution) -> Floats:
    values, below, upto = distribution.values, distribution.below, distribution.upto
    last = len(values) - 1
    place = np.searchsorted(values, np.nan_to_num(column, nan=-np.inf), side="right") - 1
    here = np.clip(place, 0, last)
    there = np.minimum(here + 1, last)
    gap = np.where(there > here, values[there] - values[here], 1.0)
    between = upto[here] + (below[there] - upto[here]) * ((column - values[here]) / gap)
    share = np.where(column == values[here], (below[here] + upto[here]) / 2, np.where(here == last, 1.0, between))
    return np.where(place < 0, 0.0, 100.0 * share)


def indices(score: Floats, *, weights: Floats) -> tuple[Floats, Floats]:
    """Index (0 to 100, NaN when nothing is applicable) and confidence (share of the weight that is applicable)."""
    weighted = np.zeros(len(score))
    applicable = np.zeros(len(score))
    for position in range(INDICATORS):
        column = score[:, position]
        is_known = ~np.isnan(column)
        weighted += np.where(is_known, weights[position] * np.nan_to_num(column), 0.0)
        applicable += np.where(is_known, weights[position], 0.0)
    whole = float(weights.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return weighted / applicable, applicable / whole if whole else applicable


def grades(index: Floats, *, thresholds: Floats, base: Integers) -> Integers:
    """Positions in GRADES, with hysteresis; the last grade where there is no index.

    `base` is the position of the settled grade of an earlier day, −1 when there is none. A grade is left only when the
    index is beyond the boundary by more than the margin.
    """
    known = np.nan_to_num(index, nan=-np.inf)
    plain = _rank(known, thresholds)
    surely_better = _rank(known - MARGIN_OF_HYSTERESIS, thresholds)
    surely_worse = _rank(known + MARGIN_OF_HYSTERESIS, thresholds)
    moved = np.where(surely_better < base, surely_better, np.where(surely_worse > base, surely_worse, base))
    return np.where(base < 0, plain, moved)


def _rank(index: Floats, thresholds: Floats) -> Integers:
    rank = np.full(len(index), len(GRADES) - 1, dtype=np.int64)
    for position in range(len(thresholds) - 1, -1, -1):
        rank = np.where(index >= thresholds[position], position, rank)
    return rank
