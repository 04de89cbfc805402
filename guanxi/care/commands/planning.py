"""Planning the queues of a day and refreshing what planning rests on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Q

from guanxi.care.adapters.occasions import Knowledge
from guanxi.care.adapters.planning import (
    REASON,
    Hours,
    candidates_by_owner,
    chances_in_force,
    hours_by_person,
    knowledge_of,
    snoozed_accounts,
)
from guanxi.care.adapters.rhythms import rhythms_of, write_rhythms
from guanxi.care.analyses.calendar import is_rest_day
from guanxi.care.analyses.filling import Candidate, Day, Proposal, fill
from guanxi.care.analyses.response import Cell
from guanxi.care.choices import DECIDED, RowState
from guanxi.care.events import QueuePlanned
from guanxi.care.models import ContactState, QueueRow
from guanxi.care.rules import Occasion
from guanxi.customers.facade import Strategy
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish

PLANNING_LOCK = 7_203_120
BATCH_SIZE = 2_000
PLANNED = (
    *("rank", "state", "hold", "reason", "tone", "evidence", "further", "channel", "time_from", "time_to"),
    *("stake", "urgency", "chance", "minutes", "priority", "variant"),
)


def refresh_rhythms(as_of: date, *, actor: Actor) -> int:
    """Compute rhythms, due categories and response rates from the lake. Returns the number of accounts.

    The lake must be current.
    """
    found = rhythms_of(as_of)
    with transaction.atomic():
        begin_entry(
            actor,
            action="refresh",
            object_key="contact_state",
            record_count=found.states.num_rows,
            reason=str(as_of),
        )
        write_rhythms(found)
    return int(found.states.num_rows)


def plan_day(day: date, *, actor: Actor) -> int:
    """Plan the queues of all persons for a day. Returns the number of rows written.

    Steps: 1 read what planning knows, 2 write each account's due days, 3 for each person fill the day and
    replace what is not decided yet, one transaction each; decided rows stay and use up capacity, 4 let the
    database count the new rows, so that it reads them well at once. Doing it again changes nothing.
    """
    knowledge = knowledge_of(day)
    _write_due_days(knowledge)
    candidates = candidates_by_owner(knowledge)
    hours, chances, snoozed = hours_by_person(), chances_in_force(), snoozed_accounts(day)
    owners = sorted({account.owner_id for account in knowledge.accounts.values()})
    written = 0
    for owner_id in owners:
        open_to = [item for item in candidates.get(owner_id, []) if item.account_id not in snoozed]
        written += _plan_person(
            owner_id,
            open_to,
            day=day,
            hours=hours.get(owner_id, Hours()),
            chances=chances,
            strategies=knowledge.strategies,
            actor=actor,
        )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {QueueRow._meta.db_table}")
    with transaction.atomic():
        publish(QueuePlanned(day=day.isoformat(), rows=written))
    return written


def _plan_person(
    owner_id: int,
    candidates: Sequence[Candidate],
    *,
    day: date,
    hours: Hours,
    chances: dict[Cell, float],
    strategies: Mapping[int, Strategy],
    actor: Actor,
) -> int:
    """Replace the undecided rows of a person's day. Returns how many were written.

    The row of a customer who stays in the day stays as well, so that pages that are open can still act on it.
    """
    with transaction.atomic():
        _lock(owner_id)
        rows = unscoped(QueueRow, reason=REASON).filter(user_id=owner_id)
        of_day = rows.filter(day=day).select_for_update().order_by("pk")
        locked = list(of_day.values_list("account_id", "state", "minutes"))
        decided = [row for row in locked if row[1] in DECIDED]
        done = [minutes for _, state, minutes in decided if state == RowState.DONE]
        that_day = Day(
            on=day,
            contacts=max(hours.contacts - len(done), 0),
            minutes=max(hours.minutes - sum(done), 0),
            chances=chances,
            works=hours.works,
            quiet=hours.quiet,
            is_rest_day=is_rest_day(day),
        )
        taken = {account_id for account_id, _, _ in decided}
        filled = fill((item for item in candidates if item.account_id not in taken), day=that_day)
        begin_entry(actor, action="plan", object_key="queue_row", record_count=len(filled), reason=str(day))
        gone = {account_id for account_id, _, _ in locked} - taken - {item.account_id for item in filled}
        rows.filter(Q(day__lt=day) | Q(day=day, account__in=gone)).exclude(state__in=DECIDED).delete()
        fresh = [_row(item, owner_id=owner_id, day=day, strategy=strategies.get(item.account_id)) for item in filled]
        unscoped(QueueRow, reason=REASON).bulk_create(
            fresh,
            batch_size=BATCH_SIZE,
            update_conflicts=True,
            unique_fields=["user", "day", "account"],
            update_fields=PLANNED,
        )
    return len(fresh)


def _row(proposal: Proposal, *, owner_id: int, day: date, strategy: Strategy | None) -> QueueRow:
    occasion = proposal.occasion
    time_from, time_to = proposal.hours or (None, None)
    return QueueRow(
        user_id=owner_id,
        account_id=proposal.account_id,
        day=day,
        rank=proposal.rank,
        state=proposal.state,
        hold=proposal.hold,
        reason=occasion.reason,
        tone=occasion.tone,
        evidence={**occasion.evidence, **_strategy(strategy)},
        further=_further(proposal.further),
        channel=proposal.channel,
        time_from=time_from,
        time_to=time_to,
        stake=round(proposal.stake * occasion.share, 2),
        urgency=round(proposal.occasion.urgency, 3),
        chance=round(proposal.chance, 4),
        minutes=proposal.minutes,
        priority=round(proposal.priority, 2),
    )


def _strategy(strategy: Strategy | None) -> dict[str, object]:
    """What a row keeps of the strategy of the customer's class: its words as they were when the day was planned."""
    if strategy is None:
        return {}
    return {
        "strategy": {
            "scheme": strategy.scheme_id,
            "class": strategy.class_key,
            "by": strategy.contacted_by,
            "tone": strategy.tone,
            "offer": strategy.offer,
        }
    }


def _further(occasions: Iterable[Occasion]) -> list[dict[str, object]]:
    return [{"reason": item.reason, "tone": str(item.tone), "evidence": item.evidence} for item in occasions]


def _write_due_days(knowledge: Knowledge) -> None:
    """Write interval, due day and red day of all accounts with an owner."""
    rows = [
        ContactState(
            account_id=account_id,
            rhythm_days=state.rhythm_days,
            spread=state.spread,
            ideal_days=state.cadence.ideal_days,
            maximum_days=state.cadence.maximum_days,
            due_on=_after(state.last_touch_on, state.cadence.ideal_days),
            red_on=_after(state.last_touch_on, state.cadence.maximum_days),
        )
        for account_id, state in knowledge.states.items()
    ]
    unscoped(ContactState, reason=REASON).bulk_create(
        rows,
        batch_size=BATCH_SIZE,
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=["ideal_days", "maximum_days", "due_on", "red_on"],
    )


def _after(day: date | None, days: int) -> date | None:
    return day + timedelta(days=days) if day else None


def _lock(owner_id: int) -> None:
    """Wait until no other transaction plans this person's day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PLANNING_LOCK, owner_id])
