"""Whether the classes of a scheme differ: the rank test of Kruskal and Wallis, and how much of the spread they explain.

Pure functions over arrays of numbers, one array per class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, gamma, sqrt

import numpy as np
import numpy.typing as npt

from guanxi.care.choices import Strength

Floats = npt.NDArray[np.float64]
LEAST_MEMBERS = 5
"""A class with fewer known values is left out: the distribution that the test rests on holds from about five on."""
LEVEL = 0.05
"""The chance of calling classes different that are not, over all measures of a report together."""
WEAK_FROM, CLEAR_FROM, STRONG_FROM = 0.01, 0.04, 0.16
"""From which share of the spread of ranks on classes differ a little, clearly, strongly.

Source: Rea & Parker, Designing and Conducting Survey Research, 1992.
"""


@dataclass(frozen=True, slots=True)
class RankTest:
    """The outcome of a test: `statistic` H, `degrees` of freedom, `chance` 0 to 1 that classes which do not differ
    would seem to differ as much, `effect` 0 to 1 = epsilon squared, `count` of customers that it rests on."""

    statistic: float
    degrees: int
    chance: float
    effect: float
    count: int


def rank_test(groups: Sequence[Floats]) -> RankTest | None:
    """Whether groups of numbers differ in their ranks; None with fewer than two groups of LEAST_MEMBERS.

    Method: Kruskal–Wallis H with the correction for ties, compared with the chi-squared distribution of (groups − 1)
    degrees; effect size epsilon squared = H / (count − 1). All numbers equal: H = 0.
    Source: Kruskal & Wallis, Journal of the American Statistical Association 47, 1952; Kelley, An unbiased
    correlation ratio measure, 1935, for ranks in Tomczak & Tomczak, Trends in Sport Sciences 1, 2014.
    """
    large = [group for group in groups if len(group) >= LEAST_MEMBERS]
    if len(large) < 2:
        return None
    statistic = kruskal_wallis(large)
    count = sum(len(group) for group in large)
    degrees = len(large) - 1
    effect = min(1.0, max(0.0, statistic / (count - 1)))
    return RankTest(statistic, degrees, chi_squared_tail(statistic, degrees=degrees), effect, count)


def kruskal_wallis(groups: Sequence[Floats]) -> float:
    """The statistic H of groups of numbers, corrected for ties; 0 where all numbers are equal.

    Steps: 1 rank all numbers, equal ones get the mean of their ranks, 2 H from the sums of ranks by group, 3 divide by
    what ties take away.
    """
    values = np.concatenate(groups)
    count = len(values)
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2.0)[place]
    ends = np.cumsum([len(group) for group in groups])[:-1]
    sums = [float(part.sum()) ** 2 / len(part) for part in np.split(ranks, ends)]
    correction = 1.0 - float((ties.astype(np.float64) ** 3 - ties).sum()) / (float(count) ** 3 - count)
    if correction <= 0.0:
        return 0.0
    return float(max(0.0, (12.0 / (count * (count + 1.0)) * sum(sums) - 3.0 * (count + 1.0)) / correction))


def chi_squared_tail(value: float, *, degrees: int) -> float:
    """The chance that a chi-squared variable of whole degrees of freedom exceeds a value.

    Method: the finite sums for even and for odd degrees. Source: Abramowitz & Stegun, Handbook of Mathematical
    Functions, 1964, 26.4.4 and 26.4.5.
    """
    half = value / 2.0
    if half <= 0.0:
        return 1.0
    if degrees % 2 == 0:
        total = sum(half**step / gamma(step + 1.0) for step in range(degrees // 2))
        return float(min(1.0, exp(-half) * total))
    total = sum(half ** (step - 0.5) / gamma(step + 0.5) for step in range(1, (degrees + 1) // 2))
    return float(min(1.0, erfc(sqrt(half)) + exp(-half) * total))


def strength_of(test: RankTest | None, *, measures: int) -> Strength:
    """How much classes differ, in words; `measures` are tested in one report and share LEVEL (Bonferroni).

    Many customers make every difference certain, so it must be certain and large enough to matter.
    """
    if test is None:
        return Strength.UNKNOWN
    if test.chance >= LEVEL / measures or test.effect < WEAK_FROM:
        return Strength.NONE
    if test.effect < CLEAR_FROM:
        return Strength.WEAK
    return Strength.CLEAR if test.effect < STRONG_FROM else Strength.STRONG
