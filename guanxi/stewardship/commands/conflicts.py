"""Finding values on which sources disagree, and deciding for one of them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guanxi.customers.facade import RecordState, edit_account, edit_contact, edit_contact_point
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, no_such_record
from guanxi.ledger.facade import TAKE_PROPOSAL
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.audit.models import AuditEntry
from guanxi.stewardship.choices import ConflictState, ValueSource
from guanxi.stewardship.models import FieldConflict
from guanxi.stewardship.queries.conflicts import (
    LINKS,
    disputed_field,
    may_decide,
    of_object,
    present_value,
    sealed_fields,
    states_of,
)
from guanxi.stewardship.rules.conflicts import Disagreement, Origin, Written, disagreement, origin_of

REASON = "stewardship: values on which sources disagree are looked for in all customers"
BLOCK = 1_000
UNDOING = "undo"
CREATING = ("create", "add_contact", "add_contact_point")


def find_conflicts(account_ids: Iterable[int], *, among: Iterable[str] = tuple(LINKS)) -> int:
    """Look for values of accounts, or of what belongs to them, on which sources disagree.

    `among` are the objects looked at: accounts, contacts, ways to reach them. Found again, a pair of values stays as
    it was decided. Returns how many are new. Open ones neither of whose values stands any more are set aside.
    """
    ids = sorted(set(account_ids))
    blocks = [ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK)]
    return sum(_find_in_block(key, block) for key in among for block in blocks)


def forget_sealed() -> int:
    """Forget the values of fields that are encrypted by now; they were held side by side before. Returns how many."""
    sealed = Q(pk__in=[])
    for key in LINKS:
        sealed |= of_object(key) & Q(field__in=sealed_fields(key))
    return int(unscoped(FieldConflict, reason=REASON).filter(sealed).delete()[0])


@transaction.atomic
def decide_conflict(conflict_id: int, *, is_first: bool, version: int | None = None, actor: Actor) -> None:
    """Decide for one of two values; it is written into the record where it does not stand already.

    Raises: NotFound, AccessDenied, Conflict("conflict.decided" | "conflict.gone" | "record.changed"), RuleViolation.
    """
    row = _locked(conflict_id, actor)
    if row.state != ConflictState.OPEN:
        raise Conflict("conflict.decided", "Somebody has decided this meanwhile.")
    if present_value(row) not in (row.first, row.second):
        raise Conflict("conflict.gone", "Neither of the two values stands any more: somebody wrote another one.")
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
    if present_value(row) == row.chosen:
        _write(row, row.former, version=None, actor=actor)
    again = {"chosen": None, "former": None, "decided_by": None, "decided_at": None}
    unscoped(FieldConflict, reason=REASON).filter(pk=row.pk).update(state=ConflictState.OPEN, **again)


def _locked(conflict_id: int, actor: Actor) -> FieldConflict:
    """A conflict of an account that the actor may change, about a field that he may read.

    Raises: NotFound, AccessDenied("field.not_writable").
    """
    grant(actor, FieldConflict).get(conflict_id)
    if not may_decide(conflict_id, actor):
        raise no_such_record()
    grant(actor, FieldConflict, Action.EDIT).get(conflict_id)
    row: FieldConflict = unscoped(FieldConflict, reason=REASON).select_for_update().get(pk=conflict_id)
    return row


def _write(row: FieldConflict, value: object, *, version: int | None, actor: Actor) -> object:
    """Let the record hold a value in the field of the conflict. Returns what it held before."""
    item, former = disputed_field(row), present_value(row)
    if former == value:
        key, record_id = row.object_key, row.record_id
        begin_entry(actor, action="keep_value", object_key=key, record_id=record_id, reason=item.key)
        return former
    values = {item.column: item.typed.to_python(value) if value is not None else None}
    match row.object_key:
        case "contact":
            edit_contact(row.record_id, values, version=version, actor=actor)
        case "contact_point":
            edit_contact_point(row.record_id, values, version=version, actor=actor)
        case _:
            edit_account(row.record_id, values, version=version, actor=actor)
    return former


@transaction.atomic
def _find_in_block(object_key: str, account_ids: Sequence[int]) -> int:
    states, link = states_of(object_key, account_ids), LINKS[object_key]
    histories = {record_id: found for record_id, found in states.items() if len(found) > 1}
    writers = _writers(object_key, histories)
    rows = [
        _row(link, known[-1], field, found)
        for known in histories.values()
        for field, found in _disagreements(known, writers)
    ]
    pairs = {row.pair for row in rows}
    own = unscoped(FieldConflict, reason=REASON).filter(of_object(object_key))
    known_rows = own.filter(**{f"{link}__in": list(histories)})
    before = known_rows.count()
    unscoped(FieldConflict, reason=REASON).bulk_create(rows, ignore_conflicts=True)
    known_rows.filter(state=ConflictState.GONE, pair__in=pairs).update(state=ConflictState.OPEN)
    _keep_in_step(known_rows, states)
    return int(known_rows.count()) - int(before)


def _keep_in_step(rows: GuardedQuerySet[FieldConflict], states: Mapping[int, Sequence[RecordState]]) -> None:
    """A conflict goes with its record to another account; an open one neither of whose values stands is nobody's."""
    for row in rows:
        present = states[row.record_id][-1]
        stands = present.values.get(row.field) in (row.first, row.second)
        state = ConflictState.GONE if row.state == ConflictState.OPEN and not stands else row.state
        if (present.account_id, state) != (row.account_id, row.state):
            fresh = unscoped(FieldConflict, reason=REASON).filter(pk=row.pk)
            fresh.update(account_id=present.account_id, state=state)


def _writers(object_key: str, histories: Mapping[int, Sequence[RecordState]]) -> dict[UUID | int, AuditEntry]:
    """The audit entries by which the states came to be, by id; those of single new records by the record's id."""
    ids = {state.entry_id for found in histories.values() for state in found if state.entry_id}
    meant = Q(pk__in=ids) | Q(object_key=object_key, record_id__in=list(histories), action__in=CREATING)
    found: dict[UUID | int, AuditEntry] = {}
    for entry in AuditEntry.objects.filter(meant):
        found[entry.pk] = entry
        if entry.action in CREATING and entry.record_id is not None:
            found[entry.record_id] = entry
    return found


def _disagreements(
    states: Sequence[RecordState], writers: Mapping[UUID | int, AuditEntry]
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


def _written(value: object, state: RecordState, writers: Mapping[UUID | int, AuditEntry]) -> Written:
    entry = writers.get(state.entry_id or state.record_id)
    if entry is None:
        return Written(value, Origin(ValueSource.SYSTEM), state.at)
    origin = origin_of(entry.surface, entry.action, entry.actor_name)
    is_undo, is_decided = entry.action.startswith(UNDOING), entry.action == TAKE_PROPOSAL
    return Written(value, origin, state.at, is_undo=is_undo, is_decided=is_decided)


def _row(link: str, present: RecordState, field: str, found: Disagreement) -> FieldConflict:
    texts = sorted(json.dumps(item.value, sort_keys=True, ensure_ascii=False) for item in (found.first, found.second))
    return FieldConflict(
        **{"account_id": present.account_id, link: present.record_id},
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
