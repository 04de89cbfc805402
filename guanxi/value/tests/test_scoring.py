"""Scores, indices, grades, references and the split of a change, as pure functions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from guanxi.kernel.errors import RuleViolation
from guanxi.value.analyses.attribution import Sums, attribute
from guanxi.value.analyses.figures import core_accounts
from guanxi.value.analyses.reference import distribution, distributions, grade_thresholds, rate_means
from guanxi.value.analyses.scoring import (
    INDICATORS,
    Floats,
    Scale,
    grades,
    indices,
    raw_values,
    rounded,
    scores,
)
from guanxi.value.analyses.steadfastness import classify
from guanxi.value.rules import (
    ALL_INDICATORS,
    POSITIONS,
    default_weights,
    family_shares,
    weights_from_families,
)

WEIGHTS = np.array([default_weights().of("customer", item.key) for item in ALL_INDICATORS])
FREQUENCY, RATE = POSITIONS["purchase_frequency"], POSITIONS["survey_rate"]


def _scale(raw: Floats, *, weights: Floats = WEIGHTS, means: Floats | None = None) -> Scale:
    return Scale(distributions(raw), np.zeros(INDICATORS) if means is None else means, weights, np.zeros(4))


def _column(values: list[float], position: int) -> Floats:
    result = np.full((len(values), INDICATORS), np.nan)
    result[:, position] = values
    return result


def test_a_score_is_the_mid_rank_among_the_peers() -> None:
    raw = _column([1.0, 2.0, 2.0, 4.0], FREQUENCY)
    assert scores(raw, scale=_scale(raw))[:, FREQUENCY].tolist() == [12.5, 50.0, 50.0, 87.5]


def test_a_value_between_two_known_ones_is_interpolated_and_beyond_them_bounded() -> None:
    scale = _scale(_column([1.0, 2.0, 2.0, 4.0], FREQUENCY))
    found = scores(_column([0.0, 3.0, 9.0], FREQUENCY), scale=scale)[:, FREQUENCY]
    assert found.tolist() == [0.0, 75.0, 100.0]


def test_missing_is_not_zero() -> None:
    raw = _column([1.0, 2.0], FREQUENCY)
    index, confidence = indices(scores(raw, scale=_scale(raw)), weights=WEIGHTS)
    assert index.tolist() == [25.0, 75.0]
    assert confidence.tolist() == [WEIGHTS[FREQUENCY] / WEIGHTS.sum()] * 2


def test_asked_and_silent_costs_no_more_than_the_cap() -> None:
    totals, exposures = _column([0.0, 5.0, 6.0], RATE), _column([6.0, 6.0, 6.0], RATE)
    means = rate_means(totals, exposures=exposures)
    raw = raw_values(totals, exposures=exposures, means=means)
    found = scores(raw, scale=_scale(raw, means=means))[:, RATE]
    assert found[0] == 20.0
    assert found[0] < found[1] < found[2]


def test_never_asked_is_not_applicable() -> None:
    raw = raw_values(_column([0.0], RATE), exposures=_column([0.0], RATE), means=np.zeros(INDICATORS))
    assert np.isnan(raw[0, RATE])


def test_rounding_makes_equal_what_differs_in_the_last_bits() -> None:
    values = np.array([0.1 + 0.2, 0.3, 123456789.04, 0.0, -2.5e-7])
    assert rounded(values).tolist() == [0.3, 0.3, 123456789.0, 0.0, -2.5e-7]


def test_a_long_distribution_is_thinned_and_keeps_its_ends() -> None:
    thinned = distribution(np.arange(10_000, dtype=float))
    assert len(thinned.values) < 420
    assert (thinned.values[0], thinned.values[-1], thinned.upto[-1]) == (0.0, 9999.0, 1.0)


def test_grades_follow_their_shares() -> None:
    index = np.linspace(0, 100, 1001)
    none = np.full(len(index), -1)
    counts = np.bincount(grades(index, thresholds=grade_thresholds(index), base=none))
    assert [round(count / 1001, 2) for count in counts] == [0.04, 0.16, 0.24, 0.33, 0.23]


@pytest.mark.parametrize(
    ("index", "base", "expected"),
    [(80.5, 1, 1), (81.0, 1, 0), (79.5, 0, 0), (78.9, 0, 1), (79.5, -1, 1), (20.0, 0, 4)],
)
def test_a_grade_is_left_only_beyond_the_margin(index: float, base: int, expected: int) -> None:
    thresholds = np.array([80.0, 60.0, 40.0, 30.0])
    assert grades(np.array([index]), thresholds=thresholds, base=np.array([base])).tolist() == [expected]


def test_core_customers_are_the_smallest_set_that_brings_four_fifths() -> None:
    assert core_accounts(np.array([10.0, 50.0, 30.0, 10.0, -5.0])).tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("observed", "expected", "word"),
    [(2, 2.1, "kept"), (1, 3.0, "less"), (0, 2.0, "vanished"), (0, 0.4, "undecidable")],
)
def test_steadfastness_has_a_word(observed: float, expected: float, word: str) -> None:
    assert classify(observed, expected=expected) == word


def test_family_weights_split_as_declared_and_must_add_up() -> None:
    shares = family_shares("customer", weights=default_weights())
    assert sum(shares.values()) == 100
    again = weights_from_families("customer", shares=shares)
    assert again == {key: weight for key, weight in default_weights().by_indicator.items() if key[0] == "customer"}
    with pytest.raises(RuleViolation):
        weights_from_families("customer", shares={**shares, "purchase": 90})


FINITE = st.floats(0, 1000, allow_nan=False, width=32)
MATRIX = arrays(np.float64, (6, INDICATORS), elements=FINITE)


@given(MATRIX, MATRIX, MATRIX, MATRIX, st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_parts_of_a_change_add_up(
    old_totals: Floats, old_exposures: Floats, more: Floats, chances: Floats, reweighted: bool, refrozen: bool
) -> None:
    sums = Sums(old_totals + more, old_exposures + chances, old_totals, old_exposures)
    means = rate_means(sums.totals, exposures=sums.exposures)
    former = _scale(raw_values(old_totals, exposures=old_exposures, means=means), means=means)
    weights = WEIGHTS[::-1] * (WEIGHTS > 0) + (WEIGHTS > 0) if reweighted else WEIGHTS
    fresh = _scale(raw_values(sums.totals, exposures=sums.exposures, means=means), weights=weights, means=means)
    kept = Scale(former.distributions, former.means, weights, former.thresholds)
    today = fresh if refrozen else kept if reweighted else former
    split = attribute(sums, days=30, former=former, former_group_today=today, present=today)
    parts = np.nansum(split.faded, axis=1) + np.nansum(split.new, axis=1) + split.applicability
    parts += split.weights + split.reference + split.peer_group
    known = ~np.isnan(split.index_before) & ~np.isnan(split.index)
    assert np.abs(split.index - split.index_before - parts)[known].max(initial=0.0) < 1e-9


@given(MATRIX, MATRIX, st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_an_account_alone_gives_the_same_bits_as_among_others(totals: Floats, exposures: Floats, row: int) -> None:
    sums = Sums(totals, exposures, totals / 2, exposures / 2)
    scale = _scale(raw_values(totals, exposures=exposures, means=np.zeros(INDICATORS)))
    together = attribute(sums, days=30, former=scale, former_group_today=scale, present=scale)
    alone_sums = Sums(*(part[row : row + 1] for part in (totals, exposures, totals / 2, exposures / 2)))
    alone = attribute(alone_sums, days=30, former=scale, former_group_today=scale, present=scale)
    for name in ("index", "index_before", "confidence", "scores", "faded", "new", "applicability"):
        np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[row])
