"""What the ledger does when something happens elsewhere."""

from uuid import UUID

from guanxi.customers.events import ExternalKeysAdded
from guanxi.ledger.commands import adopt_waiting_facts
from guanxi.ledger.events import FactsRecorded
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.events.registry import register_event, register_reaction


def adopt_when_known(event: ExternalKeysAdded, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Record the facts that waited for the keys that have arrived."""
    adopt_waiting_facts(event.system, keys=event.keys, actor=system_actor("Ledger"))


register_event(FactsRecorded)
register_reaction("ledger.adopt_when_known", event_type=ExternalKeysAdded, react=adopt_when_known)
