"""Reads of pairs of records that may be one: the queue, and what there is to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from guanxi.customers.models import Contact
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, may, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.merging import JoinedCount, Pair, joined_counts, mergeable_fields
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.stewardship.choices import Evidence, TwinState
from guanxi.stewardship.models import Twin
from guanxi.stewardship.rules.duplicates import Reason, certainty
from guanxi.stewardship.rules.likeness import ACCOUNT, CONTACT
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
    """The pairs that wait, the likeliest first, or those that were decided, the latest first. Two queries an object."""
    rows = _first_twins(actor, is_decided=is_decided, today=today, limit=skip + limit)[skip:]
    names = names_of(actor, rows)
    return tuple(_row(twin, names) for twin in rows if {twin.first_id, twin.second_id} <= names[twin.object_key].keys())


def twin_count(actor: Actor, *, is_decided: bool = False, today: date) -> int:
    """How many pairs wait, or were decided; at most `MOST_COUNTED`. One query an object."""
    found = (
        _of_queue(actor, key, is_decided=is_decided, today=today)[:MOST_COUNTED].count() for key in seen_objects(actor)
    )
    return min(MOST_COUNTED, sum(found))


def twin_account_ids(actor: Actor | None) -> QuerySet[Any, Any]:
    """The ids of the accounts that may be one with another, or whose contacts may be, as far as a person may know it
    (None: all).

    Pairs that were put off count: they are not decided.
    """
    accounts, contacts = (_open_twins(actor, key).order_by() for key in (ACCOUNT, CONTACT))
    people_at = unscoped(Contact, reason=REASON).filter(
        Q(pk__in=contacts.values("first_id")) | Q(pk__in=contacts.values("second_id"))
    )
    found: QuerySet[Any, Any] = accounts.values_list("first_id", flat=True).union(
        accounts.values_list("second_id", flat=True), people_at.order_by().values_list("account_id", flat=True)
    )
    return found


def _open_twins(actor: Actor | None, object_key: str) -> Any:
    rows = unscoped(Twin, reason=REASON).filter(object_key=object_key)
    if actor is not None:
        rows = both_seen(actor, object_key) if object_key in seen_objects(actor) else rows.none()
    return rows.filter(state=TwinState.OPEN)


def waiting_twins(actor: Actor, *, today: date, limit: int) -> list[Twin]:
    """The likeliest pairs that wait, of each object so many; one query an object."""
    return [
        twin for key in seen_objects(actor) for twin in _of_queue(actor, key, is_decided=False, today=today)[:limit]
    ]


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
        ChosenField(item, offered_of(item, kept, merged))
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
        reasons=reasons_of_twin(twin),
    )


def better_of(twin: Twin, first: models.Model, second: models.Model) -> int:
    """The record that is kept if nobody says otherwise: the one with an owner, else the older one."""
    with_owner = [record.pk for record in (first, second) if getattr(record, "owner_id", None)]
    return with_owner[0] if len(with_owner) == 1 else twin.first_id


def offered_of(item: ObjectField, kept: models.Model, merged: models.Model) -> Choice:
    """Which of the values that two records have in a field is offered, and why."""
    is_older = getattr(kept, "updated_at", None) < getattr(merged, "updated_at", None)  # type: ignore[operator]  # all records have it
    return choice_of(
        item.value_of(kept),
        item.value_of(merged),
        key=item.key,
        older=bool(is_older),
        unsaid=item.typed.get_default(),
    )


def seen_objects(actor: Actor) -> tuple[str, ...]:
    """The objects of whose pairs a person may know anything."""
    return tuple(key for key in (ACCOUNT, CONTACT) if may(actor, listed_object(key).model, Action.VIEW))


def _first_twins(actor: Actor, *, is_decided: bool, today: date, limit: int) -> list[Twin]:
    """The first so many pairs of all objects together."""
    found = [
        twin
        for key in seen_objects(actor)
        for twin in _of_queue(actor, key, is_decided=is_decided, today=today)[:limit]
    ]
    if is_decided:
        return sorted(found, key=lambda twin: (twin.decided_at is not None, twin.decided_at, twin.pk), reverse=True)[
            :limit
        ]
    return sorted(found, key=lambda twin: (-twin.weight, twin.pk))[:limit]


def _of_queue(actor: Actor, object_key: str, *, is_decided: bool, today: date) -> GuardedQuerySet[Twin]:
    """The pairs of an object both of whose records the actor sees."""
    if is_decided:
        rows = grant(actor, Twin, Action.VIEW).queryset().filter(object_key=object_key)
        records = grant(actor, listed_object(object_key).model).queryset()
        decided = rows.filter(state__in=(TwinState.MERGED, TwinState.DIFFERENT))
        return decided.filter(Exists(records.filter(pk=OuterRef("first_id")))).order_by("-decided_at", "-pk")
    waiting = Q(later_until__isnull=True) | Q(later_until__lte=today)
    return both_seen(actor, object_key).filter(waiting, state=TwinState.OPEN).order_by("-weight", "pk")


def both_seen(actor: Actor, object_key: str) -> GuardedQuerySet[Twin]:
    """The pairs both of whose records the actor sees, and that are in use."""
    live = grant(actor, listed_object(object_key).model).queryset().filter(trashed_at__isnull=True)
    both = (Exists(live.filter(pk=OuterRef(name))) for name in ("first_id", "second_id"))
    return grant(actor, Twin, Action.VIEW).queryset().filter(*both, object_key=object_key)


def names_of(actor: Actor, rows: Sequence[Twin]) -> Mapping[str, Mapping[int, str]]:
    """What the records of pairs are called, by object and id, of those that the actor sees; one query an object."""
    found: dict[str, Mapping[int, str]] = {}
    for key in sorted({twin.object_key for twin in rows}):
        spec = listed_object(key)
        ids = {pk for twin in rows if twin.object_key == key for pk in (twin.first_id, twin.second_id)}
        seen = grant(actor, spec.model).queryset().filter(pk__in=ids)
        found[key] = dict(seen.values_list("pk", spec.title))
    return found


def _row(twin: Twin, names: Mapping[str, Mapping[int, str]]) -> TwinRow:
    known = names[twin.object_key]
    return TwinRow(
        id=twin.pk,
        names=(known[twin.first_id], known[twin.second_id]),
        certainty=certainty(twin.weight),
        reasons=reasons_of_twin(twin),
        state=twin.state,
        decided_by_id=twin.decided_by_id,
        decided_at=twin.decided_at,
    )


def reasons_of_twin(twin: Twin) -> tuple[Reason, ...]:
    """What speaks for and against a pair being one."""
    return tuple(Reason(Evidence(name), weight) for name, weight in twin.reasons)
