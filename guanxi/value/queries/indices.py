"""Named reads of indices, grades and weights."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import isnan
from typing import Any

import numpy as np
from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from guanxi.customers.facade import account_grant
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.objects.spec import Narrowed
from guanxi.value.choices import GRADES
from guanxi.value.models import Edition, ValueIndex
from guanxi.value.queries.snapshots import latest_day, read_snapshot
from guanxi.value.rules import ALL_INDICATORS, COMPARE_DAYS, GRADE_DAYS, TREND_DAYS, Weights, family_shares

SPARK_POINTS = 7
REASON = "value: indices are computed for all accounts"
Effects = tuple[list[float], list[float], list[float]]


@dataclass(frozen=True, slots=True)
class FamilyPart:
    """One family of an index: `score` 0 to 100 or None when not applicable, `weight` of 100, `median` of the peers,
    `faded` and `new` in index points over the last 30 days."""

    key: str
    score: float | None
    weight: float
    median: float
    faded: float
    new: float

    @property
    def effect(self) -> float:
        """Index points that this family brought over the last 30 days."""
        return self.faded + self.new


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An account's index as pages show it; `change` over 30 days, None when there was no index then."""

    account_id: int
    as_of: date
    index: float
    change: float | None
    index_before: float | None
    confidence: float
    grade: str
    amount: float
    margin: float | None
    is_core: bool
    last_purchase_on: date | None
    trend: tuple[float | None, ...]
    applicability: float
    weights_effect: float
    reference_effect: float
    peer_group_effect: float

    @property
    def spark(self) -> list[float]:
        """The index over the last 90 days, oldest first."""
        return [value for value in self.trend[-SPARK_POINTS:] if value is not None]

    @property
    def known_trend(self) -> list[float]:
        """The known indices of the last year, oldest first."""
        return [value for value in self.trend if value is not None]


@dataclass(frozen=True, slots=True)
class IndexParts:
    """An index with its families, the edition's name and the day its reference was frozen."""

    row: IndexRow
    families: tuple[FamilyPart, ...]
    weight_set: str
    frozen_on: date


@dataclass(frozen=True, slots=True)
class GradeCount:
    """One layer of the pyramid. `share` and `margin_share` of 1; `before` accounts so many days ago."""

    grade: str
    accounts: int
    share: float
    margin_share: float
    before: int


@dataclass(frozen=True, slots=True)
class Pyramid:
    """The pyramid of the accounts a person sees, compared with `days` ago.

    `moves` counts accounts by (grade then, grade now); "" is "no grade then".
    """

    as_of: date | None
    days: int
    layers: tuple[GradeCount, ...]
    moves: Mapping[tuple[str, str], int]
    accounts: int
    core_accounts: int
    core_index: float | None
    core_margin_share: float
    risen: int
    fallen: int


def index_rows(account_ids: Iterable[int], actor: Actor) -> dict[int, IndexRow]:
    """Indices by account id; one query. The margin is None for somebody who may not read costs."""
    permission = grant(actor, ValueIndex)
    sees_margin = permission.field_access("margin_12_months") >= FieldAccess.READ
    rows = _INDEX_ROWS(permission, ids=list(account_ids))
    return {row[0]: _index_row(row, sees_margin=sees_margin) for row in rows}


_ROW_COLUMNS = (
    "pk",
    "as_of",
    "index_value",
    "index_before",
    "confidence",
    "grade",
    "amount_12_months",
    "margin_12_months",
    "is_core",
    "last_purchase_on",
    "trend",
    "applicability",
    "weights_effect",
    "reference_effect",
    "peer_group_effect",
)
_INDEX_ROWS: Prepared[Grant[ValueIndex]] = Prepared(
    lambda permission: permission.queryset().filter(Among("pk", "ids")).values_list(*_ROW_COLUMNS)
)


def index_parts(row: IndexRow, actor: Actor) -> IndexParts | None:
    """An account's index with its families; None when it is gone meanwhile. Two queries."""
    found = _INDEX_PARTS(grant(actor, ValueIndex), account_id=row.account_id)
    if not found:
        return None
    ((scores, faded, new, group_id, group_key, weight_set, by_indicator, frozen_on),) = found
    relation = group_key.partition(".")[0]
    weights = _weights_of(by_indicator)
    medians = family_medians(group_id, relation=relation, weights=weights)
    return IndexParts(
        row=row,
        families=_families((scores, faded, new), relation=relation, weights=weights, medians=medians),
        weight_set=weight_set,
        frozen_on=frozen_on,
    )


_INDEX_PARTS: Prepared[Grant[ValueIndex]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(pk=Slot("account_id"))
        .values_list(
            "scores",
            "faded",
            "new",
            "peer_group_id",
            "peer_group__key",
            "edition__weight_set__name",
            "edition__weight_set__weights",
            "edition__reference__frozen_on",
        )
    )
)


def ordered_by(column: str) -> Callable[[Narrowed, bool], QuerySet[Any, Any]]:
    """How accounts are sorted by a column of the index table; "change" is that of the index over 30 days."""

    def beside(narrowed: Narrowed, is_falling: bool) -> QuerySet[Any, Any]:
        expression = _change() if column == "change" else F(column)
        never_null = column == "index_value"
        last = None if never_null else True  # an index can be read backwards only without a word on nulls
        order = expression.desc(nulls_last=last) if is_falling else expression.asc(nulls_last=last)
        return _of_narrowed(narrowed).order_by(order, "pk").values_list("pk", flat=True)

    return beside


def narrowed_by_grade(visible: GuardedQuerySet[Any], grades: Iterable[str], *, days: int = 0) -> GuardedQuerySet[Any]:
    """Of the visible accounts, those whose grade (now, or `days` ago) is one of `grades`."""
    column = f"grade_{days}" if days in GRADE_DAYS else "grade"
    return visible.filter(pk__in=all_indices().filter(**{f"{column}__in": list(grades)}).values("pk"))


def narrowed_by_change(visible: GuardedQuerySet[Any], *, least: float, is_fall: bool) -> GuardedQuerySet[Any]:
    """Of the visible accounts, those whose index moved by at least so many points in 30 days."""
    rows = all_indices().annotate(change=_change())
    moved = rows.filter(change__lte=-least) if is_fall else rows.filter(change__gte=least)
    return visible.filter(pk__in=moved.values("pk"))


def core_only(visible: GuardedQuerySet[Any]) -> GuardedQuerySet[Any]:
    """Of the visible accounts, the core customers."""
    return visible.filter(pk__in=all_indices().filter(is_core=True).values("pk"))


def pyramid(actor: Actor, *, days: int) -> Pyramid:
    """The pyramid of what the actor sees; one query. `days` is one of GRADE_DAYS."""
    then = f"grade_{days}"
    rows = list(
        grant(actor, ValueIndex)
        .queryset()
        .values(then, "grade")
        .annotate(
            accounts=Count("pk"),
            margin=Coalesce(Sum(Case(When(margin_12_months__gt=0, then=F("margin_12_months")))), Value(0.0)),
            core=Count("pk", filter=Q(is_core=True)),
            core_index=Sum("index_value", filter=Q(is_core=True)),
            core_margin=Coalesce(
                Sum("margin_12_months", filter=Q(is_core=True)), Value(0.0), output_field=FloatField()
            ),
        )
    )
    latest = Edition.objects.order_by("-pk").first()
    accounts = sum(row["accounts"] for row in rows)
    margin = sum(row["margin"] for row in rows) or 1.0
    core = sum(row["core"] for row in rows)
    moves = {(row[then], row["grade"]): row["accounts"] for row in rows}
    return Pyramid(
        as_of=grant(actor, ValueIndex).queryset().values_list("as_of", flat=True).first() if latest else None,
        days=days,
        layers=tuple(_layer(grade, rows=rows, then=then, accounts=accounts, margin=margin) for grade in GRADES),
        moves=moves,
        accounts=accounts,
        core_accounts=core,
        core_index=sum(row["core_index"] or 0.0 for row in rows) / core if core else None,
        core_margin_share=sum(row["core_margin"] for row in rows) / margin,
        risen=sum(count for (old, new), count in moves.items() if _moved(old, new) < 0),
        fallen=sum(count for (old, new), count in moves.items() if _moved(old, new) > 0),
    )


def movers(actor: Actor, *, is_fall: bool, limit: int = 4) -> list[tuple[IndexRow, str, str]]:
    """The accounts that moved most in 30 days, with their names and the key of the family that moved them."""
    permission = grant(actor, ValueIndex)
    sees_margin = permission.field_access("margin_12_months") >= FieldAccess.READ
    change = _change()
    order = change.asc(nulls_last=True) if is_fall else change.desc(nulls_last=True)
    moved = permission.queryset().annotate(change=change).filter(change__isnull=False).order_by(order, "pk")
    found = list(moved.values_list(*_ROW_COLUMNS, "faded", "new")[:limit])
    names = dict(account_grant(actor).queryset().filter(pk__in=[row[0] for row in found]).values_list("pk", "name"))
    return [
        (
            _index_row(tuple(values), sees_margin=sees_margin),
            names.get(values[0], ""),
            _strongest_family(faded, new, is_fall=is_fall),
        )
        for *values, faded, new in found
    ]


def edition_today() -> Edition | None:
    """The newest edition."""
    return Edition.objects.select_related("weight_set", "reference").order_by("-in_force_from", "-pk").first()


@lru_cache(maxsize=64)
def _family_medians(
    group_id: int, as_of: date, shares: tuple[tuple[str, tuple[tuple[int, float], ...]], ...]
) -> dict[str, float]:
    snapshot = read_snapshot(as_of)
    if snapshot is None:
        return {}
    rows = snapshot.scores[snapshot.groups == group_id]
    medians = {}
    for family, members in shares:
        weighted, applicable = np.zeros(len(rows)), np.zeros(len(rows))
        for position, weight in members:
            is_known = ~np.isnan(rows[:, position])
            weighted += np.where(is_known, np.nan_to_num(rows[:, position]) * weight, 0.0)
            applicable += np.where(is_known, weight, 0.0)
        known = applicable > 0
        medians[family] = float(np.median(weighted[known] / applicable[known])) if known.any() else 50.0
    return medians


def family_medians(group_id: int, *, relation: str, weights: Weights) -> Mapping[str, float]:
    """The peers' median score per family, from the latest snapshot; kept by this process until the next one."""
    as_of = latest_day()
    if as_of is None:
        return {}
    members: dict[str, list[tuple[int, float]]] = {}
    for position, item in enumerate(ALL_INDICATORS):
        weight = weights.of(relation, item.key)
        if weight:
            members.setdefault(item.family, []).append((position, weight))
    shares = tuple((family, tuple(found)) for family, found in members.items())
    return _family_medians(group_id, as_of, shares)


def _weights_of(by_indicator: Mapping[str, float]) -> Weights:
    return Weights(
        {
            (relation, key): float(weight)
            for name, weight in by_indicator.items()
            for relation, _, key in [name.partition(".")]
        }
    )


def weights_in_force() -> tuple[Weights, str] | None:
    """The weights in force and their name; None before the first edition."""
    edition = edition_today()
    return (_weights_of(edition.weight_set.weights), edition.weight_set.name) if edition else None


def _families(
    effects: Effects, *, relation: str, weights: Weights, medians: Mapping[str, float]
) -> tuple[FamilyPart, ...]:
    scores, faded, new = effects
    parts = []
    for family, share in family_shares(relation, weights=weights).items():
        members = [
            (weights.of(relation, item.key), position)
            for position, item in enumerate(ALL_INDICATORS)
            if item.family == family and weights.of(relation, item.key) > 0
        ]
        known = [(weight, scores[place]) for weight, place in members if not isnan(scores[place])]
        applicable = sum(weight for weight, _ in known)
        parts.append(
            FamilyPart(
                key=family,
                score=sum(weight * score for weight, score in known) / applicable if applicable else None,
                weight=share,
                median=medians.get(family, 50.0),
                faded=sum(faded[place] for _, place in members if not isnan(faded[place])),
                new=sum(new[place] for _, place in members if not isnan(new[place])),
            )
        )
    return tuple(parts)


def _strongest_family(faded: list[float], new: list[float], *, is_fall: bool) -> str:
    effects: dict[str, float] = {}
    for position, item in enumerate(ALL_INDICATORS):
        effect = sum(part for part in (faded[position], new[position]) if not isnan(part))
        effects[item.family] = effects.get(item.family, 0.0) + effect
    return min(effects, key=effects.__getitem__) if is_fall else max(effects, key=effects.__getitem__)


def _index_row(values: tuple[Any, ...], *, sees_margin: bool) -> IndexRow:
    """The row of the values of `_ROW_COLUMNS`."""
    account_id, as_of, index, before, confidence, grade, amount, margin, is_core, bought_on, trend, *effects = values
    applicability, weights, reference, peer_group = (_known(effect) for effect in effects)
    return IndexRow(
        account_id=account_id,
        as_of=as_of,
        index=index,
        change=None if isnan(before) else index - before,
        index_before=None if isnan(before) else before,
        confidence=confidence,
        grade=grade,
        amount=amount,
        margin=margin if sees_margin else None,
        is_core=is_core,
        last_purchase_on=bought_on,
        trend=tuple([None if value != value else value for value in trend]),  # noqa: PLR0124  # NaN is not itself
        applicability=applicability,
        weights_effect=weights,
        reference_effect=reference,
        peer_group_effect=peer_group,
    )


def trend_days(as_of: date) -> list[date]:
    """The days of the values in a trend, oldest first."""
    return [as_of - timedelta(days=days) for days in TREND_DAYS]


def compared_on(as_of: date) -> date:
    """The former day that changes are counted from."""
    return as_of - timedelta(days=COMPARE_DAYS)


def _known(value: float) -> float:
    return 0.0 if isnan(value) else value


def _change() -> Any:
    """Change over 30 days; null when there was no index then. In PostgreSQL NaN equals NaN."""
    return Case(
        When(index_before=float("nan"), then=None),
        default=F("index_value") - F("index_before"),
        output_field=FloatField(null=True),
    )


def _moved(old: str, new: str) -> int:
    return GRADES.index(new) - GRADES.index(old) if old in GRADES and new in GRADES else 0


def _layer(grade: str, *, rows: list[dict[str, Any]], then: str, accounts: int, margin: float) -> GradeCount:
    mine = [row for row in rows if row["grade"] == grade]
    count = sum(row["accounts"] for row in mine)
    return GradeCount(
        grade=grade,
        accounts=count,
        share=count / accounts if accounts else 0.0,
        margin_share=sum(row["margin"] for row in mine) / margin,
        before=sum(row["accounts"] for row in rows if row[then] == grade),
    )


def all_indices() -> GuardedQuerySet[ValueIndex]:
    """All indices, to narrow accounts that a grant has narrowed already."""
    return unscoped(ValueIndex, reason=REASON)


def _of_narrowed(narrowed: Narrowed) -> GuardedQuerySet[ValueIndex]:
    rows = all_indices().filter(Among("pk", narrowed.among)) if narrowed.among else all_indices()
    if narrowed.left_out is not None:
        return rows.exclude(pk__in=narrowed.left_out)
    return rows.filter(pk__in=narrowed.rows.values("pk"))
