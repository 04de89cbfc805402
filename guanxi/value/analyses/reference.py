"""Freezing a reference: the distributions that scores are positions in, the peers' means, the grade boundaries.

Method: mid-rank positions (METHODS §1). A distribution with many distinct values is thinned to steps of its own
quantiles; positions between two kept values are interpolated.
"""

import numpy as np

from guanxi.value.analyses.scoring import INDICATORS, IS_RATE, Distribution, Floats
from guanxi.value.rules import GRADE_SHARES

MOST_POINTS = 400


def distributions(raw: Floats) -> dict[int, Distribution]:
    """The reference distributions of one peer group, by indicator position. Input: raw values of all its accounts."""
    found: dict[int, Distribution] = {}
    for position in range(INDICATORS):
        column = raw[:, position]
        known = column[~np.isnan(column)]
        if len(known):
            found[position] = distribution(known)
    return found


def distribution(known: Floats) -> Distribution:
    """The reference distribution of one indicator. Input: at least one raw value, none NaN."""
    values, counts = np.unique(known, return_counts=True)
    upto = np.cumsum(counts) / len(known)
    below = upto - counts / len(known)
    step = np.floor(upto * MOST_POINTS)
    is_kept = np.ones(len(values), dtype=bool)
    is_kept[1:-1] = step[1:-1] != step[:-2]
    return Distribution(values[is_kept], below[is_kept], upto[is_kept])


def rate_means(totals: Floats, *, exposures: Floats) -> Floats:
    """The peers' mean rates: all successes over all chances. Shape: (indicators,), 0 for other measures."""
    chances = np.nansum(exposures, axis=0)
    successes = np.nansum(np.where(np.nan_to_num(exposures) > 0, totals, 0.0), axis=0)
    means = np.divide(successes, chances, out=np.zeros_like(chances), where=chances > 0)
    return np.where(IS_RATE, means, 0.0)


def grade_thresholds(index: Floats) -> Floats:
    """The least index of each grade but the last, by the grades' shares; zeros when nobody has an index."""
    known = index[~np.isnan(index)]
    if not len(known):
        return np.zeros(len(GRADE_SHARES) - 1)
    shares = np.cumsum([share for _, share in GRADE_SHARES[:-1]])
    return np.quantile(known, 1.0 - shares)
