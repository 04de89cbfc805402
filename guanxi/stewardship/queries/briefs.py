"""The brief of a customer that passes to somebody else: what the new owner should know, with the reader's own rights.

It holds nothing of a protected class, so that what is kept of it when somebody signs shows nobody more than a card.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from guanxi.care.facade import next_contacts
from guanxi.customers.facade import account_grant, contacts_of, important_dates_of, next_occurrence, traits_of
from guanxi.kernel.actor import Actor
from guanxi.ledger.facade import facts_of_account, open_promises, purchases_by_category
from guanxi.stewardship.rules.handovers import SOON_DAYS
from guanxi.value.facade import index_rows

MOST_FACTS = 6
TABOO = "taboo"


@dataclass(frozen=True, slots=True)
class BriefPerson:
    """One of the customer's people; the ways to reach them are read anew with the rights of who reads."""

    id: int
    name: str
    title: str
    decision_role: str
    closeness: int
    is_main: bool


@dataclass(frozen=True, slots=True)
class BriefTrait:
    """Something worth knowing; `who` is "" for the customer itself."""

    kind: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class BriefDate:
    """A day to remember with its next occurrence."""

    type: str
    label: str
    who: str
    next_on: date
    is_soon: bool


@dataclass(frozen=True, slots=True)
class BriefFact:
    """One of the last contacts."""

    sub_kind: str
    channel: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class BriefPromise:
    """What was promised to the customer and is not kept; `due_on` is None where no day was named."""

    words: str
    due_on: date | None
    made_on: date
    is_late: bool


@dataclass(frozen=True, slots=True)
class BriefPurchase:
    """What was bought of a category in twelve months."""

    name: str
    amount: float
    lines: int
    last_on: date


@dataclass(frozen=True, slots=True)
class Brief:
    """What the new owner of a customer should know. Money is of twelve months; `change` of the index over 30 days."""

    made_at: datetime
    name: str
    grade: str
    index: float | None
    change: float | None
    trend: tuple[float, ...]
    amount: float
    note: str
    since_on: date | None
    people: tuple[BriefPerson, ...]
    cautions: tuple[BriefTrait, ...]
    traits: tuple[BriefTrait, ...]
    dates: tuple[BriefDate, ...]
    last_contact_at: datetime | None
    next_contact_on: date | None
    next_reason: str
    facts: tuple[BriefFact, ...]
    purchases: tuple[BriefPurchase, ...]
    promises: tuple[BriefPromise, ...] = ()


def brief_of(actor: Actor, account_id: int) -> Brief:
    """The brief of a customer as the actor may see it; a fixed number of queries. Raises: NotFound."""
    account = account_grant(actor).live(account_id)
    today = timezone.localdate()
    row = index_rows([account_id], actor).get(account_id)
    contact = next_contacts(actor, [account_id], today=today).get(account_id)
    traits = tuple(BriefTrait(item.kind, item.text, item.who) for item in traits_of(account_id, actor))
    return Brief(
        made_at=timezone.now(),
        name=account.name,
        grade=row.grade if row else "",
        index=row.index if row else None,
        change=row.change if row else None,
        trend=tuple(row.known_trend) if row else (),
        amount=row.amount if row else 0.0,
        note=account.note,
        since_on=account.since_on,
        people=_people(actor, account_id),
        cautions=tuple(item for item in traits if item.kind == TABOO),
        traits=tuple(item for item in traits if item.kind != TABOO),
        dates=_dates(actor, account_id, today=today),
        last_contact_at=contact.last_touch_at if contact else None,
        next_contact_on=contact.due_on if contact else None,
        next_reason=contact.reason if contact else "",
        facts=_facts(actor, account_id),
        purchases=tuple(
            BriefPurchase(item.name, float(item.amount), item.lines, item.last_on)
            for item in purchases_by_category(actor, account_id)
        ),
        promises=_promises(actor, account_id, today=today),
    )


def _promises(actor: Actor, account_id: int, *, today: date) -> tuple[BriefPromise, ...]:
    """Whoever takes the customer over keeps what was promised, whoever promised it."""
    return tuple(
        BriefPromise(item.words, item.due_on, item.made_on, item.due_on is not None and item.due_on < today)
        for item in open_promises(actor, account_id)
    )


def _people(actor: Actor, account_id: int) -> tuple[BriefPerson, ...]:
    contacts, _points = contacts_of(account_id, actor)
    return tuple(
        BriefPerson(
            row.id,
            row.name,
            " · ".join(part for part in (row.title, row.department) if part),
            row.decision_role,
            row.closeness,
            row.is_main,
        )
        for row in contacts
    )


def _dates(actor: Actor, account_id: int, *, today: date) -> tuple[BriefDate, ...]:
    found = []
    for entry in important_dates_of(account_id, actor):
        next_on = next_occurrence(entry.month, entry.day, is_lunar=entry.calendar == "lunar", on=today)
        is_soon = next_on <= today + timedelta(days=SOON_DAYS)
        found.append(BriefDate(entry.type, entry.label, entry.who, next_on, is_soon))
    return tuple(sorted(found, key=lambda item: item.next_on))


def _facts(actor: Actor, account_id: int) -> tuple[BriefFact, ...]:
    rows = facts_of_account(actor, account_id, kinds=("interaction",), limit=MOST_FACTS).rows
    return tuple(
        BriefFact(
            row.sub_kind,
            row.channel or "",
            row.occurred_at,
            str(row.payload.get("note") or row.payload.get("subject") or "")[:300],
        )
        for row in rows
    )
