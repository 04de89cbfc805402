"""Merging two records of an object into one, and separating them again.

Steps of a merge, in one transaction: 1 check the rights, to edit the one and to delete the other, 2 lock both, 3 take
the chosen values over, 4 lead every row that belongs to the other over to the one, 5 put the other into the trash,
6 note which rows went over, 7 let the object do what follows. A row that the kept record has already (a table allows
only one such) stays with the merged one, where nothing is lost. Undoing leads the same rows back.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import Grant, grant, may, unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.customfields.schema import current_schema
from guanxi.platform.objects.belongings import Belonging, belongings_of, moving_with
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.models import Merge, MergedRows
from guanxi.platform.objects.registry import fields_of, listed_object, object_specs
from guanxi.platform.objects.spec import Label, ObjectSpec, WrittenBlock
from guanxi.platform.records.bulk import MergedValues
from guanxi.platform.records.change import refused_fields, require_transfer
from guanxi.platform.records.many import Loaded, load_reached, restore_untouched, trash_untouched, update_rows
from guanxi.platform.records.models import Record
from guanxi.platform.search.commands import remove_records

REASON = "merge: what belongs to a record goes over to the one it is merged into"
UNDO_DAYS = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records of an object, as ids: the one that is kept and the one that is merged into it."""

    kept_id: int
    merged_id: int


@dataclass(frozen=True, slots=True)
class JoinedCount:
    """How many rows of one kind two records have: the kept one and the merged one."""

    label: Label
    kept: int
    merged: int


Follow = Callable[[Pair, Actor, bool], None]
_follows: dict[str, Follow] = {}


def register_merge(object_key: str, follow: Follow) -> None:
    """Say what follows when records of an object are merged, or separated again (the last argument).

    Raises: ValueError when it is said already.
    """
    if object_key in _follows:
        raise ValueError(f"What follows a merge of {object_key} is said twice.")
    _follows[object_key] = follow


def may_merge(spec: ObjectSpec) -> bool:
    """Whether records of an object can be merged."""
    return spec.key in _follows


def mergeable_fields(spec: ObjectSpec, permission: Grant[Any]) -> tuple[ObjectField, ...]:
    """The fields whose value can be chosen in a merge: those that the person may write.

    Whose the record will be is chosen by who may hand over.
    """
    hands_over = may(permission.actor, spec.model, Action.TRANSFER)
    return tuple(
        item
        for item in fields_of(spec)
        if item.beside is None and item.access(permission.actor) >= FieldAccess.WRITE and not item.is_tags
        if item.is_editable or (hands_over and item.column in _responsibility(spec))
    )


def _responsibility(spec: ObjectSpec) -> tuple[str, str]:
    protection = protection_of(spec.model)
    return protection.owner_field, protection.unit_field


def joined_counts(spec: ObjectSpec, pair: Pair) -> tuple[JoinedCount, ...]:
    """How many rows of each kind would come together; one query for each table."""
    counts: dict[Label, Counter[int]] = {}
    for item in (*moving_with(spec.key), *(found for found in belongings_of(spec.key) if found.stays)):
        if item.label:
            rows = item.rows(spec.key, [pair.kept_id, pair.merged_id])
            found = rows.values_list(item.link_column).annotate(count=models.Count("pk"))
            counts.setdefault(item.label, Counter()).update(dict(found))
    return tuple(
        JoinedCount(label, found[pair.kept_id], found[pair.merged_id])
        for label, found in counts.items()
        if sum(found.values())
    )


@transaction.atomic
def merge_records(
    object_key: str, pair: Pair, *, taken: Collection[str] = (), versions: Mapping[int, int] | None = None, actor: Actor
) -> Merge:
    """Merge one record into another; `taken` are the keys of the fields whose value comes from the merged one.

    `versions` are those that the person saw, by id. Raises: NotFound("object.not_found" | "record.not_found"),
    AccessDenied, RuleViolation("merge.same" | "merge.object" | "merge.field" | "record.invalid"),
    Conflict("record.changed").
    """
    spec = listed_object(object_key)
    _require_pair(spec, pair)
    entry_id = begin_entry(actor, action="merge", object_key=object_key, record_id=pair.kept_id, record_count=2)
    editing, deleting = grant(actor, spec.model, Action.EDIT), grant(actor, spec.model, Action.DELETE)
    found = _locked(spec, pair, editing=editing, deleting=deleting)
    kept, merged = found[pair.kept_id], found[pair.merged_id].record
    if versions is not None and any(versions.get(pk) != item.record.version for pk, item in found.items()):
        raise Conflict("record.changed", "Somebody changed this record while you edited.")
    changed = _take_over(spec, kept, merged, taken=taken, editing=editing)
    merge = Merge.objects.create(
        object_key=object_key,
        kept_id=pair.kept_id,
        merged_id=pair.merged_id,
        fields=sorted(taken),
        entry_id=entry_id,
        kept_version=kept.record.version,
        user_id=actor.user_id,
    )
    merge.held = _lead_over(spec, pair, merge)
    merge.save(update_fields=["held"])
    trash_untouched(deleting, {pair.merged_id: merged.version})
    _follow(spec, pair, actor, changed=changed, is_undo=False)
    return merge


@transaction.atomic
def undo_merge(merge_id: int, *, actor: Actor) -> Merge:
    """Separate two records again: rows go back, the merged one leaves the trash, former values come back.

    Where somebody changed the kept record since, its values stay as they are. Raises: NotFound, AccessDenied,
    Conflict("merge.undone" | "merge.late" | "merge.moved").
    """
    merge = Merge.objects.select_for_update().filter(pk=merge_id).first()
    if merge is None:
        raise no_such_record()
    spec = listed_object(merge.object_key)
    pair = Pair(merge.kept_id, merge.merged_id)
    editing, deleting = grant(actor, spec.model, Action.EDIT), grant(actor, spec.model, Action.DELETE)
    _require_undoable(merge, spec, editing=editing, deleting=deleting)
    if not {item.key for item in fields_of(spec) if item.column in _responsibility(spec)}.isdisjoint(merge.fields):
        require_transfer(editing.get(pair.kept_id), actor=actor)  # type: ignore[arg-type]  # what is merged is a Record
    begin_entry(actor, action="undo_merge", object_key=merge.object_key, record_id=pair.kept_id, record_count=2)
    _lead_back(pair, merge)
    rows = unscoped(spec.model, reason=REASON).filter(pk=pair.merged_id)
    rows.update(trashed_at=None, version=F("version") + 1, updated_at=timezone.now())
    restored = restore_untouched(editing, {pair.kept_id: merge.kept_version}, undone=merge.entry_id)
    merge.undone_at, merge.is_kept = timezone.now(), bool(merge.fields) and not restored
    merge.save(update_fields=["undone_at", "is_kept"])
    _follow(spec, pair, actor, changed=merge.fields if restored else (), is_undo=True)
    return merge


def is_undoable(merge: Merge) -> bool:
    """Whether a merge can still be taken back."""
    return merge.undone_at is None and merge.merged_at > timezone.now() - timedelta(days=UNDO_DAYS)


def merges_of(object_key: str, record_id: int) -> tuple[Merge, ...]:
    """The merges into a record that stand, the newest first."""
    rows = Merge.objects.filter(object_key=object_key, kept_id=record_id, undone_at__isnull=True)
    return tuple(rows.order_by("-merged_at"))


def held_counts(merge: Merge) -> tuple[tuple[Label, int], ...]:
    """How many rows stayed with the merged record, by what they are called."""
    labels = {item.model._meta.label_lower: item.label for item in moving_with(merge.object_key)}
    return tuple((labels.get(table, table), count) for table, count in merge.held.items())


def merged_into(object_key: str, record_id: int) -> int | None:
    """The record into which one was merged, at last; None for one that was not."""
    found, seen = record_id, {record_id}
    while row := Merge.objects.filter(object_key=object_key, merged_id=found, undone_at__isnull=True).first():
        if row.kept_id in seen:
            break
        found = row.kept_id
        seen.add(found)
    return found if found != record_id else None


def _require_pair(spec: ObjectSpec, pair: Pair) -> None:
    if pair.kept_id == pair.merged_id:
        raise RuleViolation("merge.same", "A record cannot be merged into itself.")
    if not may_merge(spec):
        raise RuleViolation("merge.object", "Records of this kind cannot be merged.")


def _locked(spec: ObjectSpec, pair: Pair, *, editing: Grant[Any], deleting: Grant[Any]) -> dict[int, Loaded]:
    """Both records, locked in the order of their ids. Raises: NotFound, AccessDenied."""
    found = load_reached(editing, (pair.kept_id, pair.merged_id), locks=True)
    for record_id in (pair.kept_id, pair.merged_id):
        if record_id not in found:
            grant(editing.actor, spec.model, Action.VIEW).live(record_id)
            _require_reached(editing, record_id)
    _require_reached(deleting, pair.merged_id)
    return found


def _require_reached(permission: Grant[Any], record_id: int) -> None:
    """A grant reaches a record. Raises: NotFound for what must not be seen, AccessDenied."""
    if not permission.queryset().filter(pk=record_id).exists():
        grant(permission.actor, permission.model, Action.VIEW).get(record_id)
        raise AccessDenied(
            "access.denied",
            "Your role does not allow “%(action)s” on this record.",
            action=permission.action.value,
        )


def _take_over(
    spec: ObjectSpec, kept: Loaded, merged: Record, *, taken: Collection[str], editing: Grant[Any]
) -> tuple[str, ...]:
    """Give the kept record the chosen values of the merged one. Returns the names of what changed."""
    fields = {item.key: item for item in mergeable_fields(spec, editing)}
    if not set(taken) <= set(fields):
        raise RuleViolation("merge.field", "One of the fields cannot be chosen.")
    if any(fields[key].column in _responsibility(spec) for key in taken):
        require_transfer(kept.record, actor=editing.actor)
    for key in taken:
        item = fields[key]
        if item.made is not None:
            kept.record.custom = {**kept.record.custom, item.made.stored: merged.custom.get(item.made.stored)}  # type: ignore[attr-defined]  # objects with made fields
        else:
            setattr(kept.record, item.column, getattr(merged, item.column))
    if spec.importing is not None and spec.importing.prepare is not None:
        spec.importing.prepare(kept.record)
    refused = refused_fields(kept.record)
    if refused:
        raise RuleViolation("record.invalid", "Some fields need another look.", fields=refused)
    update_rows(editing, [kept])
    return tuple(sorted(taken))


def _lead_over(spec: ObjectSpec, pair: Pair, merge: Merge) -> dict[str, int]:
    """Lead the rows of every table over. Returns how many stay with the merged record, by their table."""
    held: Counter[str] = Counter()
    for item in moving_with(spec.key):
        moved, staying = _move(item, item.rows(spec.key, [pair.merged_id]), to=pair.kept_id)
        if moved:
            MergedRows.objects.create(
                merge=merge, table=item.model._meta.label_lower, column=item.link_column, row_ids=moved
            )
        if staying and item.label:
            held[item.model._meta.label_lower] += len(staying)
    for other, field in _made_links(spec.key):
        rows = unscoped(other.model, reason=REASON).filter(**{field.column: pair.merged_id})
        ids = list(rows.values_list("pk", flat=True))
        if ids and field.made is not None:
            _set_link(other.model, field.made.stored, ids, to=pair.kept_id)
            MergedRows.objects.create(
                merge=merge, table=other.model._meta.label_lower, column=f"custom.{field.made.stored}", row_ids=ids
            )
    return dict(held)


def _move(item: Belonging, rows: models.QuerySet[Any, Any], *, to: int) -> tuple[list[int], list[int]]:
    """Lead rows over to a record: all at once, or one by one where it has some of them already.

    Returns the ids of those that went and of those that stay.
    """
    ids = list(rows.values_list("pk", flat=True))
    if not ids or _is_moved(item, ids, to=to):
        return ids, []
    moved = [row_id for row_id in ids if _is_moved(item, [row_id], to=to)]
    return moved, sorted(set(ids).difference(moved))


def _is_moved(item: Belonging, ids: Sequence[int], *, to: int) -> bool:
    """Lead these rows over; False, and nothing done, when a table allows no second row of that kind."""
    try:
        with transaction.atomic():
            _relink(item.model, item.link_column, ids, to=to)
    except IntegrityError:
        return False
    return True


def _relink(model: type[models.Model], column: str, ids: Iterable[int], *, to: int) -> None:
    values: dict[str, object] = {column: to}
    if issubclass(model, Record):
        values |= {"version": F("version") + 1, "updated_at": timezone.now()}
    unscoped(model, reason=REASON).filter(Among("pk", list(ids))).update(**values)


def _made_links(object_key: str) -> Iterable[tuple[ObjectSpec, ObjectField]]:
    """The links to an object that people made, with the objects that have them."""
    if object_key not in {item.target for fields in current_schema().fields.values() for item in fields}:
        return
    for spec in object_specs():
        for item in fields_of(spec):
            if item.made is not None and item.target == object_key:
                yield spec, item


def _set_link(model: type[models.Model], stored: str, ids: Sequence[int], *, to: int) -> None:
    rows = unscoped(model, reason=REASON).filter(Among("pk", list(ids)))
    rows.update(custom=MergedValues({stored: to}), version=F("version") + 1, updated_at=timezone.now())


def _require_undoable(merge: Merge, spec: ObjectSpec, *, editing: Grant[Any], deleting: Grant[Any]) -> None:
    _require_reached(editing, merge.kept_id)
    _require_reached(deleting, merge.merged_id)
    if merge.undone_at is not None:
        raise Conflict("merge.undone", "This merge was taken back already.")
    if not is_undoable(merge):
        raise Conflict("merge.late", "A merge can be taken back for %(days)s days.", days=UNDO_DAYS)
    live = unscoped(spec.model, reason=REASON).filter(pk=merge.kept_id, trashed_at__isnull=True)
    if not live.select_for_update().exists():
        raise Conflict("merge.moved", "The record that was kept lies in the trash. Restore it first.")


def _lead_back(pair: Pair, merge: Merge) -> None:
    """Lead the rows back that a merge led over and that are still there."""
    for moved in MergedRows.objects.filter(merge=merge).order_by("-pk"):
        model = apps.get_model(moved.table)
        head, _dot, stored = moved.column.partition(".")
        link = f"custom__{stored}" if stored else head
        rows = unscoped(model, reason=REASON).filter(Among("pk", moved.row_ids)).filter(**{link: pair.kept_id})
        ids = list(rows.values_list("pk", flat=True))
        if stored:
            _set_link(model, stored, ids, to=pair.merged_id)
        else:
            _relink(model, moved.column, ids, to=pair.merged_id)


def _follow(spec: ObjectSpec, pair: Pair, actor: Actor, *, changed: Sequence[str], is_undo: bool) -> None:
    """Tell the object what happened to its records, and let it do the rest."""
    now = timezone.now()
    if is_undo:
        _index(spec, [pair.kept_id, pair.merged_id])
    else:
        remove_records(spec.key, [pair.merged_id])
        _index(spec, [pair.kept_id])
    if spec.follow is not None:
        spec.follow(WrittenBlock((pair.kept_id,), tuple(changed), actor))
    _follows[spec.key](pair, actor, is_undo)
    if spec.follow is not None:
        spec.follow(WrittenBlock((pair.merged_id,), (), actor, trashed_at=now, is_undo=is_undo))


def _index(spec: ObjectSpec, ids: Sequence[int]) -> None:
    if spec.index is not None:
        spec.index(ids)
