"""What a person decides about a row: done, later, not useful, and taking it back; taking more on."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from guanxi.care.choices import Answer, Hold, RowState
from guanxi.care.commands.contact import WAITING, log_contact, note_facts
from guanxi.care.events import RowDecided
from guanxi.care.models import QueueRow
from guanxi.care.queries import own_id
from guanxi.care.rules import snooze_until
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.ledger.facade import SCREEN_SOURCE, FactRow, corrections_standing, facts_by_ids, void_fact
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.records.change import Work, change


def complete_row(row_id: int, *, channel: str = "", note: str = "", actor: Actor) -> int:
    """The customer was contacted: record it and close the row. Returns the fact's id.

    `channel` is the row's own when empty. Doing it again records nothing more; a row that another contact settled
    meanwhile takes what the person says all the same.
    Raises: NotFound, AccessDenied, RuleViolation("channel.unknown"), Conflict("row.decided") for a row put
    off.
    """
    with change(QueueRow, row_id, action="complete", actor=actor) as work:
        row = work.record
        recorded = _contact_of(row, actor=actor)
        if row.state == RowState.DONE and recorded is not None:
            return recorded.id
        if row.state != RowState.DONE:
            _require_waiting(row)
        row.fact_id = log_contact(
            row.account_id,
            channel=channel or row.channel,
            note=note,
            source_id=f"{_number_of(row)}{row.version}",
            actor=actor,
        )
        _decide(work, state=RowState.DONE)
        return int(row.fact_id)


def snooze_row(row_id: int, *, days: int = 1, actor: Actor) -> None:
    """Put a customer off for some days from today.

    Raises: NotFound, AccessDenied, Conflict("row.decided"), RuleViolation("row.later").
    """
    with change(QueueRow, row_id, action="snooze", actor=actor) as work:
        _require_waiting(work.record)
        work.record.snoozed_until = snooze_until(timezone.localdate(), days=days)
        _decide(work, state=RowState.SNOOZED)


def reject_row(row_id: int, *, answer: str, actor: Actor) -> None:
    """Say why a row was not useful; the answer lowers this reason's chance for this customer.

    Raises: NotFound, AccessDenied, RuleViolation("row.answer"), Conflict("row.decided").
    """
    if answer not in Answer.values:
        raise RuleViolation("row.answer", "Say why it was not useful.")
    with change(QueueRow, row_id, action="reject", actor=actor) as work:
        _require_waiting(work.record)
        work.record.answer = answer
        _decide(work, state=RowState.NOT_USEFUL)


def undo_row(row_id: int, *, actor: Actor) -> None:
    """Take a decision back: the row is open again, a contact recorded by it is withdrawn.

    Raises: NotFound, AccessDenied.
    """
    with change(QueueRow, row_id, action="undo", actor=actor) as work:
        row = work.record
        if row.state in WAITING:
            return
        recorded = _contact_of(row, actor=actor)
        if recorded is not None:
            void_fact(recorded.id, reason="queue: undo", actor=actor)
        row.fact_id, row.snoozed_until, row.answer, row.hold = None, None, "", Hold.NONE
        _decide(work, state=RowState.OPEN)
        row.decided_at = None
    note_facts([row.account_id])


@transaction.atomic
def take_more(day: date, *, count: int = 3, actor: Actor) -> int:
    """Take the next customers on who did not fit into the day. Returns how many there were."""
    rows = grant(actor, QueueRow, Action.EDIT).queryset().filter(user_id=own_id(actor), day=day)
    waiting = rows.filter(state__in=(RowState.LATER, RowState.AUTOMATIC), hold__in=(Hold.CAPACITY, Hold.COST))
    chosen = list(waiting.order_by("rank").values_list("pk", flat=True)[: max(0, min(count, 20))])
    begin_entry(actor, action="take_more", object_key="queue_row", record_count=len(chosen), reason=str(day))
    return waiting.filter(pk__in=chosen).update(state=RowState.OPEN, hold=Hold.NONE)


def _number_of(row: QueueRow) -> str:
    """How the numbers begin under which a row records contacts."""
    return f"queue-{row.pk}-"


def _contact_of(row: QueueRow, *, actor: Actor) -> FactRow | None:
    """The contact that the row itself recorded and that stands; a row may be settled by a contact from elsewhere."""
    found = facts_by_ids(actor, [row.fact_id]) if row.fact_id is not None else ()
    own = [fact for fact in found if fact.source == SCREEN_SOURCE and fact.source_id.startswith(_number_of(row))]
    return own[0] if own and not corrections_standing(SCREEN_SOURCE, [own[0].source_id]) else None


def _require_waiting(row: QueueRow) -> None:
    if row.state not in WAITING:
        raise Conflict("row.decided", "This row was decided already; take that back first.", state=row.state)


def _decide(work: Work[QueueRow], *, state: RowState) -> None:
    row = work.record
    row.state, row.decided_at = state, timezone.now()
    work.publish(RowDecided(row_id=row.pk, account_id=row.account_id, reason=row.reason, state=state.value))
