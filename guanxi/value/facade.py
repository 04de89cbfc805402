"""What other capabilities may ask about values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import isfinite

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import FieldAccess
from guanxi.value.models import ValueIndex
from guanxi.value.rules import ALL_INDICATORS, TREND_DAYS

PLANNING = "care: queues are planned for all persons"
COLUMNS = ("pk", "index_value", "index_before", "grade", "trend", "margin_12_months", "as_of")
PLANNING_COLUMNS = (*COLUMNS, "grade_30", "amount_12_months", "faded", "new")
FAMILIES = tuple(indicator.family for indicator in ALL_INDICATORS)


@dataclass(frozen=True, slots=True)
class ValueRow:
    """An account's index as a page shows it. `change` is in points since 30 days before, None when there was
    none.

    `trend` holds the known indices of the last year, oldest first. `margin_12_months` is None when it is not
    for this reader.
    """

    index: float
    change: float | None
    grade: str
    trend: tuple[float, ...]
    margin_12_months: float | None
    as_of: date


@dataclass(frozen=True, slots=True)
class PlanningValue:
    """What planning needs of an account's index. `effects` are points of change since the former day by
    family."""

    index: float
    index_before: float | None
    grade: str
    grade_30: str
    trend: tuple[float, ...]
    margin_12_months: float
    amount_12_months: float
    effects: tuple[tuple[str, float], ...]


def value_rows(actor: Actor, account_ids: Iterable[int]) -> dict[int, ValueRow]:
    """The indices of accounts, as far as the actor may see them, by account id; one query."""
    permission = grant(actor, ValueIndex)
    sees_margin = permission.field_access("margin_12_months") >= FieldAccess.READ
    rows = permission.queryset().filter(pk__in=list(account_ids)).values_list(*COLUMNS)
    return {
        account_id: ValueRow(
            index=index,
            change=index - before if isfinite(before) else None,
            grade=grade,
            trend=_known(trend),
            margin_12_months=margin if sees_margin else None,
            as_of=as_of,
        )
        for account_id, index, before, grade, trend, margin, as_of in rows
    }


def planning_values() -> dict[int, PlanningValue]:
    """The indices of all accounts by account id; one query. For the system's planning alone."""
    rows = unscoped(ValueIndex, reason=PLANNING).values_list(*PLANNING_COLUMNS)
    return {
        account_id: PlanningValue(
            index=index,
            index_before=before if isfinite(before) else None,
            grade=grade,
            grade_30=grade_30,
            trend=_known(trend),
            margin_12_months=margin,
            amount_12_months=amount,
            effects=_effects(faded, new),
        )
        for account_id, index, before, grade, trend, margin, _, grade_30, amount, faded, new in rows
    }


def grades_of(account_ids: Iterable[int]) -> dict[int, str]:
    """The grades of accounts by account id; one query. For the system's planning alone."""
    rows = unscoped(ValueIndex, reason=PLANNING).filter(pk__in=list(account_ids))
    return dict(rows.values_list("pk", "grade"))


def _known(trend: list[float]) -> tuple[float, ...]:
    return tuple(value for value in trend[-len(TREND_DAYS) :] if isfinite(value))


def _effects(faded: list[float], new: list[float]) -> tuple[tuple[str, float], ...]:
    """Points of change by family, the greatest fall first."""
    sums: dict[str, float] = {}
    for family, lost, won in zip(FAMILIES, faded, new, strict=True):
        change = (lost if isfinite(lost) else 0.0) + (won if isfinite(won) else 0.0)
        sums[family] = sums.get(family, 0.0) + change
    return tuple(sorted(sums.items(), key=lambda item: (item[1], item[0])))
