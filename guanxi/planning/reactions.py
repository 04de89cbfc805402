"""What planning does when something about a customer changes."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from guanxi.customers.events import AccountChanged, AccountCreated, AccountRestored, PartChanged
from guanxi.ledger.events import FactsRecorded
from guanxi.planning.commands.reads import count_scoring
from guanxi.planning.events import REFRESH_SOME, CompletenessRefreshed, PlanPublished
from guanxi.platform.events.registry import register_event, register_reaction
from guanxi.platform.jobs.queue import defer
from guanxi.value.events import IndicesRefreshed


def _refresh(account_ids: Iterable[int]) -> None:
    ids = list(account_ids)
    if ids:
        defer(REFRESH_SOME, queue="reactions", account_ids=ids)


def score_new_account(event: AccountCreated, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Compute the scores of a new account."""
    _refresh([event.account_id])


def score_changed_accounts(event: AccountChanged, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Compute the scores of accounts whose fields changed."""
    _refresh(event.account_ids)


def score_accounts_of_parts(event: PartChanged, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Compute the scores of accounts whose parts changed."""
    _refresh(event.account_ids)


def score_restored_accounts(event: AccountRestored, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Compute the scores of accounts that come out of the trash."""
    _refresh(event.account_ids)


def score_accounts_with_facts(event: FactsRecorded, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Compute the scores of accounts that new facts touched; a bulk load waits for the night."""
    _refresh(event.account_ids)


def count_what_was_scored(event: IndicesRefreshed, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Count that the value index read the facts that the plan asks for."""
    count_scoring(date.fromisoformat(event.as_of))


register_event(CompletenessRefreshed)
register_event(PlanPublished)
register_reaction("planning.count_what_was_scored", event_type=IndicesRefreshed, react=count_what_was_scored)
register_reaction("planning.score_new_account", event_type=AccountCreated, react=score_new_account)
register_reaction("planning.score_changed_accounts", event_type=AccountChanged, react=score_changed_accounts)
register_reaction("planning.score_accounts_of_parts", event_type=PartChanged, react=score_accounts_of_parts)
register_reaction("planning.score_restored_accounts", event_type=AccountRestored, react=score_restored_accounts)
register_reaction("planning.score_accounts_with_facts", event_type=FactsRecorded, react=score_accounts_with_facts)
