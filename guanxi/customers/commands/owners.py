"""Verbs that give many accounts another owner or department, for rooms above that decide by rules of their own."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from guanxi.customers.events import AccountChanged
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.grant import Grant
from guanxi.platform.access.rules import Action, Everyone
from guanxi.platform.events.commands import publish
from guanxi.platform.records.bulk import changed_ids, restore_rows, write_rows

PLACED = ("owner", "unit")


def place_accounts(
    ids: Sequence[int], *, columns: Mapping[str, int | None], entry_id: UUID, actor: Actor
) -> tuple[int, ...]:
    """Set `owner_id` and, where it is named, `unit_id` of accounts in use. Returns the ids of those that changed.

    The caller has found by a rule of its own that the actor may do this to these very accounts, holds the transaction
    and has begun the audit entry. Raises: AccessDenied("access.read_only").
    """
    written = write_rows(_permission(actor), ids, columns=columns, is_trashed=False, entry_id=entry_id)
    changed = tuple(changed_ids(Account, entry_id, among=ids)) if written else ()
    if changed:
        publish(AccountChanged(account_ids=changed, fields=PLACED))
    return changed


def unplace_accounts(
    ids: Sequence[int], *, columns: Mapping[str, int | None], undone: UUID, entry_id: UUID, actor: Actor
) -> tuple[int, ...]:
    """Give accounts back what `place_accounts` wrote over under the entry `undone`, where it still stands.

    The caller answers for it as there. Returns the ids of those that changed. Raises: AccessDenied("access.read_only").
    """
    changed = tuple(restore_rows(_permission(actor), ids, columns=columns, undone=undone, entry_id=entry_id))
    if changed:
        publish(AccountChanged(account_ids=changed, fields=PLACED))
    return changed


def _permission(actor: Actor) -> Grant[Account]:
    if actor.read_only:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    return Grant(Account, actor, Action.TRANSFER, Everyone())
