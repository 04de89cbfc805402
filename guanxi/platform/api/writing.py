"""Writing records for the API: bodies become values of fields, and the verbs of the object do the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models, transaction

from guanxi.kernel.errors import AccessDenied, GuanxiError, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.api.problems import problem_body, wrong_method
from guanxi.platform.api.reading import Record, unknown_field
from guanxi.platform.api.values import LARGEST_ID, accepted
from guanxi.platform.objects.alike import EntryPoint, look_for_alike, note_alike, told
from guanxi.platform.objects.conditions import is_encodable
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, required_verbs
from guanxi.platform.objects.spec import ObjectSpec, Verbs, View
from guanxi.platform.ui.errors import sentence_of

MOST_BULK_ROWS = 1_000
OWN_KEYS = frozenset({"id", "version", "created_at", "updated_at", "trashed_at"})
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A record after it was created or changed; a new one with what the caller may know of those it looks like."""

    record_id: int
    version: int
    alike: tuple[Mapping[str, object], ...] = ()


def verbs_of(spec: ObjectSpec) -> Verbs:
    """The commands of the object. Raises: MethodRefused("request.method") when it can only be read."""
    if spec.verbs is None:
        raise wrong_method()
    return required_verbs(spec)


def require_writer(view: View) -> None:
    """The sign-in may write at all. Raises: AccessDenied("access.read_only")."""
    if view.actor.read_only:
        raise AccessDenied("access.read_only", "This sign-in may only read.")


@transaction.atomic
def create_record(spec: ObjectSpec, body: Body, view: View, *, is_forced: bool = False) -> Written:
    """Create a record from the values of a body; `is_forced` makes one that looks like another where that is refused.

    Raises: what `values_of` and the command raise, Conflict("record.alike"), AccessDenied("record.alike").
    """
    create = verbs_of(spec).create
    grant(view.actor, spec.model, Action.CREATE)
    values = values_of(spec, body, view)
    _require_all(spec, body)
    looked = look_for_alike(spec.key, values, entry=EntryPoint.API, is_forced=is_forced, actor=view.actor)
    written = _written(create(values, actor=view.actor))
    note_alike(looked, written.record_id, actor=view.actor)
    return replace(written, alike=tuple(told(looked, view.actor)))


def edit_record(spec: ObjectSpec, record_id: int, body: Body, *, version: int, view: View) -> Written:
    """Change the fields that a body names, if the record still has the version. Raises: as before, Conflict."""
    edit = verbs_of(spec).edit
    grant(view.actor, spec.model, Action.EDIT)
    return _written(edit(record_id, values_of(spec, body, view), version=version, actor=view.actor))


def version_of(body: Body) -> int:
    """The version of a record that a body names. Raises: RuleViolation("request.version")."""
    version = body.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 2**31:
        raise RuleViolation(
            "request.version", "“version” must be the version of the record that you saw, a whole number."
        )
    return version


def values_of(spec: ObjectSpec, body: Body, view: View) -> dict[str, Any]:
    """The values of a body by column of the model.

    Raises: AccessDenied("field.not_writable"), RuleViolation("values.invalid") with `errors`, one for each field that
    is unknown, cannot be set by anybody, or has a value of another type.
    """
    known = {item.key: item for item in fields_of(spec) if item.access(view.actor) > FieldAccess.HIDDEN}
    values: dict[str, Any] = {}
    errors: list[dict[str, str]] = []
    for key, value in body.items():
        try:
            item = _settable(known, key, view)
            values[item.column] = accepted(item, value, view)
        except RuleViolation as error:
            errors.append(_field_error(key, error))
    if errors:
        raise _invalid(errors)
    return values


def _settable(known: Mapping[str, ObjectField], key: str, view: View) -> ObjectField:
    item = known.get(key)
    if key in OWN_KEYS or (item is not None and (item.beside is not None or not item.is_editable)):
        raise RuleViolation("field.not_settable", "“%(field)s” is kept by Guanxi and cannot be set here.", field=key)
    if item is None:
        raise unknown_field(key if is_encodable(key) else "?")
    if item.access(view.actor) < FieldAccess.WRITE:
        raise AccessDenied("field.not_writable", "You may not change “%(field)s”.", field=key)
    return item


def _require_all(spec: ObjectSpec, body: Body) -> None:
    missing = [
        item.key
        for item in fields_of(spec)
        if item.is_required and item.is_editable and item.beside is None and item.key not in body
    ]
    if missing:
        raise _invalid([_field_error(key, RuleViolation("value.null", "A value is needed.")) for key in missing])


def _field_error(key: str, error: RuleViolation) -> dict[str, str]:
    pointer = "/" + (key if is_encodable(key) else "?")[:100].replace("~", "~0").replace("/", "~1")
    return {"pointer": pointer, "code": error.code, "detail": sentence_of(error)}


def _invalid(errors: list[dict[str, str]]) -> RuleViolation:
    return RuleViolation("values.invalid", "Some fields need another look.", errors=errors)


def _written(record: models.Model) -> Written:
    return Written(record.pk, int(getattr(record, "version", 1)))


@transaction.atomic
def write_rows(spec: ObjectSpec, rows: Sequence[Body], view: View) -> list[Record]:
    """Create and change many records: a row with an `id` changes that record, one without creates one.

    Each row has an outcome of its own, `status` with `id` and `version`, or with the `problem`; what is refused keeps
    nothing else out. All that was done is done together, so nothing is done when the connection breaks meanwhile.
    """
    verbs_of(spec)
    return [_outcome(spec, row, view) for row in rows]


def _outcome(spec: ObjectSpec, row: Body, view: View) -> Record:
    try:
        with transaction.atomic():
            status, written = _write_row(spec, row, view)
    except GuanxiError as error:
        return {"status": error.status, "problem": problem_body(error)}
    found = {"status": status, "id": written.record_id, "version": written.version}
    return found | ({"likely_duplicates": list(written.alike)} if written.alike else {})


def _write_row(spec: ObjectSpec, row: Body, view: View) -> tuple[int, Written]:
    if "id" not in row:
        return 201, create_record(spec, row, view)
    record_id, version = row["id"], version_of(row)
    if isinstance(record_id, bool) or not isinstance(record_id, int) or not 0 < record_id <= LARGEST_ID:
        raise RuleViolation("row.id", "“id” must be the id of a record, a whole number.")
    body = {key: value for key, value in row.items() if key not in {"id", "version"}}
    return 200, edit_record(spec, record_id, body, version=version, view=view)


def rows_of(body: Body) -> Sequence[Body]:
    """The rows of a bulk body. Raises: RuleViolation("bulk.shape")."""
    rows = body.get("rows")
    is_list = isinstance(rows, list) and 0 < len(rows) <= MOST_BULK_ROWS and all(isinstance(row, dict) for row in rows)
    if set(body) != {"rows"} or not is_list:
        raise RuleViolation(
            "bulk.shape",
            "The body must be an object with “rows” alone, a list of 1 to %(most)s objects.",
            most=MOST_BULK_ROWS,
        )
    return tuple(body["rows"])
