"""Finding values on which sources disagree, and deciding for one of them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guanxi.customers.facade import AccountState, account_states, edit_account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, no_such_record
from guanxi.ledger.facade import TAKE_PROPOSAL
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.fields import ObjectField
from guanxi.stewardship.choices import ConflictState, ValueSource
from guanxi.stewardship.models import FieldConflict
from guanxi.stewardship.queries.conflicts import disputable_fields, field_sql
from guanxi.stewardship.rules.conflicts import Disagreement, Origin, Written, disagreement, origin_of

REASON = "stewardship: values on which sources disagree are looked for in all customers"
BLOCK = 1_000
UNDOING = "undo"


def find_conflicts(account_ids: Iterable[int]) -> int:
    """Look for values of accounts on which sources disagree; found again, a pair of values stays as it was decided.

    Returns how many are new. Open ones neither of whose values stands any more are set aside.
    """
    ids = sorted(set(account_ids))
    return sum(_find_in_block(ids[start : start + BLOCK]) for start in range(0, len(ids), BLOCK))


@transaction.atomic
def decide_conflict(conflict_id: int, *, is_first: bool, version: int | None = None, actor: Actor) -> None:
    """Decide for one of two values; it is written into the account where it does not stand already.

    Raises: NotFound, AccessDenied, Conflict("conflict.decided" | "record.changed"), RuleViolation.
    """
    row = _locked(conflict_id, actor)
    if row.state != ConflictState.OPEN:
        raise Conflict("conflict.decided", "Somebody has decided this meanwhile.")
    chosen = row.first if is_first else row.second
    former = _write(row, chosen, version=version, actor=actor)
    decided = {"chosen": chosen, "former": former, "decided_by": actor.user_id, "decided_at": timezone.now()}
    unscoped(FieldConflict, reason=REASON).filter(pk=row.pk).update(state=ConflictState.DECIDED, **decided)


@transaction.atomic
def reopen_conflict(conflict_id: int, *, actor: Actor) -> None:
    """Take a decision back: the value that stood before stands again, if nobody changed it since.

    Raises: NotFound, AccessDenied, Conflict("conflict.open").
    """
    row = _locked(conflict_id, actor)
    if row.state != ConflictState.DECIDED:
        raise Conflict("conflict.open", "This was not decided yet.")
    if _present(row) == row.chosen:
        _write(row, row.former, version=None, actor=actor)
    again = {"chosen": None, "former": None, "decided_by": None, "decided_at": None}
    unscoped(FieldConflict, reason=REASON).filter(pk=row.pk).update(state=ConflictState.OPEN, **again)


def _locked(conflict_id: int, actor: Actor) -> FieldConflict:
    """A conflict of an account that the actor may change, about a field that he may read.

    Raises: NotFound, AccessDenied.
    """
    grant(actor, FieldConflict).get(conflict_id)
    grant(actor, FieldConflict, Action.EDIT).get(conflict_id)
    row: FieldConflict = unscoped(FieldConflict, reason=REASON).select_for_update().get(pk=conflict_id)
    if _field(row).access(actor) < FieldAccess.READ:
        raise no_such_record()
    return row


def _write(row: FieldConflict, value: object, *, version: int | None, actor: Actor) -> object:
    """Let the account hold a value in the field of the conflict. Returns what it held before."""
    item, former = _field(row), _present(row)
    if former == value:
        begin_entry(actor, action="keep_value", object_key="account", record_id=row.account_id, reason=item.key)
        return former
    typed = item.typed.to_python(value) if value is not None else None
    edit_account(row.account_id, {item.column: typed}, version=version, actor=actor)
    return former


def _field(row: FieldConflict) -> ObjectField:
    item = disputable_fields().get(row.field)
    if item is None:
        raise no_such_record()
    return item


def _present(row: FieldConflict) -> object:
    """What the account holds now in the field of a conflict, as JSON holds it."""
    states = account_states([row.account_id], {row.field: field_sql(_field(row))}).get(row.account_id)
    if not states:
        raise no_such_record()
    return states[-1].values[row.field]


@transaction.atomic
def _find_in_block(ids: Sequence[int]) -> int:
    states = account_states(ids, {key: field_sql(item) for key, item in disputable_fields().items()})
    histories = {account_id: found for account_id, found in states.items() if len(found) > 1}
    writers = _writers(histories)
    rows = [
        _row(account_id, field, found)
        for account_id, known in histories.items()
        for field, found in _disagreements(known, writers)
    ]
    pairs = {row.pair for row in rows}
    known_rows = unscoped(FieldConflict, reason=REASON).filter(account_id__in=list(histories))
    before = known_rows.count()
    unscoped(FieldConflict, reason=REASON).bulk_create(rows, ignore_conflicts=True)
    known_rows.filter(state=ConflictState.GONE, pair__in=pairs).update(state=ConflictState.OPEN)
    _set_gone_aside(states)
    return int(known_rows.count()) - int(before)


def _set_gone_aside(states: Mapping[int, Sequence[AccountState]]) -> None:
    """Open conflicts neither of whose values stands any more are nobody's work."""
    open_rows = unscoped(FieldConflict, reason=REASON).filter(state=ConflictState.OPEN, account_id__in=list(states))
    gone = [
        row.pk for row in open_rows if states[row.account_id][-1].values.get(row.field) not in (row.first, row.second)
    ]
    if gone:
        unscoped(FieldConflict, reason=REASON).filter(pk__in=gone).update(state=ConflictState.GONE)


def _writers(histories: Mapping[int, Sequence[AccountState]]) -> dict[UUID | int, AuditEntry]:
    """The audit entries by which the states came to be, by id; those of single new accounts by the account's id."""
    ids = {state.entry_id for found in histories.values() for state in found if state.entry_id}
    meant = Q(pk__in=ids) | Q(object_key="account", record_id__in=list(histories), action="create")
    found: dict[UUID | int, AuditEntry] = {}
    for entry in AuditEntry.objects.filter(meant):
        found[entry.pk] = entry
        if entry.action == "create" and entry.record_id is not None:
            found[entry.record_id] = entry
    return found


def _disagreements(
    states: Sequence[AccountState], writers: Mapping[UUID | int, AuditEntry]
) -> Iterator[tuple[str, Disagreement]]:
    for field in states[-1].values:
        written: list[Written] = []
        for state in states:
            value = state.values.get(field)
            if not written or written[-1].value != value:
                written.append(_written(value, state, writers))
        found = disagreement(written)
        if found is not None:
            yield field, found


def _written(value: object, state: AccountState, writers: Mapping[UUID | int, AuditEntry]) -> Written:
    entry = writers.get(state.entry_id or state.account_id)
    if entry is None:
        return Written(value, Origin(ValueSource.SYSTEM), state.at)
    origin = origin_of(entry.surface, entry.action, entry.actor_name)
    is_undo, is_decided = entry.action.startswith(UNDOING), entry.action == TAKE_PROPOSAL
    return Written(value, origin, state.at, is_undo=is_undo, is_decided=is_decided)


def _row(account_id: int, field: str, found: Disagreement) -> FieldConflict:
    texts = sorted(json.dumps(item.value, sort_keys=True, ensure_ascii=False) for item in (found.first, found.second))
    return FieldConflict(
        account_id=account_id,
        field=field,
        pair=sha256("\x00".join(texts).encode()).hexdigest(),
        first=found.first.value,
        first_source=found.first.origin.kind,
        first_name=found.first.origin.name,
        first_at=found.first.at,
        second=found.second.value,
        second_source=found.second.origin.kind,
        second_name=found.second.origin.name,
        second_at=found.second.at,
    )
