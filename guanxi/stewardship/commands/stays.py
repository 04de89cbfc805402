"""The steps that all verbs of pools share: customers go in, come out, and whoever did it can take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from guanxi.customers.facade import HeldAccount, place_accounts, unplace_accounts
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among
from guanxi.stewardship.choices import EntryReason, LeavingWay
from guanxi.stewardship.models import HoldingTerm, Pool, PoolEntry, RecycleRun
from guanxi.stewardship.queries.pools import HOLDING, MEMBERS, entries_of


@dataclass(frozen=True, slots=True)
class Entering:
    """The way into a pool: why, by which night's run, under which audit entry."""

    pool: Pool
    reason: EntryReason
    entry_id: UUID
    note: str = ""
    run: RecycleRun | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """The way out of a pool: how, to whom, under which audit entry."""

    way: LeavingWay
    taken_by_id: int | None = None
    entry_id: UUID | None = None
    by_id: int | None = None


def put_into_pool(
    accounts: Sequence[HeldAccount], *, entering: Entering, rules: Mapping[int, int | None], actor: Actor
) -> tuple[int, ...]:
    """Take customers, who are locked, from their owners into a pool; `rules` says by account id by which rule.

    Returns the ids of those that went.
    """
    pool = entering.pool
    moved = place_accounts(
        [account.id for account in accounts], columns=_columns(pool.unit_id), entry_id=entering.entry_id, actor=actor
    )
    gone = [account for account in accounts if account.id in set(moved)]
    unscoped(PoolEntry, reason=MEMBERS).bulk_create(
        [
            PoolEntry(
                account_id=account.id,
                pool=pool,
                entered_entry=entering.entry_id,
                entered_by_id=actor.user_id,
                reason=entering.reason,
                rule_id=rules.get(account.id),
                note=entering.note,
                former_owner_id=account.owner_id,
                former_unit_id=account.unit_id,
                unit_id=pool.unit_id,
                run=entering.run,
            )
            for account in gone
        ]
    )
    clear_terms(moved)
    return moved


def place_in_pool(account_id: int, *, entering: Entering, actor: Actor) -> None:
    """Put a customer whom nobody has looked after yet into a pool."""
    place_accounts([account_id], columns=_columns(entering.pool.unit_id), entry_id=entering.entry_id, actor=actor)
    unscoped(PoolEntry, reason=MEMBERS).bulk_create(
        [
            PoolEntry(
                account_id=account_id,
                pool=entering.pool,
                entered_entry=entering.entry_id,
                entered_by_id=actor.user_id,
                reason=entering.reason,
                note=entering.note,
                unit_id=entering.pool.unit_id,
            )
        ]
    )


def clear_terms(account_ids: Sequence[int]) -> None:
    """Customers without an owner leave nobody on any day."""
    rows = unscoped(HoldingTerm, reason=HOLDING).filter(Among("account_id", list(account_ids)))
    rows.update(rule=None, leaves_on=None, warned_for=None, manager_warned_for=None)


def take_back(entries: Sequence[PoolEntry], *, undone: UUID, entry_id: UUID, actor: Actor) -> tuple[int, ...]:
    """Give customers, whose stays are locked, back to the owners whom they left under the entry `undone`.

    Returns the ids of those that went back; whoever has got another owner since is left there.
    """
    by_unit: dict[int | None, list[int]] = {}
    for entry in entries:
        by_unit.setdefault(entry.unit_id, []).append(entry.account_id)
    back: list[int] = []
    for unit_id, ids in by_unit.items():
        back += unplace_accounts(ids, columns=_columns(unit_id), undone=undone, entry_id=entry_id, actor=actor)
    end_stays(back, leaving=Leaving(LeavingWay.UNDONE, entry_id=entry_id, by_id=actor.user_id))
    return tuple(back)


def _columns(unit_id: int | None) -> dict[str, int | None]:
    return {"owner_id": None} | ({"unit_id": unit_id} if unit_id is not None else {})


def end_stays(account_ids: Sequence[int], *, leaving: Leaving) -> int:
    """End the present stays of customers. Returns how many ended."""
    rows = entries_of(Q(Among("account_id", list(account_ids)), left_at__isnull=True))
    return rows.order_by().update(
        left_at=timezone.now(),
        way=leaving.way,
        taken_by=leaving.taken_by_id,
        left_entry=leaving.entry_id,
        left_by=leaving.by_id,
    )


def reopen_stays(account_ids: Sequence[int], *, left_entry: UUID) -> int:
    """Let customers be in their pool again as if they had never left it under an entry. Returns how many are."""
    rows = entries_of(Q(Among("account_id", list(account_ids)), left_entry=left_entry))
    return rows.order_by().update(left_at=None, way="", taken_by=None, left_entry=None, left_by=None)
