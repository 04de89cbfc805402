"""Named reads of the queue and of contact state; each a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Sum

from guanxi.care.choices import RowState, Tone
from guanxi.care.models import CareSetting, ContactState, QueueRow
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.rules import FieldAccess

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

    `due_on` is None when there never was contact; `tone` is as of the day that was asked about.
    """

    due_on: date | None
    red_on: date | None
    tone: Tone
    last_touch_at: datetime | None
    last_channel: str
    reason: str


def own_id(actor: Actor) -> int:
    """The actor's user id; 0, whom nothing belongs to, for the system."""
    return actor.user_id or 0


def queue_rows(actor: Actor, day: date, *, states: Iterable[RowState], limit: int = 200) -> list[QueueRow]:
    """The actor's rows of a day in some states, by rank; one query."""
    rows = grant(actor, QueueRow).queryset().filter(user_id=own_id(actor), day=day, state__in=list(states))
    return list(rows.order_by("rank")[:limit])


def queue_row(actor: Actor, row_id: int) -> QueueRow:
    """One row. Raises: NotFound."""
    return grant(actor, QueueRow).get(row_id)


def state_counts(actor: Actor, day: date) -> dict[str, StateCount]:
    """The actor's own rows of a day by state; one query. Counts alone, so no right to a customer is
    needed."""
    rows = unscoped(QueueRow, reason=OWN).filter(user_id=own_id(actor), day=day).order_by()
    found = rows.values("state").annotate(rows=Count("pk"), minutes=Sum("minutes"))
    return {item["state"]: StateCount(item["rows"], item["minutes"] or 0) for item in found}


def open_row_count(actor: Actor, day: date) -> int:
    """How many rows the actor still has to work on; a count of the actor's own rows alone."""
    rows = unscoped(QueueRow, reason=OWN).filter(user_id=own_id(actor), day=day, state=RowState.OPEN)
    return int(rows.count())


def capacity_of(actor: Actor) -> Capacity:
    """The actor's own capacity; one query."""
    rows = unscoped(CareSetting, reason=OWN).filter(user_id=own_id(actor), trashed_at__isnull=True)
    found = rows.values_list("contacts_per_day", "minutes_per_day").first()
    return Capacity(*(found or (DEFAULT_CONTACTS, DEFAULT_MINUTES)))


def sees_money(actor: Actor) -> bool:
    """Whether the actor may read what is at stake."""
    return grant(actor, QueueRow).field_access("stake") >= FieldAccess.READ


def next_contacts(actor: Actor, account_ids: Iterable[int], *, today: date) -> Mapping[int, NextContact]:
    """Last and next contact of accounts that the actor may see, by account id; two queries."""
    ids = list(account_ids)
    waiting = grant(actor, QueueRow).queryset().filter(account__in=ids, day=today, state=RowState.OPEN)
    reasons = dict(waiting.values_list("account_id", "reason"))
    rows = grant(actor, ContactState).queryset().filter(pk__in=ids)
    columns = ("pk", "due_on", "red_on", "last_touch_at", "last_channel")
    return {
        account_id: NextContact(
            due_on, red_on, _tone(due_on, red_on, today), touched_at, channel, reasons.get(account_id, "")
        )
        for account_id, due_on, red_on, touched_at, channel in rows.values_list(*columns)
    }


def _tone(due_on: date | None, red_on: date | None, today: date) -> Tone:
    if red_on is not None and today > red_on:
        return Tone.PAST_MAXIMUM
    return Tone.PLANNED if due_on is not None and today <= due_on else Tone.PAST_IDEAL


def narrowed_by_due(visible: GuardedQuerySet[Any], *, is_red: bool, today: date) -> GuardedQuerySet[Any]:
    """Accounts whose ideal (or maximum) interval has passed, as a condition within the visible ones."""
    late = {"red_on__lt": today} if is_red else {"due_on__lt": today}
    states = unscoped(ContactState, reason=OWN).filter(account_id=OuterRef("pk"), **late)
    return visible.filter(Exists(states))
