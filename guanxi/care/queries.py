"""Named reads of the queue and of contact state; each a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum

from guanxi.care.choices import RowState, Tone
from guanxi.care.models import AccountCadence, CadenceRule, CareSetting, ContactState, QueueRow
from guanxi.care.rules import Cadence, WorkingDay
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.access.rules import Action, FieldAccess, is_reached
from guanxi.platform.accounts.queries import Person, active_people

OWN = "care: queues are planned for all persons"
DEFAULT_CONTACTS, DEFAULT_MINUTES = 24, 300


@dataclass(frozen=True, slots=True)
class Capacity:
    """One person's day: contacts and minutes it holds."""

    contacts: int
    minutes: int


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many rows of a day are in a state, and the minutes they take."""

    rows: int
    minutes: int


@dataclass(frozen=True, slots=True)
class NextContact:
    """When an account should next be contacted. `reason` is "" unless the account stands in a queue of today.

    `due_on` is None when there never was contact; `tone` is as of the day that was asked about; `cadence` is the
    interval in force, None before the account was planned for.
    """

    due_on: date | None
    red_on: date | None
    tone: Tone
    last_touch_at: datetime | None
    last_channel: str
    reason: str
    cadence: Cadence | None = None


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A person's own working day as of a version; version 0 is the one that the product comes with."""

    day: WorkingDay = field(default_factory=WorkingDay)
    version: int = 0


@dataclass(frozen=True, slots=True)
class OwnCadence:
    """An interval that people set, as of a version: None after it was set back; version 0 when none ever was set."""

    cadence: Cadence | None = None
    version: int = 0


def own_id(actor: Actor) -> int:
    """The actor's user id; 0, whom nothing belongs to, for the system."""
    return actor.user_id or 0


def queue_rows(actor: Actor, day: date, *, states: Iterable[RowState], limit: int = 200) -> list[QueueRow]:
    """The actor's rows of a day in some states, by rank; one query."""
    found: list[QueueRow] = _QUEUE_ROWS(
        grant(actor, QueueRow), user_id=own_id(actor), day=day, states=[state.value for state in states], limit=limit
    )
    return found


_QUEUE_ROWS: Prepared[Grant[QueueRow]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(Among("state", "states"), user_id=Slot("user_id"), day=Slot("day"))
        .order_by("rank")
    ),
    limit="limit",
)


def queue_row(actor: Actor, row_id: int) -> QueueRow:
    """One row. Raises: NotFound."""
    return grant(actor, QueueRow).get(row_id)


def state_counts(actor: Actor, day: date) -> dict[str, StateCount]:
    """The actor's own rows of a day by state; one query. Counts alone, so no right to a customer is
    needed."""
    found = _STATE_COUNTS(None, user_id=own_id(actor), day=day)
    return {state: StateCount(rows, minutes or 0) for state, rows, minutes in found}


def open_row_count(actor: Actor, day: date) -> int:
    """How many rows the actor still has to work on; a count of the actor's own rows alone."""
    counts = state_counts(actor, day)
    return counts[RowState.OPEN].rows if RowState.OPEN in counts else 0


_STATE_COUNTS: Prepared[None] = Prepared(
    lambda _: (
        unscoped(QueueRow, reason=OWN)
        .filter(user_id=Slot("user_id"), day=Slot("day"))
        .order_by()
        .values("state")
        .annotate(rows=Count("pk"), minutes=Sum("minutes"))
        .values_list("state", "rows", "minutes")
    )
)


def capacity_of(actor: Actor) -> Capacity:
    """The actor's own capacity; one query."""
    found = _CAPACITY(None, user_id=own_id(actor))
    return Capacity(*(found[0] if found else (DEFAULT_CONTACTS, DEFAULT_MINUTES)))


_CAPACITY: Prepared[None] = Prepared(
    lambda _: (
        unscoped(CareSetting, reason=OWN)
        .filter(user_id=Slot("user_id"), trashed_at__isnull=True)
        .values_list("contacts_per_day", "minutes_per_day")
    )
)


def sees_money(actor: Actor) -> bool:
    """Whether the actor may read what is at stake."""
    return grant(actor, QueueRow).field_access("stake") >= FieldAccess.READ


def next_contacts(actor: Actor, account_ids: Iterable[int], *, today: date) -> Mapping[int, NextContact]:
    """Last and next contact of accounts that the actor may see, by account id; one query."""
    rows = _NEXT_CONTACTS(grant(actor, ContactState), ids=list(account_ids), today=today)
    return {
        account_id: NextContact(
            due_on, red_on, _tone(due_on, red_on, today), touched_at, channel, reason or "", _cadence(ideal, maximum)
        )
        for account_id, due_on, red_on, touched_at, channel, ideal, maximum, reason in rows
    }


def _cadence(ideal_days: int, maximum_days: int) -> Cadence | None:
    return Cadence(ideal_days, maximum_days) if ideal_days else None


def _contact_states(permission: Grant[ContactState]) -> QuerySet[Any, Any]:
    waiting = unscoped(QueueRow, reason=OWN).filter(account=OuterRef("pk"), day=Slot("today"), state=RowState.OPEN)
    reason = Subquery(waiting.order_by("pk").values("reason")[:1])
    rows = permission.queryset().filter(Among("pk", "ids")).annotate(reason=reason)
    columns = ("pk", "due_on", "red_on", "last_touch_at", "last_channel", "ideal_days", "maximum_days")
    return rows.values_list(*columns, "reason")


_NEXT_CONTACTS: Prepared[Grant[ContactState]] = Prepared(_contact_states)


def _tone(due_on: date | None, red_on: date | None, today: date) -> Tone:
    if red_on is not None and today > red_on:
        return Tone.PAST_MAXIMUM
    return Tone.PLANNED if due_on is not None and today <= due_on else Tone.PAST_IDEAL


def all_contact_states() -> GuardedQuerySet[ContactState]:
    """The contact states of all accounts, to narrow accounts that a grant has narrowed already."""
    return unscoped(ContactState, reason=OWN)


def narrowed_by_due(visible: GuardedQuerySet[Any], *, is_red: bool, today: date) -> GuardedQuerySet[Any]:
    """Accounts whose ideal (or maximum) interval has passed, as a condition within the visible ones."""
    late = {"red_on__lt": today} if is_red else {"due_on__lt": today}
    states = unscoped(ContactState, reason=OWN).filter(account_id=OuterRef("pk"), **late)
    return visible.filter(Exists(states))


def people_to_plan_for(actor: Actor) -> tuple[Person, ...]:
    """The people whose working day the actor may edit, by id; one query."""
    rule = grant(actor, CareSetting, Action.EDIT).rule
    return tuple(
        person
        for person in active_people()
        if is_reached(rule, actor=actor, owner_id=person.id, unit_id=person.unit_id)
    )


def working_days(actor: Actor, user_ids: Iterable[int]) -> Mapping[int, OwnDay]:
    """The working days of people who have their own, by user id; one query."""
    rows = grant(actor, CareSetting).queryset().filter(user_id__in=list(user_ids), trashed_at__isnull=True)
    names = [column.name for column in fields(WorkingDay)]
    found = rows.values_list("user_id", "version", *names)
    return {user_id: OwnDay(WorkingDay(*values), version) for user_id, version, *values in found}


def own_cadences(actor: Actor) -> Mapping[str, OwnCadence]:
    """What the house set for its grades, by grade; one query."""
    rows = grant(actor, CadenceRule, Action.EDIT).queryset().values_list("grade", *_OWN_CADENCE)
    return {grade: _own_cadence(*found) for grade, *found in rows}


def own_cadence_of(actor: Actor, account_id: int) -> OwnCadence:
    """What was set for one account; one query."""
    rows = grant(actor, AccountCadence, Action.EDIT).queryset().filter(account=account_id)
    return next((_own_cadence(*found) for found in rows.values_list(*_OWN_CADENCE)), OwnCadence())


_OWN_CADENCE = ("version", "trashed_at", "ideal_days", "maximum_days")


def _own_cadence(version: int, trashed_at: datetime | None, ideal_days: int, maximum_days: int) -> OwnCadence:
    return OwnCadence(Cadence(ideal_days, maximum_days) if trashed_at is None else None, version)


def rhythm_of(actor: Actor, account_id: int) -> float:
    """The median gap in days of an account's own contacts and purchases; 0 while it is not known."""
    found = grant(actor, ContactState).queryset().filter(pk=account_id).values_list("rhythm_days", flat=True).first()
    return found or 0.0
