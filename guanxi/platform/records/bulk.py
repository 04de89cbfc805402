"""One change of many records, and its undo: plain updates, a thousand rows and more at a time.

The database's triggers keep the former values under the audit entry of the whole change, from which the undo takes
them. What somebody changed since is left as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import Grant
from guanxi.platform.access.prepared import Among, number_array
from guanxi.platform.audit.commands import continue_entry
from guanxi.platform.records.models import Record


def checked_values(permission: Grant[Any], values: Mapping[str, object]) -> dict[str, object]:
    """Values of columns as the model keeps them, by column.

    Raises: AccessDenied("field.not_writable"), RuleViolation("record.invalid") naming the field.
    """
    permission.accept(values)
    found: dict[str, object] = {}
    for name, value in values.items():
        column = permission.model._meta.get_field(name)
        if not isinstance(column, models.Field):
            raise RuleViolation("record.invalid", "Some fields need another look.", fields={name: [""]})
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
    same = Q()
    for column, value in columns.items():
        same &= Q(**{column: value}) if value is not None else Q(**{f"{column}__isnull": True})
    rows = permission.queryset().filter(Among("pk", list(ids)), trashed_at__isnull=not is_trashed).exclude(same)
    return int(rows.update(**columns, version=F("version") + 1, updated_at=Now()))


def changed_ids(model: type[Record], entry_id: UUID) -> list[int]:
    """The records that an entry changed, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pgh_obj_id FROM {_history(model)} WHERE pgh_context_id = %s ORDER BY pgh_obj_id",  # noqa: S608  # our own table
            [entry_id],
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
    back = ", ".join(f'"{column}" = h."{column}"' for column in columns)
    untouched = " AND ".join(f't."{column}" IS NOT DISTINCT FROM %s' for column in columns)
    statement = (
        f"UPDATE {table} t SET {back}, version = t.version + 1, updated_at = now() FROM {_history(permission.model)} h "  # noqa: S608  # names of our own models
        f"WHERE h.pgh_context_id = %s AND h.pgh_obj_id = t.id AND t.id = ANY(%s::bigint[]) AND {untouched} "
        "RETURNING t.id"
    )
    with connection.cursor() as cursor:
        parameters: list[Any] = [undone, number_array(reached), *columns.values()]
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]


def _history(model: type[models.Model]) -> str:
    """The table in which triggers keep the former values of a model's rows."""
    tracked: type[models.Model] = model.pgh_event_model  # type: ignore[attr-defined]  # pghistory sets it
    return tracked._meta.db_table
