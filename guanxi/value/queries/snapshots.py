"""Daily snapshots of all indices, one Parquet file per day in the lake."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
from django.conf import settings
from pyarrow import parquet

from guanxi.value.analyses.scoring import INDICATORS, Floats, Integers
from guanxi.value.rules import TREND_DAYS

Values = TypeVar("Values", Floats, Integers)
FOLDER = "value_snapshots"
NO_GRADE = -1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All indices of a day. Shapes: (accounts,), `scores` (accounts, indicators); `groups` are peer group ids and
    `grades` positions in GRADES."""

    as_of: date
    account_ids: Integers
    groups: Integers
    indices: Floats
    grades: Integers
    scores: Floats


def read_snapshot(on: date, *, has_scores: bool = True) -> Snapshot | None:
    """The snapshot of a day, or the nearest one of the seven days before; None when there is none.

    Without scores, which are most of the file, its `scores` are empty.
    """
    path = next((path for days in range(8) if (path := snapshot_path(on - timedelta(days=days))).exists()), None)
    if path is None:
        return None
    columns = ["account_id", "peer_group_id", "index_value", "grade", *(["scores"] if has_scores else [])]
    table = parquet.read_table(path, columns=columns)
    values = table.column("scores").combine_chunks().flatten().to_numpy() if has_scores else np.array([])
    return Snapshot(
        as_of=date.fromisoformat(path.stem),
        account_ids=table.column("account_id").to_numpy(),
        groups=table.column("peer_group_id").to_numpy(),
        indices=table.column("index_value").to_numpy(),
        grades=table.column("grade").to_numpy().astype(np.int64),
        scores=values.reshape(-1, INDICATORS),
    )


def trends(as_of: date, account_ids: Integers) -> Floats:
    """The index on the days of TREND_DAYS before `as_of`. Shape: (accounts, len(TREND_DAYS)), NaN = none."""
    result = np.full((len(account_ids), len(TREND_DAYS)), np.nan)
    for place, days in enumerate(TREND_DAYS):
        snapshot = read_snapshot(as_of - timedelta(days=days), has_scores=False)
        if snapshot is not None:
            result[:, place] = _aligned(snapshot, snapshot.indices, account_ids, missing=np.nan)
    return result


def grades_on(as_of: date, *, days: int, account_ids: Integers) -> Integers:
    """Grades so many days before `as_of`. Shape: (accounts,), −1 = none."""
    snapshot = read_snapshot(as_of - timedelta(days=days), has_scores=False)
    if snapshot is None:
        return np.full(len(account_ids), NO_GRADE, dtype=np.int64)
    return _aligned(snapshot, snapshot.grades, account_ids, missing=NO_GRADE)


def latest_day() -> date | None:
    """The day of the newest snapshot."""
    days = sorted(path.stem for path in (settings.LAKE_FOLDER / FOLDER).glob("*.parquet"))
    return date.fromisoformat(days[-1]) if days else None


def _aligned(snapshot: Snapshot, values: Values, account_ids: Integers, *, missing: float) -> Values:
    """The snapshot's values in the order of `account_ids`; `missing` where it has no such account."""
    if not len(snapshot.account_ids):
        return np.full(len(account_ids), missing, dtype=values.dtype)
    places = np.minimum(np.searchsorted(snapshot.account_ids, account_ids), len(snapshot.account_ids) - 1)
    is_known = snapshot.account_ids[places] == account_ids
    return np.where(is_known, values[places], missing).astype(values.dtype)


def snapshot_path(on: date) -> Path:
    """Where the snapshot of a day is kept."""
    folder: Path = settings.LAKE_FOLDER / FOLDER
    return folder / f"{on.isoformat()}.parquet"
