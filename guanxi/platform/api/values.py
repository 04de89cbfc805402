"""Values of fields in JSON: written for an answer, read from a body, described for the OpenAPI document."""

import math
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.db import models
from django.utils.translation import gettext

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import TEXTS, FieldType
from guanxi.platform.access.masking import masked
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.files.storage import LONGEST_NAME, NewFile
from guanxi.platform.objects.conditions import is_encodable, is_kept_number, is_numbered
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.rollups import RolledField
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.values import linked_names

LARGEST_ID = 2**63 - 1
Schema = dict[str, Any]
Reader = Callable[[ObjectField, Any, View], Any]


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as one person sees it: whole, or masked; `rolled` is the roll-up that it is, if it is one."""

    item: ObjectField
    is_masked: bool
    rolled: RolledField | None = None

    @property
    def sensitivity(self) -> str:
        """The class by which the field is masked."""
        return self.item.mask

    @property
    def writer(self) -> Callable[[Any], Any] | None:
        """How a value of the database becomes one of JSON; None for what is the same in both."""
        if self.is_masked:
            return partial(_masked, item=self.item, sensitivity=self.sensitivity)
        if self.item.made is not None and self.item.kind in TEXTS:
            return self.item.opened
        return _WRITERS.get(self.item.kind)


def _masked(value: object, *, item: ObjectField, sensitivity: str) -> str:
    return masked(str(item.opened(value)), sensitivity=sensitivity)


def _written_number(value: float | Decimal) -> float | str | None:
    if isinstance(value, Decimal):
        return str(value)
    return value if math.isfinite(value) else None


def _written_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_WRITERS: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.DATE: date.isoformat,
    FieldType.DATETIME: _written_instant,
    FieldType.NUMBER: _written_number,
    FieldType.MONEY: _written_number,
    FieldType.RATIO: _written_number,
}


def shown_field(item: ObjectField, access: FieldAccess) -> ShownField | None:
    """How a field is shown under an access; None when it is hidden."""
    return None if access == FieldAccess.HIDDEN else ShownField(item, is_masked=access == FieldAccess.MASKED)


def is_nullable(item: ObjectField) -> bool:
    """Whether a record may have no value in the field; what is contributed may always be missing."""
    return item.beside is not None or item.made is not None or item.typed.null


def schema_of(item: ObjectField, view: View, *, is_masked: bool) -> Schema:
    """The JSON Schema of a field's values as they are read."""
    schema: Schema = {"type": "string"} if is_masked else _plain_schema(item, view)
    if is_nullable(item):
        schema = {**schema, "type": [schema["type"], "null"]}
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    notes = [str(item.label), gettext("Masked: part of it is hidden from you.") if is_masked else "", str(item.help)]
    return {**schema, "description": " · ".join(note for note in notes if note)}


def accepted_schema_of(item: ObjectField, view: View) -> Schema:
    """The JSON Schema of a field's values as they are written."""
    schema = schema_of(item, view, is_masked=False)
    if item.kind is FieldType.FILE:
        return {**schema, **_FILE_ACCEPTED}
    if item.kind is FieldType.LINK and item.offered is not None:
        schema["enum"] = [_keyed(item, key) for key, _ in item.offered(view)]
        schema["enum"] += [None] if is_nullable(item) else []
    if item.is_required and schema["type"] == "string" and "enum" not in schema and "format" not in schema:
        schema["minLength"] = 1
    return schema


_FILE_SHOWN: Schema = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "size": {"type": "integer"}, "url": {"type": "string"}},
    "required": ["name", "size", "url"],
    "additionalProperties": False,
}
_FILE_ACCEPTED: Schema = {
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        "content": {"type": "string", "minLength": 4, "contentEncoding": "base64"},
    },
    "required": ["name", "content"],
}


def _plain_schema(item: ObjectField, view: View) -> Schema:
    column = item.typed
    match item.kind:
        case FieldType.BOOLEAN:
            return {"type": "boolean"}
        case FieldType.INTEGER:
            return {"type": "integer"}
        case FieldType.DATE:
            return {"type": "string", "format": "date"}
        case FieldType.DATETIME:
            return {"type": "string", "format": "date-time"}
        case FieldType.NUMBER | FieldType.MONEY | FieldType.RATIO:
            decimal = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
            return decimal if isinstance(column, models.DecimalField) else {"type": "number"}
        case FieldType.FILE:
            return dict(_FILE_SHOWN)
        case FieldType.LINK:
            return {"type": "integer"} if is_numbered(item) else {"type": "string"}
        case FieldType.MULTI_CHOICE if item.offered is not None:
            return {"type": "array", "items": {"type": "string", "enum": [key for key, _ in item.offered(view)]}}
        case FieldType.CHOICE if item.offered is not None:
            blank = [""] if getattr(column, "blank", False) else []
            return {"type": "string", "enum": [key for key, _ in item.offered(view)] + blank}
        case _:
            bounds = {"maxLength": item.maximum_length} if item.maximum_length else {}
            return {"type": "string", **bounds}


def accepted(item: ObjectField, value: Any, view: View) -> Any:
    """A value of a body as the database takes it. Raises: RuleViolation("value.…") for one of another type."""
    if value is None:
        if not is_nullable(item):
            raise RuleViolation("value.null", "A value is needed.")
        return None
    reader: Reader = _READERS.get(item.kind, _text)
    return reader(item, value, view)


def _text(item: ObjectField, value: Any, view: View) -> str:  # noqa: ARG001  # the shape of all readers
    if not isinstance(value, str) or not is_encodable(value):
        raise RuleViolation("value.text", "This must be a text.")
    if item.is_required and not value.strip():
        raise RuleViolation("value.null", "A value is needed.")
    if item.maximum_length is not None and len(value) > item.maximum_length:
        raise RuleViolation("value.length", "This is longer than %(most)s characters.", most=item.maximum_length)
    return value


def _boolean(item: ObjectField, value: Any, view: View) -> bool:  # noqa: ARG001  # the shape of all readers
    if not isinstance(value, bool):
        raise RuleViolation("value.boolean", "This must be true or false.")
    return value


def _integer(item: ObjectField, value: Any, view: View) -> int:  # noqa: ARG001  # the shape of all readers
    if isinstance(value, bool) or not isinstance(value, int):
        raise RuleViolation("value.integer", "This must be a whole number.")
    return value


def _number(item: ObjectField, value: Any, view: View) -> Decimal | float:  # noqa: ARG001  # the shape of all readers
    is_decimal = isinstance(item.typed, models.DecimalField)
    if isinstance(value, bool) or not isinstance(value, str if is_decimal else int | float):
        raise _no_number()
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise _no_number() from error
    if not is_kept_number(found):
        raise _no_number()
    return found if is_decimal else float(found)


def _no_number() -> RuleViolation:
    return RuleViolation("value.number", "This must be a number.")


def _date(item: ObjectField, value: Any, view: View) -> date:  # noqa: ARG001  # the shape of all readers
    try:
        found = date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-01-31") else "")
    except ValueError as error:
        raise RuleViolation("value.date", "This must be a day like 2026-01-31.") from error
    return found


def _instant(item: ObjectField, value: Any, view: View) -> datetime:  # noqa: ARG001  # the shape of all readers
    refusal = RuleViolation("value.instant", "This must be an instant with its zone, like 2026-01-31T08:00:00Z.")
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise refusal from error
    if found.tzinfo is None or not 2 <= found.year <= 9998:
        raise refusal
    return found


def _choice(item: ObjectField, value: Any, view: View) -> str:
    offered = {key for key, _ in item.offered(view)} if item.offered is not None else set()
    is_blank = value == "" and bool(getattr(item.typed, "blank", False))
    if not isinstance(value, str) or (value not in offered and not is_blank):
        raise _not_offered()
    return value


def _choices(item: ObjectField, value: Any, view: View) -> list[str]:
    offered = {key for key, _ in item.offered(view)} if item.offered is not None else set()
    if not isinstance(value, list) or not all(isinstance(key, str) and key in offered for key in value):
        raise _not_offered()
    return list(dict.fromkeys(value))


def _link(item: ObjectField, value: Any, view: View) -> int | str:
    is_number = is_numbered(item)
    if isinstance(value, bool) or not isinstance(value, int if is_number else str):
        raise _not_offered()
    if item.offered is not None and str(value) not in {key for key, _ in item.offered(view)}:
        raise _not_offered()
    if isinstance(value, int) and not 0 < value <= LARGEST_ID:
        raise _not_offered()
    if item.target and value not in linked_names(item.target, {int(value)}, view):
        raise _not_offered()
    return int(value) if is_number else str(value)


def _file(item: ObjectField, value: Any, view: View) -> NewFile:  # noqa: ARG001  # the shape of all readers
    name, content = (value.get("name"), value.get("content")) if isinstance(value, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(content, str) or len(value) > 2 or not is_encodable(name):
        raise _no_file()
    try:
        data = b64decode(content, validate=True)
    except ValueError as error:
        raise _no_file() from error
    return NewFile(name, len(data), [data])


def _no_file() -> RuleViolation:
    return RuleViolation("value.file", "This must be a file: its “name”, and its “content” in base64.")


def _keyed(item: ObjectField, key: str) -> int | str:
    return int(key) if is_numbered(item) else key


def _not_offered() -> RuleViolation:
    return RuleViolation("value.choice", "This is none of the values that are offered.")


_READERS: Mapping[FieldType, Reader] = {
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _number,
    FieldType.RATIO: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _instant,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _choices,
    FieldType.LINK: _link,
    FieldType.FILE: _file,
}
