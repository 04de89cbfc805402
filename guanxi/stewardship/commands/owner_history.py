"""Keeping who looked after customers: written from the former values that the database itself keeps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guanxi.customers.facade import OwnedSince, OwnerChange, owned_since, owner_changes
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.transfer.models import ImportedRow, Outcome
from guanxi.stewardship.choices import LeavingWay
from guanxi.stewardship.models.handovers import OwnerPeriod, OwnerWay

REASON = "stewardship: who looked after a customer is kept for all customers"
WAYS: Mapping[str, OwnerWay] = {
    "import": OwnerWay.IMPORT,
    f"pool_{LeavingWay.CLAIMED}": OwnerWay.CLAIM,
    "hand_over": OwnerWay.HANDOVER,
    "recycle": OwnerWay.POOL,
    "return_to_pool": OwnerWay.POOL,
    "undo_pool_leaving": OwnerWay.POOL,
}
UNDO = "undo_"


@dataclass(frozen=True, slots=True)
class _Cause:
    """How an owner came about, and through whom."""

    way: OwnerWay
    by_id: int | None


@transaction.atomic
def note_owners(account_ids: Iterable[int]) -> int:
    """Write the owner history of accounts anew. Returns how many periods there are; doing it again changes nothing.

    Steps: 1 read all changes of owner that the database kept, 2 find by their audit entries how and by whom,
    3 replace what was written before.
    """
    ids = sorted(set(account_ids))
    accounts, changes = owned_since(ids), owner_changes(ids)
    causes = _causes(change.entry_id for change in changes)
    first = _first_causes(ids)
    by_account: dict[int, list[OwnerChange]] = {}
    for change in changes:
        by_account.setdefault(change.account_id, []).append(change)
    periods = [
        period
        for account in accounts
        for period in _periods(account, by_account.get(account.account_id, []), causes=causes, first=first)
    ]
    rows = unscoped(OwnerPeriod, reason=REASON)
    rows.filter(Among("account_id", ids)).delete()
    rows.bulk_create(periods)
    return len(periods)


def _periods(
    account: OwnedSince,
    changes: Sequence[OwnerChange],
    *,
    causes: Mapping[UUID, _Cause],
    first: Mapping[int, _Cause],
) -> list[OwnerPeriod]:
    """The periods of one account, the first first."""
    unknown = _Cause(OwnerWay.ASSIGNED, None)
    owner_id = changes[0].former_id if changes else account.owner_id
    started: list[tuple[int | None, datetime, _Cause]] = [
        (owner_id, account.created_at, first.get(account.account_id, _Cause(OwnerWay.CREATED, None)))
    ]
    for change in changes:
        cause = causes.get(change.entry_id, unknown) if change.entry_id is not None else unknown
        started.append((change.owner_id, change.at, cause))
    ends = [*(at for _owner, at, _cause in started[1:]), None]
    return [
        OwnerPeriod(
            account_id=account.account_id,
            owner_id=owner,
            started_at=at,
            ended_at=end,
            way=cause.way,
            by_id=cause.by_id,
        )
        for (owner, at, cause), end in zip(started, ends, strict=True)
    ]


def _causes(entry_ids: Iterable[UUID | None]) -> Mapping[UUID, _Cause]:
    """How and by whom owners were changed, by the audit entry of the change; one query."""
    wanted = {entry_id for entry_id in entry_ids if entry_id is not None}
    rows = AuditEntry.objects.filter(pk__in=wanted).values_list("pk", "action", "user_id")
    return {pk: _Cause(_way_of(action), user_id) for pk, action, user_id in rows}


def _way_of(action: str) -> OwnerWay:
    """The way that an act of the audit trail is; what takes an act back is of its way, where it has none itself."""
    return WAYS.get(action) or WAYS.get(action.removeprefix(UNDO), OwnerWay.ASSIGNED)


def _first_causes(account_ids: Sequence[int]) -> Mapping[int, _Cause]:
    """How accounts came into being and by whom, by their id; two queries."""
    entries = AuditEntry.objects.filter(Among("record_id", account_ids), object_key="account", action="create")
    made = {pk: _Cause(OwnerWay.CREATED, user_id) for pk, user_id in entries.values_list("record_id", "user_id")}
    rows = ImportedRow.objects.filter(
        Among("record_id", account_ids), object_key="account", outcome=Outcome.CREATED
    ).values_list("record_id", "file__user_id")
    imported = {pk: _Cause(OwnerWay.IMPORT, user_id) for pk, user_id in rows if pk is not None}
    return {**{pk: cause for pk, cause in made.items() if pk is not None}, **imported}
