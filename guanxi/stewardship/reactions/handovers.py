"""How the owners of customers are kept, whatever changed them."""

from uuid import UUID

from guanxi.customers.events import AccountChanged, AccountCreated
from guanxi.platform.events.registry import register_reaction
from guanxi.stewardship.commands.owner_history import note_owners

OWNER_NAMES = frozenset({"owner", "owner_id"})


def keep_first_owner(event: AccountCreated, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Begin the owner history of a new customer."""
    note_owners([event.account_id])


def keep_owners(event: AccountChanged, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Keep who looked after customers, whichever way their owner was changed."""
    if not OWNER_NAMES.isdisjoint(event.fields):
        note_owners(event.account_ids)


register_reaction("stewardship.keep_first_owner", event_type=AccountCreated, react=keep_first_owner)
register_reaction("stewardship.keep_owners", event_type=AccountChanged, react=keep_owners)
