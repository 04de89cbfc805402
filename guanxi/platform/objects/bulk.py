"""Changing many records at once: at once for a few, in the background with progress for many, with an undo.

Steps of a change: 1 check the values and the right, 2 write the audit entry and what is meant, 3 block by block and
each in a transaction of its own, check the right as it is now, write the rows, let the object do what follows, write
the search index. A crash or a lost right leaves whole blocks; the undo takes back exactly those.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.queries import actors_by_user_id
from guanxi.platform.audit.commands import begin_entry, set_count
from guanxi.platform.customfields.schema import SEARCHED
from guanxi.platform.events.commands import publish
from guanxi.platform.jobs.progress import Progress, start_run
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.models import BulkAction, BulkChange
from guanxi.platform.objects.registry import bulk_fields_of, fields_of, listed_object
from guanxi.platform.objects.spec import ObjectSpec, WrittenBlock
from guanxi.platform.objects.tagging import tagging_from
from guanxi.platform.records.bulk import changed_ids, checked_values, restore_rows, write_rows
from guanxi.platform.records.events import RecordsAssigned
from guanxi.platform.records.room import require_room
from guanxi.platform.records.tags import COLUMN, Tagging, restore_tags, write_tags
from guanxi.platform.records.values import PATH, SINCE, STORAGES, json_value
from guanxi.platform.search.commands import remove_records

AT_ONCE = 200
BLOCK = 2_000
MOST_RECORDS = 200_000
BULK_JOB = "objects.change_many"
UNDO_JOB = "objects.undo_change"
RIGHTS = {
    BulkAction.EDIT: Action.EDIT,
    BulkAction.TAG: Action.EDIT,
    BulkAction.ASSIGN: Action.TRANSFER,
    BulkAction.TRASH: Action.DELETE,
}


@dataclass(frozen=True, slots=True)
class Started:
    """A change that was made, or that runs: `run_id` is its job, None when it is done."""

    id: int
    changed: int
    run_id: int | None


@dataclass(frozen=True, slots=True)
class _Written:
    """What a change of many writes: values of columns, or tags."""

    columns: Mapping[str, object] = field(default_factory=dict)
    tagging: Tagging | None = None

    def write(self, permission: Grant[Any], ids: Sequence[int], *, entry_id: UUID) -> int:
        """Write it. Returns how many rows changed."""
        if self.tagging is not None:
            return write_tags(permission, ids, tagging=self.tagging, entry_id=entry_id)
        return write_rows(permission, ids, columns=self.columns, is_trashed=False, entry_id=entry_id)

    def restore(self, permission: Grant[Any], ids: Sequence[int], *, undone: UUID, entry_id: UUID) -> list[int]:
        """Take it back. Returns the ids of the rows that changed."""
        if self.tagging is not None:
            return restore_tags(permission, ids, tagging=self.tagging, undone=undone, entry_id=entry_id)
        return restore_rows(permission, ids, columns=self.columns, undone=undone, entry_id=entry_id)


def change_many(
    object_key: str, ids: Sequence[int], *, action: BulkAction, values: Mapping[str, object], title: str, actor: Actor
) -> Started:
    """Change the records of these ids that the actor may change. `title` names the job to people.

    Raises: NotFound("object.not_found"), AccessDenied,
    RuleViolation("record.invalid" | "record.full" | "bulk.too_many" | "bulk.field").
    """
    spec = listed_object(object_key)
    if len(ids) > MOST_RECORDS:
        raise RuleViolation("bulk.too_many", "At most %(most)s records can be changed at once.", most=MOST_RECORDS)
    meant = _meant(spec, action, values, permission=_permission(spec, action, actor))
    if actor.user_id is None:
        raise AccessDenied("access.denied", "Only a person changes many records at once.")
    hidden = {item.column for item in fields_of(spec) if item.is_sealed}
    plain = {name: value for name, value in meant.items() if name not in hidden}
    sealed = {name: value for name, value in meant.items() if name in hidden}
    with transaction.atomic():
        _require_room(spec, ids, columns=meant, actor=actor)
        entry_id = begin_entry(actor, action=f"bulk_{action}", object_key=spec.key, record_count=len(ids))
        change = BulkChange.objects.create(
            object_key=spec.key,
            action=action,
            values=plain,
            sealed_values=json.dumps(sealed) if sealed else "",
            record_ids=list(ids),
            user_id=actor.user_id,
            entry_id=entry_id,
        )
        if len(ids) > AT_ONCE:
            change.run_id = start_run(
                BULK_JOB, title=title, started_by_id=actor.user_id, arguments={"change_id": change.pk}
            )
            change.save(update_fields=["run_id"])
            return Started(change.pk, 0, change.run_id)
    return Started(change.pk, write_change(change.pk), None)


def _require_room(spec: ObjectSpec, ids: Sequence[int], *, columns: Mapping[str, object], actor: Actor) -> None:
    """Who is given the records has room for those that are another's yet. Raises: RuleViolation("record.full")."""
    owner_field = protection_of(spec.model).owner_field
    owner_id = columns.get(owner_field)
    if isinstance(owner_id, int):
        rows = grant(actor, spec.model, Action.TRANSFER).queryset().filter(Among("pk", list(ids)))
        wanted = rows.filter(trashed_at__isnull=True).exclude(**{owner_field: owner_id}).count()
        require_room(spec.model, owner_id, wanted=wanted, actor=actor)


def write_change(change_id: int, progress: Progress | None = None) -> int:
    """Write what a change means, block by block; doing it again changes nothing. Returns how many records changed.

    Raises: as `_permission_now`, for what is written until then stays and nothing more is written.
    """
    change = BulkChange.objects.get(pk=change_id)
    if change.undo_entry_id is not None:
        return change.changed
    spec = listed_object(change.object_key)
    _permission_now(change, spec)
    written = _written(spec, BulkAction(change.action), _all_values(change))
    if progress is not None:
        progress.expect(len(change.record_ids))
    for start in range(0, len(change.record_ids), BLOCK):
        ids = change.record_ids[start : start + BLOCK]
        with transaction.atomic():
            _write_block(change, spec, ids, written=written)
        if progress is not None:
            progress.advance(len(ids))
    _tell_owner(change, written.columns)
    return change.changed


def _write_block(change: BulkChange, spec: ObjectSpec, ids: Sequence[int], *, written: _Written) -> None:
    """Write one block with all that follows from it; within a transaction."""
    permission = _permission_now(change, spec)
    count = written.write(permission, ids, entry_id=change.entry_id)
    if not count:
        return
    change.changed += count
    change.save(update_fields=["changed"])
    set_count(change.entry_id, record_count=change.changed)
    changed = changed_ids(permission.model, change.entry_id, among=ids)
    if change.action == BulkAction.TRASH:
        remove_records(spec.key, changed)
    _follow(change, spec, changed, actor=permission.actor)
    _index_anew(spec, changed, columns=written.columns)


def trash_block(spec: ObjectSpec, ids: Sequence[int], *, entry_id: UUID, actor: Actor) -> list[int]:
    """Put a block of records into the trash with all that follows; within a transaction. Returns the ids that went.

    Raises: AccessDenied.
    """
    permission: Grant[Any] = grant(actor, spec.model, Action.DELETE)
    trashed_at = timezone.now()
    write_rows(permission, ids, columns={"trashed_at": trashed_at}, is_trashed=False, entry_id=entry_id)
    changed = changed_ids(permission.model, entry_id, among=ids)
    remove_records(spec.key, changed)
    if spec.follow is not None and changed:
        spec.follow(WrittenBlock(tuple(changed), fields=(), trashed_at=trashed_at, actor=actor))
    return changed


def _follow(change: BulkChange, spec: ObjectSpec, ids: Sequence[int], *, actor: Actor, is_undo: bool = False) -> None:
    """Let the object do what follows from the change of these records."""
    if spec.follow is None or not ids:
        return
    is_trash = change.action == BulkAction.TRASH
    block = WrittenBlock(
        tuple(ids),
        fields=() if is_trash else _names(change, spec),
        trashed_at=datetime.fromisoformat(change.values["trashed_at"]) if is_trash else None,
        is_undo=is_undo,
        actor=actor,
    )
    spec.follow(block)


def _index_anew(spec: ObjectSpec, ids: Sequence[int], *, columns: Mapping[str, object]) -> None:
    """Write what records are found by, where they are found by what was changed."""
    texts = (item for item in fields_of(spec) if (item.kind in SEARCHED or item.is_sealed) and item.column in columns)
    if spec.index is not None and any(item.made or item.is_sealed or item.column in spec.searched for item in texts):
        spec.index(ids)


def _tell_owner(change: BulkChange, columns: Mapping[str, object]) -> None:
    """Publish once, for the whole change, that records have another owner now."""
    owner_id = columns.get(protection_of(listed_object(change.object_key).model).owner_field)
    if change.action == BulkAction.ASSIGN and isinstance(owner_id, int) and change.changed:
        event = RecordsAssigned(
            object_key=change.object_key, owner_id=owner_id, count=change.changed, by_id=change.user_id
        )
        with transaction.atomic():
            publish(event)


def undo_change(change_id: int, *, title: str, actor: Actor) -> Started:
    """Take a change of one's own back.

    Raises: NotFound("bulk.not_found"), Conflict("bulk.undone") when it was taken back already, AccessDenied.
    """
    with transaction.atomic():
        change = BulkChange.objects.select_for_update().filter(pk=change_id, user=actor.user_id).first()
        if change is None:
            raise NotFound("bulk.not_found", "There is no such change of yours.")
        if change.undo_entry_id is not None:
            raise Conflict("bulk.undone", "This was taken back already.")
        spec = listed_object(change.object_key)
        _require_writable(_names(change, spec), permission=_permission(spec, BulkAction(change.action), actor))
        change.undo_entry_id = begin_entry(
            actor, action=f"undo_bulk_{change.action}", object_key=spec.key, reason=f"undo of {change.entry_id}"
        )
        run_id = None
        if change.changed > AT_ONCE:
            run_id = start_run(UNDO_JOB, title=title, started_by_id=actor.user_id, arguments={"change_id": change.pk})
        change.save(update_fields=["undo_entry_id"])
    return Started(change.pk, 0 if run_id else write_undo(change.pk), run_id)


def write_undo(change_id: int, progress: Progress | None = None) -> int:
    """Take a change back, block by block; what somebody changed since is kept. Returns how many records changed.

    Raises: as `_permission_now`; what was taken back until then stays so, and the rest can be asked for again.
    """
    change = BulkChange.objects.get(pk=change_id)
    try:
        return _undone(change, progress)
    except (AccessDenied, RuleViolation):
        BulkChange.objects.filter(pk=change_id).update(undo_entry_id=None)
        raise


def _undone(change: BulkChange, progress: Progress | None) -> int:
    spec = listed_object(change.object_key)
    permission = _permission_now(change, spec)
    written = _written(spec, BulkAction(change.action), _all_values(change))
    meant = changed_ids(permission.model, change.entry_id)
    if progress is not None:
        progress.expect(len(meant))
    for start in range(0, len(meant), BLOCK):
        ids = meant[start : start + BLOCK]
        with transaction.atomic():
            _restore_block(change, spec, ids, written=written)
        if progress is not None:
            progress.advance(len(ids))
    restored = len(changed_ids(permission.model, _known(change.undo_entry_id)))
    BulkChange.objects.filter(pk=change.pk).update(kept=len(meant) - restored)
    set_count(_known(change.undo_entry_id), record_count=restored)
    return restored


def _restore_block(change: BulkChange, spec: ObjectSpec, ids: Sequence[int], *, written: _Written) -> int:
    """Take one block back with all that followed from it; within a transaction. Returns how many records changed."""
    permission = _permission_now(change, spec)
    back = written.restore(permission, ids, undone=change.entry_id, entry_id=_known(change.undo_entry_id))
    _follow(change, spec, back, actor=permission.actor, is_undo=True)
    if change.action == BulkAction.TRASH and spec.index is not None:
        spec.index(back)
    _index_anew(spec, back, columns=written.columns)
    return len(back)


def _known(entry_id: UUID | None) -> UUID:
    if entry_id is None:
        raise Conflict("bulk.not_undone", "Nobody asked to take this back.")
    return entry_id


def _permission(spec: ObjectSpec, action: BulkAction, actor: Actor) -> Grant[Any]:
    return grant(actor, spec.model, RIGHTS[action])


def _permission_now(change: BulkChange, spec: ObjectSpec) -> Grant[Any]:
    """The right to make a change as it is now: it may be another one than when the change was asked for.

    Raises: AccessDenied("bulk.left" | "bulk.denied" | "bulk.field_denied"), RuleViolation("bulk.field").
    """
    action = BulkAction(change.action)
    actor = actors_by_user_id([change.user_id]).get(change.user_id)
    if actor is None:
        raise AccessDenied("bulk.left", "Who asked for this may not sign in any more, so it was stopped.")
    if not may(actor, spec.model, RIGHTS[action]):
        raise AccessDenied("bulk.denied", "Who asked for this may not do it any more, so it was stopped.")
    permission = _permission(spec, action, actor)
    _require_writable(_names(change, spec), permission=permission)
    return permission


def _require_writable(names: Iterable[str], *, permission: Grant[Any]) -> None:
    """The fields that a change writes may be written. Raises: AccessDenied("bulk.field_denied")."""
    if any(permission.field_access(name) < FieldAccess.WRITE for name in names):
        raise AccessDenied(
            "bulk.field_denied", "Who asked for this may not change this field any more, so it was stopped."
        )


def _names(change: BulkChange, spec: ObjectSpec) -> tuple[str, ...]:
    """The names under which protection knows the fields that a change writes.

    Raises: RuleViolation("bulk.field") for one that cannot be changed in this way any more.
    """
    action = BulkAction(change.action)
    if action is BulkAction.TAG:
        return (COLUMN,)
    if action is BulkAction.TRASH:
        return ("trashed_at",)
    known = {item.column: item.protected_name for item in _changeable(spec, action)}
    columns = _all_values(change).keys() - {f"{PATH}{SINCE}"}
    if not columns <= known.keys():
        raise RuleViolation("bulk.field", "This field cannot be changed for many records at once.")
    return tuple(sorted(known[column] for column in columns))


def _meant(
    spec: ObjectSpec, action: BulkAction, values: Mapping[str, object], *, permission: Grant[Any]
) -> dict[str, object]:
    """What is kept of a change: what the columns become, or which tags come and go, in words of JSON."""
    if action is BulkAction.TAG:
        tagging = tagging_from(spec, values)
        return {"added": list(tagging.added), "taken": tagging.removed}
    if action is BulkAction.TRASH:
        return {"trashed_at": timezone.now().isoformat()}
    allowed = {item.key: item for item in _changeable(spec, action)}
    if not values or not set(values) <= set(allowed):
        raise RuleViolation("bulk.field", "This field cannot be changed for many records at once.")
    types = {allowed[key].protected_name: allowed[key].typed for key in values}
    named = {allowed[key].protected_name: value for key, value in values.items()}
    columns = checked_values(permission, named, types=types)
    if spec.board_field in values and allowed[spec.board_field].made is not None:
        columns[f"{PATH}{SINCE}"] = timezone.now()
    return {name: json_value(value) for name, value in columns.items()}


def _changeable(spec: ObjectSpec, action: BulkAction) -> tuple[ObjectField, ...]:
    if action is BulkAction.EDIT:
        return bulk_fields_of(spec)
    protection = protection_of(spec.model)
    responsible = (protection.owner_field, protection.unit_field)
    return tuple(item for item in fields_of(spec) if item.column in responsible)


def _all_values(change: BulkChange) -> Mapping[str, Any]:
    """What the columns become, those of encrypted fields too."""
    sealed: Mapping[str, Any] = json.loads(change.sealed_values) if change.sealed_values else {}
    return {**change.values, **sealed}


def _written(spec: ObjectSpec, action: BulkAction, values: Mapping[str, Any]) -> _Written:
    """What a change writes, as the model keeps it."""
    if action is BulkAction.TAG:
        return _Written(tagging=Tagging(tuple(values["added"]), tuple(values["taken"])))
    columns = {column.attname: column for column in spec.model._meta.concrete_fields}
    columns |= {item.column: item.typed for item in fields_of(spec) if item.made is not None}
    columns[f"{PATH}{SINCE}"] = STORAGES[SINCE[:1]].field
    return _Written({name: columns[name].to_python(value) for name, value in values.items()})
