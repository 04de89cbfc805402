"""Reads of pairs of records that may be one: the queue, and what there is to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.merging import JoinedCount, Pair, joined_counts, mergeable_fields
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.stewardship.choices import Evidence, TwinState
from guanxi.stewardship.models import Twin
from guanxi.stewardship.rules.duplicates import Reason, certainty
from guanxi.stewardship.rules.merging import Choice, choice_of

MOST_COUNTED = 1_000
REASON = "stewardship: the quality of records is counted of all customers"


@dataclass(frozen=True, slots=True)
class TwinRow:
    """One pair of the queue, with what its records are called."""

    id: int
    names: tuple[str, str]
    certainty: float
    reasons: tuple[Reason, ...]
    state: str
    decided_by_id: int | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChosenField:
    """A field in which two records differ, and which of the values is offered, and why."""

    item: ObjectField
    choice: Choice


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that decides a pair: the records, the kept one first, where they differ, what comes together."""

    twin: Twin
    spec: ObjectSpec
    kept: models.Model
    merged: models.Model
    fields: tuple[ChosenField, ...]
    same: int
    counts: tuple[JoinedCount, ...]
    reasons: tuple[Reason, ...]

    @property
    def certainty(self) -> float:
        """How likely the two are one."""
        return certainty(self.twin.weight)


def twin_rows(
    actor: Actor, *, is_decided: bool = False, today: date, skip: int = 0, limit: int = 100
) -> tuple[TwinRow, ...]:
    """The pairs that wait, the likeliest first, or those that were decided, the latest first. Two queries."""
    rows = list(_of_queue(actor, is_decided=is_decided, today=today)[skip : skip + limit])
    names = _names(actor, rows)
    return tuple(_row(twin, names) for twin in rows if twin.first_id in names and twin.second_id in names)


def twin_count(actor: Actor, *, is_decided: bool = False, today: date) -> int:
    """How many pairs wait, or were decided; at most `MOST_COUNTED`."""
    return int(_of_queue(actor, is_decided=is_decided, today=today)[:MOST_COUNTED].count())


def twin_account_ids(actor: Actor | None) -> QuerySet[Any, Any]:
    """The ids of the accounts that may be one with another, as far as a person may know it (None: all).

    Pairs that were put off count: they are not decided.
    """
    rows = unscoped(Twin, reason=REASON) if actor is None else _both_seen(actor)
    open_rows = rows.filter(object_key="account", state=TwinState.OPEN).order_by()
    firsts = open_rows.values_list("first_id", flat=True)
    return firsts.union(open_rows.values_list("second_id", flat=True))


def decision_of(twin_id: int, actor: Actor, *, keep_id: int | None = None) -> Decision:
    """What there is to decide of a pair. Raises: NotFound when one of the records must not be seen."""
    twin: Twin = grant(actor, Twin, Action.VIEW).get(twin_id)
    spec = listed_object(twin.object_key)
    permission: Grant[Any] = grant(actor, spec.model)
    first, second = permission.get(twin.first_id), permission.get(twin.second_id)
    kept_id = keep_id if keep_id in (first.pk, second.pk) else better_of(twin, first, second)
    kept, merged = (second, first) if kept_id == second.pk else (first, second)
    offered = mergeable_fields(spec, permission)
    fields = tuple(
        ChosenField(
            item, choice_of(item.value_of(kept), item.value_of(merged), key=item.key, older=older(kept, merged))
        )
        for item in offered
        if item.value_of(kept) != item.value_of(merged)
        if item.value_of(kept) not in (None, "") or item.value_of(merged) not in (None, "")
    )
    return Decision(
        twin=twin,
        spec=spec,
        kept=kept,
        merged=merged,
        fields=fields,
        same=len(offered) - len(fields),
        counts=joined_counts(spec, Pair(kept.pk, merged.pk)),
        reasons=_reasons(twin),
    )


def better_of(twin: Twin, first: models.Model, second: models.Model) -> int:
    """The record that is kept if nobody says otherwise: the one with an owner, else the older one."""
    with_owner = [record.pk for record in (first, second) if getattr(record, "owner_id", None)]
    return with_owner[0] if len(with_owner) == 1 else twin.first_id


def older(kept: models.Model, merged: models.Model) -> bool:
    """Whether the kept record was changed before the other one was."""
    return bool(getattr(kept, "updated_at", None) < getattr(merged, "updated_at", None))  # type: ignore[operator]  # all records have it


def _of_queue(actor: Actor, *, is_decided: bool, today: date) -> GuardedQuerySet[Twin]:
    """The pairs both of whose records the actor sees."""
    rows = grant(actor, Twin, Action.VIEW).queryset().filter(object_key="account")
    accounts = grant(actor, listed_object("account").model).queryset()
    if is_decided:
        decided = rows.filter(state__in=(TwinState.MERGED, TwinState.DIFFERENT))
        return decided.filter(Exists(accounts.filter(pk=OuterRef("first_id")))).order_by("-decided_at", "-pk")
    waiting = Q(later_until__isnull=True) | Q(later_until__lte=today)
    return _both_seen(actor).filter(waiting, state=TwinState.OPEN).order_by("-weight", "pk")


def _both_seen(actor: Actor) -> GuardedQuerySet[Twin]:
    """The pairs both of whose records the actor sees, and that are in use."""
    live = grant(actor, listed_object("account").model).queryset().filter(trashed_at__isnull=True)
    both = (Exists(live.filter(pk=OuterRef(name))) for name in ("first_id", "second_id"))
    return grant(actor, Twin, Action.VIEW).queryset().filter(*both, object_key="account")


def _names(actor: Actor, rows: Sequence[Twin]) -> Mapping[int, str]:
    spec = listed_object("account")
    ids = {record_id for twin in rows for record_id in (twin.first_id, twin.second_id)}
    found = grant(actor, spec.model).queryset().filter(pk__in=ids)
    return dict(found.values_list("pk", spec.title))


def _row(twin: Twin, names: Mapping[int, str]) -> TwinRow:
    return TwinRow(
        id=twin.pk,
        names=(names[twin.first_id], names[twin.second_id]),
        certainty=certainty(twin.weight),
        reasons=_reasons(twin),
        state=twin.state,
        decided_by_id=twin.decided_by_id,
        decided_at=twin.decided_at,
    )


def _reasons(twin: Twin) -> tuple[Reason, ...]:
    return tuple(Reason(Evidence(name), weight) for name, weight in twin.reasons)
