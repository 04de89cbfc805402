"""Contact that happened: recording it, and what it means for cadence and queue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from guanxi.care.adapters.planning import REASON, cadence_overrides
from guanxi.care.choices import OVERDUE, REPLENISHMENT, RowState
from guanxi.care.models import ContactState, QueueRow
from guanxi.care.rules import cadence_for
from guanxi.catalog.facade import category_of_products
from guanxi.customers.facade import owned_accounts
from guanxi.engagement.choices import CHANNELS
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.facade import (
    FactRow,
    NewFact,
    fact_counts,
    facts_of_account,
    last_of,
    outbound,
    record_fact,
    touches,
)
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.restraints import restrained_ids
from guanxi.value.facade import grades_of

LOOK_BACK_FACTS = 200
LATEST_ID = 2**63 - 1
WAITING = (RowState.OPEN, RowState.LATER, RowState.AUTOMATIC)
BUYING = frozenset({("purchase", "buy"), ("purchase", "renew")})


@dataclass(frozen=True, slots=True)
class Touches:
    """What an account's latest facts say: the last contact, and on which days which rows are settled by
    it."""

    last: FactRow | None
    contacted_on: date | None
    heard_on: date | None
    bought: tuple[tuple[int, date], ...]


def log_contact(
    account_id: int,
    *,
    channel: str,
    note: str = "",
    contact_id: int | None = None,
    source_id: str = "",
    actor: Actor,
) -> int:
    """Record a contact that took place just now; its cadence starts again and its rows leave the queue.

    Returns the fact's id. Raises: RuleViolation("channel.unknown"), and as `ledger.record_fact`.
    """
    if channel not in CHANNELS:
        raise RuleViolation("channel.unknown", "“%(channel)s” is not a channel.", channel=channel)
    fact = NewFact(
        "interaction",
        CHANNELS[channel].sub_kind,
        timezone.now(),
        channel=channel,
        contact_id=contact_id,
        payload={"note": note} if note else {},
    )
    with transaction.atomic():
        fact_id = record_fact(account_id, fact=fact, source_id=source_id, actor=actor)
        note_facts([account_id])
    return fact_id


@transaction.atomic
def note_facts(account_ids: Iterable[int]) -> None:
    """Carry the latest facts of accounts into their contact state and settle the rows that they answer.

    A contact from our side settles all waiting rows of the customer from its day back, the customer's own
    word those for overdue contact, a purchase those for its category. Doing it again changes nothing.
    """
    ids = sorted(set(account_ids))
    actor = system_actor("Care")
    grades, overrides = grades_of(ids), cadence_overrides(ids)
    _lock_waiting(ids)
    rows = unscoped(ContactState, reason=REASON).select_for_update().order_by("pk").in_bulk(ids)
    fresh = []
    for account_id in ids:
        found = _touches_of(account_id, actor=actor)
        state = rows.get(account_id) or ContactState(account_id=account_id)
        cadence = cadence_for(
            grades.get(account_id, ""),
            rhythm_days=state.rhythm_days,
            overrides=overrides,
            account_id=account_id,
        )
        state.ideal_days, state.maximum_days = cadence.ideal_days, cadence.maximum_days
        _restart(state, found.last)
        fresh.append(state)
        _settle(account_id, found)
    unscoped(ContactState, reason=REASON).bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=["last_touch_at", "last_channel", "ideal_days", "maximum_days", "due_on", "red_on"],
    )


@transaction.atomic
def leave_queues(account_ids: Iterable[int]) -> int:
    """Take the waiting rows of those of the customers out of the queues whom nobody looks after now, or may use.

    They lie in the trash, have no owner, or must not be used any more. What was decided of them stays. Returns how many
    rows went; doing it again changes nothing.
    """
    ids = set(account_ids)
    gone = ids.difference(account.id for account in owned_accounts(ids)) | (ids & restrained_ids("account"))
    rows = unscoped(QueueRow, reason=REASON).filter(account__in=gone, state__in=WAITING)
    locked = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    if locked:
        begin_entry(system_actor("Care"), action="unplan", object_key="queue_row", record_count=len(locked))
        unscoped(QueueRow, reason=REASON).filter(pk__in=locked).delete()
    return len(locked)


def _lock_waiting(account_ids: Sequence[int]) -> None:
    """Wait until nobody decides or plans these accounts' rows: rows are locked first everywhere, then states."""
    rows = unscoped(QueueRow, reason=REASON).filter(account__in=account_ids, state__in=WAITING)
    list(rows.select_for_update().order_by("pk").values_list("pk"))


def _restart(state: ContactState, last: FactRow | None) -> None:
    """Let the cadence start again from the last contact."""
    state.last_touch_at = last.occurred_at if last else None
    state.last_channel = (last.channel or "") if last else ""
    touched_on = _company_day(last.occurred_at) if last else None
    state.due_on = touched_on + timedelta(days=state.ideal_days) if touched_on else None
    state.red_on = touched_on + timedelta(days=state.maximum_days) if touched_on else None


def _touches_of(account_id: int, *, actor: Actor) -> Touches:
    counts = fact_counts(actor, account_id)
    contacted_at, heard_at = last_of(counts, touches() & outbound()), last_of(counts, touches())
    facts = facts_of_account(actor, account_id, kinds=("purchase",), limit=LOOK_BACK_FACTS).rows
    bought = {fact.product_id: fact for fact in reversed(facts) if (fact.kind, fact.sub_kind) in BUYING}
    categories = category_of_products(product_id for product_id in bought if product_id is not None)
    return Touches(
        last=_touch_at(heard_at, account_id, actor=actor) if heard_at else None,
        contacted_on=_company_day(contacted_at) if contacted_at else None,
        heard_on=_company_day(heard_at) if heard_at else None,
        bought=tuple(
            (categories[product_id], _company_day(fact.occurred_at))
            for product_id, fact in bought.items()
            if product_id in categories
        ),
    )


def _touch_at(moment: datetime, account_id: int, *, actor: Actor) -> FactRow | None:
    """The contact that was at a moment, however much else happened since."""
    kinds = sorted({kind for kind, _ in touches()})
    page = facts_of_account(actor, account_id, kinds=kinds, before=(moment, LATEST_ID), limit=LOOK_BACK_FACTS)
    return next((fact for fact in page.rows if (fact.kind, fact.sub_kind) in touches()), None)


def _settle(account_id: int, found: Touches) -> None:
    """Mark rows as done that a contact or a purchase since their day has answered."""
    rows = unscoped(QueueRow, reason=REASON).filter(account_id=account_id, state__in=WAITING)
    settled: list[int] = []
    if found.contacted_on:
        settled += rows.filter(day__lte=found.contacted_on).values_list("pk", flat=True)
    if found.heard_on:
        settled += rows.filter(day__lte=found.heard_on, reason=OVERDUE).values_list("pk", flat=True)
    for row in rows.filter(reason=REPLENISHMENT):
        if any(category == row.evidence.get("category_id") and on >= row.day for category, on in found.bought):
            settled.append(row.pk)
    _mark_done(settled, fact=found.last)


def _mark_done(row_ids: Sequence[int], *, fact: FactRow | None) -> None:
    if row_ids:
        rows = unscoped(QueueRow, reason=REASON).filter(pk__in=row_ids)
        rows.update(state=RowState.DONE, decided_at=timezone.now(), fact_id=fact.id if fact else None)


def _company_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
