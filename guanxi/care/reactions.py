"""What care does when something happens elsewhere."""

from uuid import UUID

from guanxi.care.commands import leave_queues, note_facts
from guanxi.care.events import PLAN, QueuePlanned, RowDecided
from guanxi.customers.events import AccountRestored, AccountTrashed, PartChanged
from guanxi.ledger.events import FactsRecorded
from guanxi.platform.events.registry import register_event, register_reaction
from guanxi.platform.jobs.queue import defer, is_waiting
from guanxi.platform.records.events import RecordsRestrained
from guanxi.value.events import IndicesRefreshed

ACCOUNT_CLASS = "account_class"
MOST_AT_ONCE = 500


def note_recorded(event: FactsRecorded, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Let contact restart the cadence and settle rows; after a large import the nightly plan does it for
    all."""
    if event.account_ids:
        note_facts(event.account_ids)


def plan_again(event: IndicesRefreshed, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Plan the queues anew, since values and falls have changed."""
    defer(PLAN, queue="analysis", lock=PLAN)


def leave_with_customers(event: AccountTrashed, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Nobody is to contact a customer who lies in the trash."""
    leave_queues(event.account_ids)


def leave_when_restrained(event: RecordsRestrained, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Nobody is led to contact a customer who must not be used any more."""
    if event.object_key == "account":
        leave_queues(event.record_ids)


def plan_for_restored(event: AccountRestored, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Plan the queues anew, once for all customers who come out of the trash in several blocks."""
    if not is_waiting(PLAN):
        defer(PLAN, queue="analysis", lock=PLAN)


def follow_classes(event: PartChanged, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Let a customer's interval follow the strategy of another class; of many at once the next plan does it."""
    if event.part == ACCOUNT_CLASS and len(event.account_ids) <= MOST_AT_ONCE:
        note_facts(event.account_ids)


register_event(QueuePlanned)
register_event(RowDecided)
register_reaction("care.note_recorded", event_type=FactsRecorded, react=note_recorded)
register_reaction("care.plan_again", event_type=IndicesRefreshed, react=plan_again)
register_reaction("care.leave_with_customers", event_type=AccountTrashed, react=leave_with_customers)
register_reaction("care.follow_classes", event_type=PartChanged, react=follow_classes)
register_reaction("care.leave_when_restrained", event_type=RecordsRestrained, react=leave_when_restrained)
register_reaction("care.plan_for_restored", event_type=AccountRestored, react=plan_for_restored)
