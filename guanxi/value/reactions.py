"""What value does when something happens elsewhere."""

from uuid import UUID

from guanxi.customers.events import AccountChanged, AccountRestored
from guanxi.ledger.events import FactsRecorded
from guanxi.platform.events.registry import register_event, register_reaction
from guanxi.platform.jobs.queue import defer
from guanxi.value.events import EditionPublished, IndicesRefreshed

REFRESH_ACCOUNTS = "value.refresh_accounts"
GROUPING = frozenset({"kind", "relation"})
"""The fields of an account by which it belongs to its peer group."""


def refresh_touched_accounts(event: FactsRecorded, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Compute the indices of the accounts that new facts touched; a bulk load waits for the nightly refresh."""
    if event.account_ids:
        defer(REFRESH_ACCOUNTS, queue="reactions", account_ids=list(event.account_ids))


def refresh_regrouped_accounts(event: AccountChanged, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Compute the indices of accounts anew whose peer group may be another one now."""
    if not GROUPING.isdisjoint(event.fields):
        defer(REFRESH_ACCOUNTS, queue="reactions", account_ids=list(event.account_ids))


def refresh_restored_accounts(event: AccountRestored, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Compute the indices of accounts that come out of the trash: the nightly refresh takes them from what lies there.

    When accounts go into the trash their indices are kept until then, so that an undo brings them back whole.
    """
    defer(REFRESH_ACCOUNTS, queue="reactions", account_ids=list(event.account_ids))


register_event(IndicesRefreshed)
register_event(EditionPublished)
register_reaction("value.refresh_touched_accounts", event_type=FactsRecorded, react=refresh_touched_accounts)
register_reaction("value.refresh_regrouped_accounts", event_type=AccountChanged, react=refresh_regrouped_accounts)
register_reaction("value.refresh_restored_accounts", event_type=AccountRestored, react=refresh_restored_accounts)
