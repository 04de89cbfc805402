"""Bringing back: former values of a record through its own verb, records out of the trash."""

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.collaboration.queries import live_record
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, listed_object, required_verbs
from guanxi.platform.objects.spec import ObjectSpec

MOST_RECORDS = 200


def restore_values(
    object_key: str, record_id: int, *, event_id: int, field: str = "", version: int | None = None, actor: Actor
) -> models.Model:
    """Give a record back the values it had before a change: one field, or all that the actor may write.

    `event_id` is the row of the history that keeps the former values. Raises: NotFound, AccessDenied,
    Conflict("record.changed"), RuleViolation("history.nothing").
    """
    spec = listed_object(object_key)
    record = live_record(object_key, record_id, actor)
    former = former_row(spec, record_id, event_id)
    values = {
        item.column: item.value_of(former)
        for item in restorable(spec, actor)
        if field in ("", item.key) and item.value_of(former) != item.value_of(record)
    }
    if not values:
        raise RuleViolation("history.nothing", "The record has these values already, or you may not change them.")
    return required_verbs(spec).edit(record_id, values, version=version, actor=actor)


def restorable(spec: ObjectSpec, actor: Actor) -> tuple[ObjectField, ...]:
    """The fields of an object that its history keeps and that the actor may write."""
    if spec.verbs is None:
        return ()
    return tuple(
        item
        for item in fields_of(spec)
        if item.beside is None and item.is_editable and item.access(actor) >= FieldAccess.WRITE
    )


def former_row(spec: ObjectSpec, record_id: int, event_id: int) -> Any:
    """What a record was before one of its changes. Raises: NotFound("record.not_found")."""
    kept = getattr(spec.model, "pgh_event_model", None)
    found = kept.objects.filter(pgh_obj_id=record_id, pk=event_id).first() if kept else None
    if found is None:
        raise no_such_record()
    return found


@transaction.atomic
def restore_records(object_key: str, ids: Sequence[int], *, actor: Actor) -> int:
    """Take records out of the trash, all or none. Returns how many.

    Raises: NotFound, AccessDenied, RuleViolation("trash.count").
    """
    restore = required_verbs(listed_object(object_key)).restore
    for record_id in _counted(ids):
        restore(record_id, actor=actor)
    return len(ids)


@transaction.atomic
def trash_records(object_key: str, ids: Sequence[int], *, actor: Actor) -> int:
    """Put records into the trash, all or none. Returns how many. Raises: as `restore_records`."""
    trash = required_verbs(listed_object(object_key)).trash
    for record_id in _counted(ids):
        trash(record_id, actor=actor)
    return len(ids)


def _counted(ids: Sequence[int]) -> Sequence[int]:
    if not 0 < len(ids) <= MOST_RECORDS:
        raise RuleViolation("trash.count", "Choose 1 to %(most)s records.", most=MOST_RECORDS)
    return ids
