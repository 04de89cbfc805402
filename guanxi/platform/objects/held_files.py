"""Files in fields that people made: a value is the id of a kept file, a file that is handed in becomes one.

A field of a record holds only files that were handed in for that field of that record, so no id opens a file elsewhere.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import models

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.files.commands import hand_over, keep_file, keeping_files
from guanxi.platform.files.models import KeptFile
from guanxi.platform.files.queries import kept_file
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.spec import Verbs
from guanxi.platform.records.models import Record


def with_files(verbs: Verbs, fields: Sequence[ObjectField]) -> Verbs:
    """The verbs of an object, which also take a `NewFile` as the value of one of its fields of files.

    Raises, beside what the verbs raise: RuleViolation("document.kind" | "document.name" | "document.size").
    """
    return replace(verbs, create=partial(_create, verbs, fields), edit=partial(_edit, verbs, fields))


def _create(verbs: Verbs, fields: Sequence[ObjectField], values: Mapping[str, object], *, actor: Actor) -> Record:
    with keeping_files() as undone:
        kept = _kept(fields, values, record_id=None, undone=undone, actor=actor)
        record = verbs.create({**values, **{column: file.pk for column, file in kept.items()}}, actor=actor)
        hand_over(list(kept.values()), record_id=record.pk)
    return record


def _edit(
    verbs: Verbs,
    fields: Sequence[ObjectField],
    record_id: int,
    values: Mapping[str, object],
    **told: Any,
) -> Record:
    with keeping_files() as undone:
        kept = _kept(fields, values, record_id=record_id, undone=undone, actor=told["actor"])
        return verbs.edit(record_id, {**values, **{column: file.pk for column, file in kept.items()}}, **told)


def _kept(
    fields: Sequence[ObjectField],
    values: Mapping[str, object],
    *,
    record_id: int | None,
    undone: ExitStack,
    actor: Actor,
) -> dict[str, KeptFile]:
    """The files that are handed in, kept, by column. Raises: RuleViolation naming the field."""
    found: dict[str, KeptFile] = {}
    for item in fields:
        file = values.get(item.column)
        if not isinstance(file, NewFile):
            continue
        place = (protection_of(item.model).key, record_id, item.key)
        try:
            found[item.column] = keep_file(file, place=place, undone=undone, actor=actor)
        except RuleViolation as error:
            raise RuleViolation(error.code, error.sentence, **{**error.data, "field": item.key}) from error
    return found


def file_of(record: models.Model, item: ObjectField, actor: Actor, *, file_id: int | None = None) -> KeptFile:
    """The file that a field of a record holds, or with `file_id` one that it held before.

    The record was read through the actor's grant. Raises: NotFound("record.not_found") for a field that the actor may
    not read whole, and for a file that the field never held.
    """
    model = type(record)
    if item.kind is not FieldType.FILE or grant(actor, model).field_access(item.protected_name) < FieldAccess.READ:
        raise no_such_record()
    wanted = item.value_of(record) if file_id is None else file_id
    if wanted is None or (wanted != item.value_of(record) and not _was_held(record, item, wanted)):
        raise no_such_record()
    found = kept_file(wanted, object_key=protection_of(model).key, field_key=item.key)
    if found is None:
        raise no_such_record()
    return found


def _was_held(record: models.Model, item: ObjectField, file_id: int) -> bool:
    """Whether the history of a record has a file in the field."""
    kept = getattr(type(record), "pgh_event_model", None)
    return kept is not None and bool(kept.objects.filter(pgh_obj_id=record.pk, **{item.column: file_id}).exists())
