"""The values of fields that people made: one JSON column, each of whose keys is read as a typed column of its own.

A key begins with the letter of its type: `n_amount` is a number. So `custom__n_amount` filters, sorts, sums and is
indexed as a number, wherever a column's name is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTransform

from guanxi.kernel.fields import FieldType
from guanxi.platform.encryption.fields import StoredText

CUSTOM = "custom"
PATH = f"{CUSTOM}__"
TAGS = "m_tags"
"""The key under which the tags of a record stand."""


@dataclass(frozen=True, slots=True)
class Storage:
    """How values of one type are read from JSON: `form` is the SQL around the value's text, with one place."""

    form: str
    field: "models.Field[Any, Any]"


_TEXT = Storage("{}", StoredText())
STORAGES: Mapping[str, Storage] = {
    "t": _TEXT,
    "i": Storage("({})::bigint", models.BigIntegerField()),
    "l": Storage("({})::bigint", models.BigIntegerField()),
    "f": Storage("({})::bigint", models.BigIntegerField()),
    "n": Storage("({})::numeric", models.DecimalField(max_digits=24, decimal_places=6)),
    "b": Storage("({})::boolean", models.BooleanField()),
    "d": Storage("custom_day({})", models.DateField()),
    "s": Storage("custom_instant({})", models.DateTimeField()),
    "m": Storage("{}", models.JSONField()),
}
LETTERS: Mapping[FieldType, str] = {
    FieldType.INTEGER: "i",
    FieldType.NUMBER: "n",
    FieldType.MONEY: "n",
    FieldType.RATIO: "n",
    FieldType.BOOLEAN: "b",
    FieldType.DATE: "d",
    FieldType.DATETIME: "s",
    FieldType.MULTI_CHOICE: "m",
    FieldType.LINK: "l",
    FieldType.FILE: "f",
}


def stored_key(key: str, kind: FieldType) -> str:
    """Under which key of the JSON column the values of a field stand."""
    return f"{LETTERS.get(kind, 't')}_{key}"


class StoredValue(KeyTransform):
    """One key of the JSON column as a typed expression."""

    def __init__(self, key_name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(key_name, *args, **kwargs)
        self.output_field = STORAGES.get(key_name[:1], _TEXT).field

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002  # Django's shape
        """The value by its type; a list stays JSON. The key stands in the SQL, so that an index is recognised."""
        column, parameters = compiler.compile(self.lhs)
        return expression(column, self.key_name), tuple(parameters)


def expression(column: str, key: str) -> str:
    """The SQL of a stored key by its type, of which keys have letters, digits and underscores alone.

    An index over this expression is used by every filter and order of it.
    """
    arrow = "->" if key.startswith("m_") else "->>"
    return STORAGES.get(key[:1], _TEXT).form.format(f"({column} {arrow} '{key}')")


class StoredKey:
    """Makes the typed expression of one key."""

    def __init__(self, key_name: str) -> None:
        self.key_name = key_name

    def __call__(self, *args: Any, **kwargs: Any) -> StoredValue:
        """The expression over a column."""
        return StoredValue(self.key_name, *args, **kwargs)


class CustomValues(models.JSONField):
    """The column of a record that holds the values of fields that people made, by stored key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(default=dict, db_default={}, blank=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """What a migration needs to make the column again."""
        name, path, args, kwargs = super().deconstruct()
        for known in ("default", "db_default", "blank", "editable"):
            kwargs.pop(known, None)
        return name, path, args, kwargs

    def get_transform(self, name: str) -> Any:
        """Any name is a key; keys are letters, digits and underscores alone."""
        if not name.replace("_", "").isalnum():
            return None
        return StoredKey(name)


def assign(record: models.Model, values: Mapping[str, object]) -> None:
    """Set fields of a record by column, `custom__…` among them; None takes a custom value away."""
    own: dict[str, object] = {}
    for name, value in values.items():
        if name.startswith(PATH):
            own[name.removeprefix(PATH)] = json_value(value)
        else:
            setattr(record, name, value)
    if own:
        merged = {**getattr(record, CUSTOM), **own}
        setattr(record, CUSTOM, {key: value for key, value in merged.items() if value not in (None, "", [])})


SINCE = "s_since"


def note_since(record: models.Model, *, moment: datetime) -> None:
    """Note since when a record stands in its lane of the board."""
    custom: dict[str, object] = {**getattr(record, CUSTOM), SINCE: json_value(moment)}
    setattr(record, CUSTOM, custom)


def json_value(value: object) -> object:
    """A typed value as it stands in JSON; decimals as text, so that nothing is rounded."""
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case models.Model():
            return value.pk
        case _:
            return value


def changed_names(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """The columns that differ; of the custom column, each key that differs as a name of its own."""
    found: list[str] = []
    for name, value in after.items():
        former = before.get(name)
        if former == value:
            continue
        if name == CUSTOM and isinstance(former, dict) and isinstance(value, dict):
            found += [f"{PATH}{key}" for key in {**former, **value} if former.get(key) != value.get(key)]
        else:
            found.append(name)
    return found
