"""How complete and fresh customers are: of each, and of groups of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet, Sum

from guanxi.kernel.actor import Actor
from guanxi.planning.choices import GroupKind
from guanxi.planning.models import Completeness, GroupScore
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.objects.spec import Narrowed

REASON = "planning: completeness is computed for all accounts"
TREND_DAYS = 90
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class AccountScore:
    """How an account stands by the published plan; shares 0 to 1, None where nothing is owed or there."""

    account_id: int
    completeness: float | None
    freshness: float | None
    due: int
    missing: tuple[int, ...]
    stale: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The scores of a group on one day."""

    key: str
    accounts: int
    due: int
    filled: int
    fresh: int
    before: float | None = None

    @property
    def completeness(self) -> float | None:
        """What is there of what is owed, 0 to 1."""
        return self.filled / self.due if self.due else None

    @property
    def freshness(self) -> float | None:
        """What is within its limit of what is there, 0 to 1."""
        return self.fresh / self.filled if self.filled else None

    @property
    def change(self) -> float | None:
        """Percentage points of completeness since the day it is compared with."""
        now = self.completeness
        return None if now is None or self.before is None else (now - self.before) * 100


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The scores of all customers on a day."""

    day: date
    completeness: float
    freshness: float | None


def account_scores(account_ids: Iterable[int], actor: Actor) -> dict[int, AccountScore]:
    """The scores of accounts that the actor may see, by account id; one query."""
    rows = _SCORES(grant(actor, Completeness), ids=list(account_ids))
    return {row[0]: _score(row) for row in rows}


def _score(row: tuple[Any, ...]) -> AccountScore:
    account_id, completeness, freshness, due, missing, stale = row
    return AccountScore(account_id, completeness, freshness, due, tuple(missing), tuple(stale))


_SCORES: Prepared[Grant[Completeness]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(Among("pk", "ids"))
        .values_list("pk", "completeness", "freshness", "due", "missing", "stale")
    )
)


def all_scores() -> GuardedQuerySet[Completeness]:
    """All scores, to narrow accounts that a grant has narrowed already."""
    return unscoped(Completeness, reason=REASON)


def ordered_by(column: str) -> Callable[[Narrowed, bool], QuerySet[Any, Any]]:
    """How accounts are sorted by a column of the scores."""

    def beside(narrowed: Narrowed, is_falling: bool) -> QuerySet[Any, Any]:
        rows = all_scores().filter(Among("pk", narrowed.among)) if narrowed.among else all_scores()
        if narrowed.left_out is not None:
            rows = rows.exclude(pk__in=narrowed.left_out)
        else:
            rows = rows.filter(pk__in=narrowed.rows.values("pk"))
        order = F(column).desc(nulls_last=True) if is_falling else F(column).asc(nulls_last=True)
        return rows.order_by(order, "pk").values_list("pk", flat=True)

    return beside


def narrowed_by_gap(visible: GuardedQuerySet[Any], *, column: str, binding_id: int) -> GuardedQuerySet[Any]:
    """Of the visible accounts, those that miss a place, or hold something stale there."""
    return visible.filter(pk__in=all_scores().filter(**{f"{column}__contains": [binding_id]}).values("pk"))


def gaps_of_owner(owner_id: int, actor: Actor, *, limit: int) -> tuple[AccountScore, ...]:
    """The accounts of an owner with something missing or stale, the least complete first; one query."""
    rows = grant(actor, Completeness).queryset().filter(account__owner_id=owner_id, account__trashed_at__isnull=True)
    open_ones = rows.exclude(missing=[], stale=[]).order_by("completeness", "pk")
    columns = ("pk", "completeness", "freshness", "due", "missing", "stale")
    return tuple(_score(row) for row in open_ones.values_list(*columns)[:limit])


def last_scored_on() -> date | None:
    """The day for which groups were last scored."""
    return GroupScore.objects.order_by("-day").values_list("day", flat=True).first()


def group_rows(kind: GroupKind, day: date, *, compared: date | None = None) -> tuple[GroupRow, ...]:
    """The groups of a kind on a day, the largest first, with their completeness on an earlier day; two queries."""
    former = {
        row.key: row.filled / row.due
        for row in (GroupScore.objects.filter(kind=kind, day=compared) if compared else ())
        if row.due
    }
    rows = GroupScore.objects.filter(kind=kind, day=day).order_by("-accounts", "key")
    return tuple(
        GroupRow(row.key, row.accounts, row.due, row.filled, row.fresh, former.get(row.key)) for row in rows[:MOST_ROWS]
    )


def trend(day: date) -> tuple[TrendPoint, ...]:
    """The scores of all customers on the days kept of the last 90, oldest first."""
    rows = GroupScore.objects.filter(kind=GroupKind.ALL, day__gt=day - timedelta(days=TREND_DAYS), day__lte=day)
    sums = rows.values("day").annotate(d=Sum("due"), f=Sum("filled"), n=Sum("fresh")).order_by("day")
    return tuple(
        TrendPoint(row["day"], row["f"] / row["d"], row["n"] / row["f"] if row["f"] else None)
        for row in sums
        if row["d"]
    )


def day_before(day: date, *, days: int) -> date | None:
    """The last scored day that lies at least so many days before another."""
    rows = GroupScore.objects.filter(day__lte=day - timedelta(days=days))
    return rows.order_by("-day").values_list("day", flat=True).first()
