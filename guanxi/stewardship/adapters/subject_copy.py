"""A copy of everything that is kept about a person, as a ZIP file of JSON, CSV and the files themselves.

It holds what the person who takes it out may read: rows and fields that are hidden or masked for him are left out,
and `contents.json` names the tables of which he may read nothing.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.protection import Protection
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.files.storage import content_path
from guanxi.platform.objects.belongings import belongings_of, holds_of
from guanxi.platform.objects.erasing import Subject, subject_of
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, listed_object
from guanxi.platform.transfer.export import BYTE_ORDER_MARK, safe_text
from guanxi.stewardship.models import SubjectRequest
from guanxi.stewardship.rules.privacy import require_identity

LEFT_OUT = frozenset({"digest", "recorded_transaction", "stored_as", "sha256", "custom"})


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """What one table holds of the person: its columns and its rows; or that nothing of it may be read."""

    name: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    is_left_out: bool = False


def write_copy(request_id: int, *, actor: Actor) -> IO[bytes]:
    """Write the copy, with an audit entry, and return the open file at its beginning.

    Raises: NotFound, AccessDenied for who may not export requests or records of the person's object,
    RuleViolation("privacy.identity") as long as nobody knows that who asks is the person.
    """
    with transaction.atomic():
        request: SubjectRequest = grant(actor, SubjectRequest, Action.EXPORT).get(request_id)
        require_identity(needs_identity=request.needs_identity)
        grant(actor, listed_object(request.object_key).model).get(request.record_id)
        grant(actor, listed_object(request.object_key).model, Action.EXPORT).get(request.record_id)
        subject = subject_of(request.object_key, request.record_id)
        begin_entry(actor, action="export", object_key=request.object_key, record_id=request.record_id)
    target: IO[bytes] = TemporaryFile()  # noqa: SIM115  # the answer closes it
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        contents: dict[str, int | None] = {}
        for table in _tables(subject, actor):
            contents[table.name] = None if table.is_left_out else len(table.rows)
            if not table.is_left_out:
                archive.writestr(f"{table.name}.json", _as_json(table))
                archive.writestr(f"{table.name}.csv", _as_csv(table))
        archive.writestr("contents.json", json.dumps(contents, indent=2))
        for name, stored_as in _contents(subject, actor):
            path = content_path(stored_as)
            if path is not None:
                archive.write(path, f"files/{stored_as[:8]}-{name}")
    target.seek(0)
    return target


def _tables(subject: Subject, actor: Actor) -> Iterator[CopiedTable]:
    own_models = {listed_object(key).model for key, _ids in subject.records}
    for key, ids in subject.records:
        yield _records(key, ids, actor)
        found: dict[type[models.Model], models.QuerySet[Any, Any]] = {}
        for item in (*belongings_of(key), *holds_of(key)):
            if (item.label or item.holds) and item.model not in own_models:
                rows = item.rows(key, ids)
                found[item.model] = found[item.model] | rows if item.model in found else rows
        for model, rows in found.items():
            yield _copied(f"{key}-{model._meta.model_name}", model, rows, actor)


def _records(object_key: str, ids: Sequence[int], actor: Actor) -> CopiedTable:
    """The records of one object with all their fields, those that people made among them."""
    spec = listed_object(object_key)
    fields: list[ObjectField] = [
        item for item in fields_of(spec) if item.beside is None and item.access(actor) >= FieldAccess.READ
    ]
    found = list(grant(actor, spec.model, Action.EXPORT).queryset().filter(pk__in=ids))
    rows = tuple((record.pk, *(item.value_of(record) for item in fields)) for record in found)
    return CopiedTable(object_key, ("id", *(item.key for item in fields)), rows)


def _copied(name: str, model: type[models.Model], rows: models.QuerySet[Any, Any], actor: Actor) -> CopiedTable:
    """The rows of one table that the actor may read, with the columns that he may read."""
    names = [column.attname for column in model._meta.concrete_fields if column.attname not in LEFT_OUT]
    if _is_protected(model):
        if not may(actor, model, Action.VIEW):
            return CopiedTable(name, is_left_out=True)
        permission = grant(actor, model)
        rows = rows.filter(pk__in=permission.queryset().values("pk"))
        names = [column for column in names if permission.field_access(column) >= FieldAccess.READ]
    return CopiedTable(name, tuple(names), tuple(rows.order_by("pk").values_list(*names)))


def _contents(subject: Subject, actor: Actor) -> Iterator[tuple[str, str]]:
    """The files of the person that the actor may read: (name, random name)."""
    for key, ids in subject.records:
        for item in belongings_of(key):
            if not any(column.name == "stored_as" for column in item.model._meta.concrete_fields):
                continue
            rows = item.rows(key, ids)
            if _is_protected(item.model):
                if not may(actor, item.model, Action.VIEW):
                    continue
                rows = rows.filter(pk__in=grant(actor, item.model).queryset().values("pk"))
            yield from rows.values_list("name", "stored_as")


def _is_protected(model: type[models.Model]) -> bool:
    return isinstance(getattr(model, "protection", None), Protection)


def _as_json(table: CopiedTable) -> str:
    found = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _as_csv(table: CopiedTable) -> str:
    """The table as spreadsheets read it; text that would run as a formula is marked as text."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return BYTE_ORDER_MARK + target.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, dict | list):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return safe_text(value) if isinstance(value, str) else value
