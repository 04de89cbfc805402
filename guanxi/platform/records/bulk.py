"""One change of many records, and its undo: plain updates, a thousand rows and more at a time.

The database's triggers keep the former values under the audit entry of the whole change, from which the undo takes
them. What somebody changed since is left as it is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Expression, F, Q
from django.db.models.functions import Now

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import Grant
from guanxi.platform.access.prepared import Among, number_array
from guanxi.platform.audit.commands import continue_entry
from guanxi.platform.encryption.cipher import is_sealed, token_of
from guanxi.platform.encryption.fields import token_sql
from guanxi.platform.encryption.in_use import number_token, ring
from guanxi.platform.records.models import Record
from guanxi.platform.records.sealing import sealed_column_value, sealed_places
from guanxi.platform.records.values import CUSTOM, PATH, CustomValues, json_value

Types = Mapping[str, "models.Field[Any, Any]"]


def checked_values(permission: Grant[Any], values: Mapping[str, object], *, types: Types) -> dict[str, object]:
    """Values of columns as the model keeps them, by column; `types` are those of the columns by name.

    Raises: AccessDenied("field.not_writable"), RuleViolation("record.invalid") naming the field.
    """
    permission.accept(values)
    found: dict[str, object] = {}
    for name, value in values.items():
        column = types[name]
        try:
            found[column.attname] = column.clean(value, None) if value is not None or not column.null else None
        except ValidationError as error:
            messages = [str(message) for message in error.messages]
            raise RuleViolation("record.invalid", "Some fields need another look.", fields={name: messages}) from error
    return found


@transaction.atomic
def write_rows(
    permission: Grant[Any], ids: Sequence[int], *, columns: Mapping[str, object], is_trashed: bool, entry_id: UUID
) -> int:
    """Set columns of those of the records that the grant reaches and that differ. Returns how many rows changed.

    `is_trashed` says whether the records that are meant lie in the trash now. One transaction.
    """
    continue_entry(entry_id)
    sealed = {name: sealed_column_value(permission.model, name, value) for name, value in columns.items()}
    differs = Q()
    for column, value in sealed.items():
        differs |= _differs(column, value)
    rows = permission.queryset().filter(differs, Among("pk", list(ids)), trashed_at__isnull=not is_trashed)
    for item in sealed_places(permission.model):
        rows = rows.filter(_is_readable(item.name)) if item.name in columns else rows
    return int(rows.update(**_written(sealed), version=F("version") + 1, updated_at=Now()))


def _differs(column: str, value: object) -> Q:
    """Rows that hold something else in the column, nothing among it; encrypted values are told by their tokens."""
    if value is None:
        return Q(**{f"{column}__isnull": False})
    same = Q(**{f"{column}__token": token_of(str(value))}) if is_sealed(value) else Q(**{column: value})
    return ~same | Q(**{f"{column}__isnull": True})


def _is_readable(column: str) -> Q:
    """A column holds nothing, or what can be read: what cannot is not written over."""
    known = ["", *(key.id for key in ring().keys)]
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__key_id__in": known})


def _written(columns: Mapping[str, object]) -> dict[str, object]:
    """What an update sets; the values of fields that people made together are one new value of their column."""
    own = {name.removeprefix(PATH): json_value(value) for name, value in columns.items() if name.startswith(PATH)}
    plain = {name: value for name, value in columns.items() if not name.startswith(PATH)}
    return {**plain, CUSTOM: MergedValues(own)} if own else plain


class MergedValues(Expression):
    """The values of a record's own fields with some set, and those without a value taken away."""

    output_field = CustomValues()

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__()
        self.values = values

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """The column without the keys, with those that have a value."""
        kept = {key: value for key, value in self.values.items() if value not in (None, "", [])}
        return f"({CUSTOM} - %s::text[]) || %s::jsonb", (list(self.values), json.dumps(kept))


def changed_ids(model: type[Record], entry_id: UUID, *, among: Sequence[int] | None = None) -> list[int]:
    """The records that an entry changed, by id; of `among`, if any are given."""
    narrowed = "" if among is None else "AND pgh_obj_id = ANY(%s::bigint[]) "
    parameters: list[Any] = [entry_id] if among is None else [entry_id, number_array(among)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pgh_obj_id FROM {history_table(model)} WHERE pgh_context_id = %s {narrowed}ORDER BY pgh_obj_id",  # noqa: S608  # our own table
            parameters,
        )
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def restore_rows(
    permission: Grant[Any], ids: Sequence[int], *, columns: Mapping[str, object], undone: UUID, entry_id: UUID
) -> list[int]:
    """Give columns back the values they had before the entry `undone`, where they still have those it wrote.

    Returns the ids of the rows that changed. One transaction.
    """
    continue_entry(entry_id)
    reached = list(permission.queryset().filter(Among("pk", list(ids))).values_list("pk", flat=True))
    table = permission.model._meta.db_table
    back = ", ".join(_taken_back(columns))
    sealed = {item.name for item in sealed_places(permission.model)}
    untouched = " AND ".join(_is_untouched(column, has_token=column in sealed) for column in columns)
    kept = history_table(permission.model)
    statement = (
        f"UPDATE {table} t SET {back}, version = t.version + 1, updated_at = now() FROM {kept} h "  # noqa: S608  # names of our own models
        f"WHERE h.pgh_context_id = %s AND h.pgh_obj_id = t.id AND t.id = ANY(%s::bigint[]) AND {untouched} "
        "RETURNING t.id"
    )
    with connection.cursor() as cursor:
        written = [_untouched_value(permission.model, name, value) for name, value in columns.items()]
        parameters: list[Any] = [undone, number_array(reached), *written]
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]


def _taken_back(columns: Iterable[str]) -> list[str]:
    """The assignments that give columns their former values; a key of the custom column is taken back by itself."""
    plain = [f'"{column}" = h."{column}"' for column in columns if not column.startswith(PATH)]
    keys = [column.removeprefix(PATH) for column in columns if column.startswith(PATH)]
    former = " || ".join(
        f"CASE WHEN h.{CUSTOM} ? '{key}' THEN jsonb_build_object('{key}', h.{CUSTOM} -> '{key}') ELSE '{{}}'::jsonb END"
        for key in keys
    )
    without = ", ".join(f"'{key}'" for key in keys)
    return [*plain, f"{CUSTOM} = (t.{CUSTOM} - ARRAY[{without}]) || {former}"] if keys else plain


def _untouched_value(model: type[models.Model], name: str, value: object) -> object:
    """What a column is held against to tell whether it still has what was written; of an encrypted one the token."""
    place = next((item.place for item in sealed_places(model) if item.name == name), "")
    if place:
        return number_token(str(value), place=place) if value else ""
    return _text(value) if name.startswith(PATH) else value


def _is_untouched(column: str, *, has_token: bool) -> str:
    """The condition that a row still has the value that was written, which is its parameter."""
    if has_token:
        name = f"t.{CUSTOM} ->> '{column.removeprefix(PATH)}'" if column.startswith(PATH) else f't."{column}"'
        return token_sql(f"coalesce({name}, '')") + " = %s"
    if column.startswith(PATH):
        return f"t.{CUSTOM} -> '{column.removeprefix(PATH)}' IS NOT DISTINCT FROM %s::jsonb"
    return f't."{column}" IS NOT DISTINCT FROM %s'


def _text(value: object) -> str | None:
    """A value of a custom key as JSON; None where it takes the key away."""
    found = json_value(value)
    return None if found in (None, "", []) else json.dumps(found)


def history_table(model: type[models.Model]) -> str:
    """The table in which triggers keep the former values of a model's rows."""
    tracked: type[models.Model] = model.pgh_event_model  # type: ignore[attr-defined]  # pghistory sets it
    return tracked._meta.db_table
