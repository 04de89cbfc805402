"""What pools do when something happens elsewhere."""

from uuid import UUID

from django.utils import timezone

from guanxi.customers.events import AccountChanged, AccountCreated, AccountRestored
from guanxi.ledger.events import FactsRecorded
from guanxi.platform.events.registry import register_event, register_reaction
from guanxi.platform.jobs.queue import defer, is_waiting
from guanxi.stewardship.commands.holding import note_owners, refresh_terms
from guanxi.stewardship.events import REFRESH_TERMS, PoolRulesChanged

MOVING = frozenset({"owner", "relation"})


def follow_facts(event: FactsRecorded, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """A follow-up or a purchase moves the day on which a customer leaves; after a large import that of all."""
    if event.account_ids:
        refresh_terms(event.account_ids)
    else:
        _refresh_all()


def follow_accounts(event: AccountChanged, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Another owner has all the time again, and takes the customer out of the pool."""
    if MOVING.intersection(event.fields):
        note_owners(event.account_ids, today=timezone.localdate())


def follow_new(event: AccountCreated, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """A new customer has a remaining time too."""
    refresh_terms([event.account_id])


def follow_restored(event: AccountRestored, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """A customer who comes out of the trash has a remaining time again."""
    refresh_terms(event.account_ids)


def follow_rules(event: PoolRulesChanged, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Other rules, other days."""
    _refresh_all()


def _refresh_all() -> None:
    if not is_waiting(REFRESH_TERMS):
        defer(REFRESH_TERMS, lock=REFRESH_TERMS)


register_event(PoolRulesChanged)
register_reaction("stewardship.follow_facts", event_type=FactsRecorded, react=follow_facts)
register_reaction("stewardship.follow_accounts", event_type=AccountChanged, react=follow_accounts)
register_reaction("stewardship.follow_new", event_type=AccountCreated, react=follow_new)
register_reaction("stewardship.follow_restored", event_type=AccountRestored, react=follow_restored)
register_reaction("stewardship.follow_rules", event_type=PoolRulesChanged, react=follow_rules)
