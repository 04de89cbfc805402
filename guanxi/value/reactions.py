"""What value does when something happens elsewhere."""

from uuid import UUID

from guanxi.ledger.events import FactsRecorded
from guanxi.platform.events.registry import register_event, register_reaction
from guanxi.platform.jobs.queue import defer
from guanxi.value.events import EditionPublished, IndicesRefreshed

REFRESH_ACCOUNTS = "value.refresh_accounts"


def refresh_touched_accounts(event: FactsRecorded, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Compute the indices of the accounts that new facts touched; a bulk load waits for the nightly refresh."""
    if event.account_ids:
        defer(REFRESH_ACCOUNTS, queue="reactions", account_ids=list(event.account_ids))


register_event(IndicesRefreshed)
register_event(EditionPublished)
register_reaction("value.refresh_touched_accounts", event_type=FactsRecorded, react=refresh_touched_accounts)
