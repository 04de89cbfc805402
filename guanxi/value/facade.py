"""What other capabilities may ask about values."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from django.db.models import Count, Sum

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.prepared import Among
from guanxi.value.models import ValueIndex
from guanxi.value.queries.indices import IndexRow, index_rows
from guanxi.value.rules import ALL_INDICATORS, TREND_DAYS

__all__ = [
    "IndexRow",
    "OwnedValue",
    "PlanningValue",
    "YearValue",
    "grades_of",
    "grades_sql",
    "index_rows",
    "planning_values",
    "value_by_region",
    "year_values",
]

PLANNING = "care: queues are planned for all persons"
PLANNING_COLUMNS = (
    "pk",
    "index_value",
    "index_before",
    "grade",
    "trend",
    "margin_12_months",
    "grade_30",
    "amount_12_months",
    "faded",
    "new",
)
FAMILIES = tuple(indicator.family for indicator in ALL_INDICATORS)


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
        for account_id, index, before, grade, trend, margin, grade_30, amount, faded, new in rows
    }


def grades_of(account_ids: Iterable[int]) -> dict[int, str]:
    """The grades of accounts by account id; one query. For the system's planning alone."""
    rows = unscoped(ValueIndex, reason=PLANNING).filter(Among("pk", list(account_ids)))
    return dict(rows.values_list("pk", "grade"))


@dataclass(frozen=True, slots=True)
class OwnedValue:
    """What a person looks after in a region: how many customers with an index, their money of twelve months."""

    owner_id: int
    region: str
    number: int
    amount: float


@dataclass(frozen=True, slots=True)
class YearValue:
    """A customer's index and the money of twelve months."""

    index: float
    amount_12_months: float


def year_values(account_ids: Iterable[int], actor: Actor) -> dict[int, YearValue]:
    """Index and money of twelve months by account id, of the accounts that the actor sees; one query."""
    rows = grant(actor, ValueIndex).queryset().filter(Among("pk", list(account_ids)))
    found = rows.values_list("pk", "index_value", "amount_12_months")
    return {account_id: YearValue(index, amount) for account_id, index, amount in found}


def value_by_region(owner_ids: Iterable[int], actor: Actor) -> tuple[OwnedValue, ...]:
    """What people look after by region, of the customers that the actor sees; one query."""
    rows = grant(actor, ValueIndex).queryset()
    rows = rows.filter(account__owner__in=list(owner_ids), account__trashed_at__isnull=True)
    found = rows.values("account__owner", "account__region").annotate(n=Count("pk"), a=Sum("amount_12_months"))
    return tuple(OwnedValue(*row) for row in found.values_list("account__owner", "account__region", "n", "a"))


def grades_sql() -> str:
    """The SELECT of grades for the system's sums. Grain: account. Columns: account_id, grade."""
    return f"SELECT account_id, grade FROM {ValueIndex._meta.db_table}"  # noqa: S608  # our table


def _known(trend: list[float]) -> tuple[float, ...]:
    return tuple(value for value in trend[-len(TREND_DAYS) :] if isfinite(value))


def _effects(faded: list[float], new: list[float]) -> tuple[tuple[str, float], ...]:
    """Points of change by family, the greatest fall first."""
    sums: dict[str, float] = {}
    for family, lost, won in zip(FAMILIES, faded, new, strict=True):
        change = (lost if isfinite(lost) else 0.0) + (won if isfinite(won) else 0.0)
        sums[family] = sums.get(family, 0.0) + change
    return tuple(sorted(sums.items(), key=lambda item: (item[1], item[0])))
