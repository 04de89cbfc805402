"""Editions and the scales that follow from them."""

from datetime import date
from functools import lru_cache

import numpy as np

from guanxi.value.analyses.scoring import Distribution, Floats, Scale
from guanxi.value.choices import GRADES
from guanxi.value.models import Edition, PeerGroup, ReferenceMean, ReferencePoint
from guanxi.value.rules import ALL_INDICATORS, POSITIONS


def peer_group_ids() -> dict[str, int]:
    """Peer group ids by key."""
    return dict(PeerGroup.objects.values_list("key", "pk"))


def edition_in_force(on: date) -> Edition | None:
    """The edition in force on a day; before the first one, the first."""
    editions = Edition.objects.select_related("weight_set").order_by("-in_force_from", "-pk")
    return editions.filter(in_force_from__lte=on).first() or editions.last()


def scales_of(edition_id: int) -> dict[int, Scale]:
    """The scales of an edition by peer group id."""
    return _scales_of(edition_id, tuple(sorted(peer_group_ids().items())))


@lru_cache(maxsize=8)
def _scales_of(edition_id: int, groups: tuple[tuple[str, int], ...]) -> dict[int, Scale]:
    """Editions never change once they are published, so their scales are kept by this process."""
    return build_scales(edition_id, groups)


def build_scales(edition_id: int, groups: tuple[tuple[str, int], ...]) -> dict[int, Scale]:
    """The scales of an edition, read afresh; for an edition whose grade boundaries are still being set."""
    edition = Edition.objects.select_related("weight_set").get(pk=edition_id)
    distributions = reference_distributions(edition.reference_id)
    means = reference_means(edition.reference_id)
    return {
        group_id: Scale(
            distributions=distributions.get(key, {}),
            means=means.get(key, np.zeros(len(ALL_INDICATORS))),
            weights=weight_vector(edition.weight_set.weights, key=key),
            thresholds=np.array(edition.thresholds.get(key, [0.0] * (len(GRADES) - 1))),
        )
        for key, group_id in groups
    }


def weight_vector(weights: dict[str, float], *, key: str) -> Floats:
    """The weights of a peer group in the order of ALL_INDICATORS; `weights` by "relation.indicator"."""
    relation = key.partition(".")[0]
    return np.array([float(weights.get(f"{relation}.{item.key}", 0.0)) for item in ALL_INDICATORS])


def reference_distributions(reference_id: int) -> dict[str, dict[int, Distribution]]:
    """The distributions of a reference by peer group key and indicator position."""
    rows = ReferencePoint.objects.filter(reference_id=reference_id).order_by("peer_group", "indicator", "value")
    collected: dict[str, dict[int, list[tuple[float, float, float]]]] = {}
    columns = ("peer_group", "indicator", "value", "below", "upto")
    for group, indicator, value, below, upto in rows.values_list(*columns):
        if indicator in POSITIONS:
            collected.setdefault(group, {}).setdefault(POSITIONS[indicator], []).append((value, below, upto))
    return {
        group: {
            position: Distribution(*(np.array(column) for column in zip(*points, strict=True)))
            for position, points in indicators.items()
        }
        for group, indicators in collected.items()
    }


def reference_means(reference_id: int) -> dict[str, Floats]:
    """The peers' mean rates of a reference by peer group key."""
    means: dict[str, Floats] = {}
    rows = ReferenceMean.objects.filter(reference_id=reference_id)
    for group, indicator, mean in rows.values_list("peer_group", "indicator", "mean"):
        if indicator in POSITIONS:
            means.setdefault(group, np.zeros(len(ALL_INDICATORS)))[POSITIONS[indicator]] = mean
    return means
