"""What moved an index: an exact split of the change between two days.

Order, fixed: the customer's own behaviour first, at the former weights, reference and peer group; then which
indicators became or ceased to be applicable; then the weight set; then the reference; then the peer group.
Own change of an indicator splits into what faded (old facts alone, seen today) and what new facts added.
The parts add up to the change to 1e-9. Method: METHODS §1.
"""

from dataclasses import dataclass, replace

import numpy as np

from guanxi.value.analyses.scoring import (
    INDICATORS,
    IS_RATE,
    IS_STEADFASTNESS,
    Floats,
    Scale,
    fading,
    indices,
    raw_values,
    scores,
)


@dataclass(frozen=True, slots=True)
class Sums:
    """Decayed sums seen today, of all facts and of the old ones. Shapes: (accounts, indicators)."""

    totals: Floats
    exposures: Floats
    old_totals: Floats
    old_exposures: Floats


@dataclass(frozen=True, slots=True)
class Attribution:
    """Indices and the split of their change. NaN where there is no index on that day.

    Shapes: `scores`, `faded` and `new` (accounts, indicators), all others (accounts,). Parts are in index points.
    """

    index_before: Floats
    index: Floats
    confidence: Floats
    scores: Floats
    faded: Floats
    new: Floats
    applicability: Floats
    weights: Floats
    reference: Floats
    peer_group: Floats


def attribute(sums: Sums, *, days: int, former: Scale, former_group_today: Scale, present: Scale) -> Attribution:
    """Split the change over `days` of accounts that share their scales.

    `former` is the scale of the former day and peer group, `former_group_today` today's scale of that group (today's
    weights and reference), `present` today's scale of today's group. All three are one object when nothing but the
    customer changed. Steps: 1 the former index, 2 own change split into faded and new, 3 today's facts at the former
    scale, 4 with today's weights, 5 with today's reference, 6 in today's group.
    """
    factor = fading(days)
    old_exposures = np.where(IS_RATE | IS_STEADFASTNESS, sums.old_exposures / factor, sums.old_exposures)
    before = _scored(sums.old_totals / factor, exposures=old_exposures, scale=former)
    faded = _scored(sums.old_totals, exposures=sums.old_exposures, scale=former)
    after = _scored(sums.totals, exposures=sums.exposures, scale=former)
    index_before, _ = indices(before, weights=former.weights)
    faded_points, new_points = _own_changes(before, faded=faded, after=after, weights=former.weights)
    at_present, _ = indices(after, weights=former.weights)
    at_weights, at_reference, final = at_present, at_present, after
    if former is not present:
        at_weights = _index(sums, scale=replace(former, weights=former_group_today.weights))
        at_reference = _index(sums, scale=former_group_today)
        final = _scored(sums.totals, exposures=sums.exposures, scale=present)
    index, confidence = indices(final, weights=present.weights)
    own = _row_sums(faded_points) + _row_sums(new_points)
    return Attribution(
        index_before=index_before,
        index=index,
        confidence=confidence,
        scores=final,
        faded=faded_points,
        new=new_points,
        applicability=at_present - index_before - own,
        weights=at_weights - at_present,
        reference=at_reference - at_weights,
        peer_group=index - at_reference,
    )


def _scored(totals: Floats, *, exposures: Floats, scale: Scale) -> Floats:
    return scores(raw_values(totals, exposures=exposures, means=scale.means), scale=scale)


def _index(sums: Sums, *, scale: Scale) -> Floats:
    score = _scored(sums.totals, exposures=sums.exposures, scale=scale)
    return indices(score, weights=scale.weights)[0]


def _own_changes(before: Floats, *, faded: Floats, after: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Index points that each indicator's fading and new facts brought; NaN unless applicable on both days."""
    whole = np.zeros(len(before))
    for position in range(INDICATORS):
        whole += np.where(np.isnan(before[:, position]), 0.0, weights[position])
    share = weights / np.where(whole > 0, whole, np.nan)[:, np.newaxis]
    middle = np.where(np.isnan(faded), before, faded)
    is_on_both = ~np.isnan(before) & ~np.isnan(after)
    return (
        np.where(is_on_both, share * (middle - before), np.nan),
        np.where(is_on_both, share * (after - middle), np.nan),
    )


def _row_sums(parts: Floats) -> Floats:
    total = np.zeros(len(parts))
    for position in range(INDICATORS):
        total += np.nan_to_num(parts[:, position])
    return total
