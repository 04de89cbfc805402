"""What other weights would do: computed on the scores of the latest snapshot, nothing is saved."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from guanxi.customers.facade import account_grant
from guanxi.kernel.actor import Actor
from guanxi.value.analyses import reference, scoring
from guanxi.value.analyses.scoring import Floats, Integers
from guanxi.value.choices import GRADES
from guanxi.value.models import Edition
from guanxi.value.queries.scales import peer_group_ids, weight_vector
from guanxi.value.queries.snapshots import Snapshot, latest_day, read_snapshot
from guanxi.value.rules import ALL_INDICATORS, weights_from_families

LEAST_POINTS = 3.0
MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One account that would move: indices 0 to 100, grades, and the family that moves it with its score."""

    account_id: int
    name: str
    now: float
    draft: float
    grade_now: str
    grade_draft: str
    family: str
    score: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a draft would do among the accounts of one peer group that the person sees."""

    accounts: int
    moved: int
    mean_change: float
    regraded: int
    risen: int
    fallen: int
    moves: Mapping[tuple[str, str], int]
    rows: tuple[MovedRow, ...]


def what_if(actor: Actor, *, group: str, shares: Mapping[str, float]) -> WhatIf | None:
    """The effect of family weights on one peer group; None before the first snapshot.

    Grades are compared as the boundaries of either weight set put them, without hysteresis.
    """
    day = latest_day()
    snapshot = read_snapshot(day) if day else None
    edition = Edition.objects.select_related("weight_set").order_by("-in_force_from", "-pk").first()
    group_id = peer_group_ids().get(group)
    if snapshot is None or edition is None or group_id is None:
        return None
    rows = np.flatnonzero((snapshot.groups == group_id) & ~np.isnan(snapshot.indices))
    fresh = dict(edition.weight_set.weights)
    named = weights_from_families("customer", shares=shares)
    fresh.update({f"{relation}.{key}": weight for (relation, key), weight in named.items()})
    now_weights = weight_vector(edition.weight_set.weights, key=group)
    draft_weights = weight_vector(fresh, key=group)
    now, _ = scoring.indices(snapshot.scores[rows], weights=now_weights)
    draft, _ = scoring.indices(snapshot.scores[rows], weights=draft_weights)
    none = np.full(len(rows), -1, dtype=np.int64)
    grade_now = scoring.grades(now, thresholds=reference.grade_thresholds(now), base=none)
    grade_draft = scoring.grades(draft, thresholds=reference.grade_thresholds(draft), base=none)
    seen = _seen(actor, snapshot.account_ids[rows])
    change = np.nan_to_num(draft - now)
    moves = {
        (GRADES[old], GRADES[new]): int(((grade_now == old) & (grade_draft == new) & seen).sum())
        for old in range(len(GRADES))
        for new in range(len(GRADES))
    }
    order = [
        place
        for place in np.argsort(-np.abs(np.where(seen, change, 0.0)), kind="stable")[:MOST_ROWS]
        if abs(change[place]) > 0.05
    ]
    shown = _Shown(snapshot, rows[order], now[order], draft[order], grade_now[order], grade_draft[order])
    return WhatIf(
        accounts=int(seen.sum()),
        moved=int(((np.abs(change) >= LEAST_POINTS) & seen).sum()),
        mean_change=float(change[seen].mean()) if seen.any() else 0.0,
        regraded=int(((grade_now != grade_draft) & seen).sum()),
        risen=int(((grade_draft < grade_now) & seen).sum()),
        fallen=int(((grade_draft > grade_now) & seen).sum()),
        moves={pair: count for pair, count in moves.items() if count},
        rows=_moved_rows(actor, shown, weights=draft_weights - now_weights),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    snapshot: Snapshot
    rows: Integers
    now: Floats
    draft: Floats
    grade_now: Integers
    grade_draft: Integers


def _seen(actor: Actor, account_ids: Integers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    visible = np.array(sorted(account_grant(actor).queryset().values_list("pk", flat=True)), dtype=np.int64)
    return np.isin(account_ids, visible)


def _moved_rows(actor: Actor, shown: _Shown, *, weights: Floats) -> tuple[MovedRow, ...]:
    ids = shown.snapshot.account_ids[shown.rows].tolist()
    names = dict(account_grant(actor).queryset().filter(pk__in=ids).values_list("pk", "name"))
    rows = []
    for place, account_id in enumerate(ids):
        scores = shown.snapshot.scores[shown.rows[place]]
        pull = np.nan_to_num((scores - shown.now[place]) * weights)
        strongest = int(np.argmax(np.abs(pull)))
        rows.append(
            MovedRow(
                account_id=account_id,
                name=names.get(account_id, ""),
                now=float(shown.now[place]),
                draft=float(shown.draft[place]),
                grade_now=GRADES[int(shown.grade_now[place])],
                grade_draft=GRADES[int(shown.grade_draft[place])],
                family=ALL_INDICATORS[strongest].family,
                score=float(scores[strongest]),
            )
        )
    return tuple(rows)
