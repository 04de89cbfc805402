"""The quality of records by unit and owner, today and over weeks; only of owners whose customers a person sees."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from guanxi.customers.facade import may_see_customers_of
from guanxi.kernel.actor import Actor
from guanxi.platform.access.prepared import number_array
from guanxi.platform.objects.desk import desk_sources
from guanxi.stewardship.models import QualityDay
from guanxi.stewardship.rules.quality import Part, parts_of, score_of

TREND_DAYS = 91


@dataclass(frozen=True, slots=True)
class QualityRow:
    """The quality of the customers of a unit or an owner (0 = none): the score, its parts, the score of weeks ago."""

    id: int
    customers: int
    parts: tuple[Part, ...]
    score: float | None
    before: float | None

    @property
    def change(self) -> float | None:
        """Points since the day it is compared with."""
        return None if self.score is None or self.before is None else self.score - self.before


@dataclass(frozen=True, slots=True)
class QualityPoint:
    """The score on one day."""

    day: date
    score: float


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """All there is to show for one day: of everybody, by unit, by owner, and the days before."""

    day: date
    compared: date | None
    whole: QualityRow
    units: tuple[QualityRow, ...]
    owners: tuple[QualityRow, ...]
    trend: tuple[QualityPoint, ...]


@dataclass(frozen=True, slots=True)
class _Count:
    """What was counted for a unit and an owner of one measure."""

    unit_id: int
    owner_id: int
    measure: str
    affected: int
    customers: int


def last_counted_on() -> date | None:
    """The day on which quality was last counted."""
    return QualityDay.objects.order_by("-day").values_list("day", flat=True).first()


def scoreboard(actor: Actor, *, compare_days: int) -> Scoreboard | None:
    """The scoreboard of the last day that was counted; None before the first night. Five queries."""
    day = last_counted_on()
    if day is None:
        return None
    pairs = _seen_pairs(actor, since=day - timedelta(days=TREND_DAYS))
    earlier = QualityDay.objects.filter(day__lte=day - timedelta(days=compare_days))
    compared = earlier.order_by("-day").values_list("day", flat=True).first()
    now, then = _counts(day, pairs), _counts(compared, pairs) if compared else ()
    return Scoreboard(
        day=day,
        compared=compared,
        whole=_rows(now, then, by="")[0] if now else QualityRow(0, 0, (), None, None),
        units=_rows(now, then, by="unit_id"),
        owners=_rows(now, then, by="owner_id"),
        trend=_trend(day, pairs),
    )


def _points() -> dict[str, int]:
    return {source.key: source.points for source in desk_sources()}


def _seen_pairs(actor: Actor, *, since: date) -> list[tuple[int, int]]:
    """The units and owners (0 = none) whose customers the actor sees without anybody having shared one."""
    known = QualityDay.objects.filter(day__gte=since).order_by().values_list("unit_id", "owner_id").distinct()
    return [
        (unit_id, owner_id)
        for unit_id, owner_id in known
        if may_see_customers_of(actor, owner_id=owner_id or None, unit_id=unit_id or None)
    ]


def _counts(day: date, pairs: Sequence[tuple[int, int]]) -> tuple[_Count, ...]:
    seen = set(pairs)
    rows = QualityDay.objects.filter(day=day).values_list("unit_id", "owner_id", "measure", "affected", "customers")
    return tuple(_Count(*row) for row in rows if (row[0], row[1]) in seen)


def _rows(now: Iterable[_Count], then: Iterable[_Count], *, by: str) -> tuple[QualityRow, ...]:
    """The counts summed by a column ("" = all together), the lowest score first."""
    before = {key: score_of(parts) for key, (_customers, parts) in _summed(then, by).items()}
    rows = [
        QualityRow(key, customers, parts, score_of(parts), before.get(key))
        for key, (customers, parts) in _summed(now, by).items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.score if row.score is not None else 101.0, row.id)))


def _summed(counts: Iterable[_Count], by: str) -> dict[int, tuple[int, tuple[Part, ...]]]:
    affected: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    customers: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for count in counts:
        key = int(getattr(count, by)) if by else 0
        affected[key][count.measure] += count.affected
        customers[key][count.measure] += count.customers
    points = _points()
    return {
        key: (
            max(customers[key].values()),
            parts_of(found, customers=max(customers[key].values()), points=points),
        )
        for key, found in affected.items()
    }


_TREND = """
SELECT q.day, q.measure, sum(q.affected)::bigint, sum(q.customers)::bigint
FROM {table} q JOIN unnest(%s::bigint[], %s::bigint[]) seen(unit_id, owner_id) USING (unit_id, owner_id)
WHERE q.day > %s AND q.day <= %s GROUP BY 1, 2 ORDER BY 1
"""


def _trend(day: date, pairs: Sequence[tuple[int, int]]) -> tuple[QualityPoint, ...]:
    units, owners = number_array(unit for unit, _owner in pairs), number_array(owner for _unit, owner in pairs)
    affected: dict[date, dict[str, int]] = defaultdict(dict)
    customers: dict[date, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _TREND.format(table=QualityDay._meta.db_table), [units, owners, day - timedelta(days=TREND_DAYS), day]
        )
        for on, measure, found, of in cursor.fetchall():
            affected[on][measure] = found
            customers[on] = max(of, customers.get(on, 0))
    points = _points()
    scores = {
        on: score_of(parts_of(counted, customers=customers[on], points=points)) for on, counted in affected.items()
    }
    return tuple(QualityPoint(on, score) for on, score in scores.items() if score is not None)
