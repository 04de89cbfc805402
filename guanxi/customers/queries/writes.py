"""What was written into fields of accounts, contacts and ways to reach them, as the database’s history tells it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.platform.access.prepared import number_array
from guanxi.platform.records.bulk import history_table
from guanxi.platform.records.models import Record

HELD_BY: Mapping[str, tuple[type[Record], str]] = {
    "account": (Account, "id"),
    "contact": (Contact, "account_id"),
    "contact_point": (ContactPoint, "account_id"),
}
"""The objects whose history is read: the model, and the column that leads to the account."""


@dataclass(frozen=True, slots=True)
class RecordState:
    """What fields of a record held from an instant on, by name; `entry_id` is the audit entry of who wrote it.

    The first state of a record has no entry: it is what the record was made with. `account_id` is where it is now.
    """

    record_id: int
    account_id: int
    at: datetime
    entry_id: UUID | None
    values: Mapping[str, object]


_STATES = """
WITH own AS (SELECT * FROM {table} WHERE {home} = ANY(%s::bigint[]) AND trashed_at IS NULL), told AS (
    SELECT h.pgh_obj_id AS id, h.pgh_id AS place, h.pgh_created_at AS until_at, h.pgh_context_id AS entry,
           jsonb_build_object({former}) AS held
    FROM {history} h WHERE h.pgh_obj_id IN (SELECT id FROM own)
    UNION ALL
    SELECT a.id, NULL, NULL, NULL, jsonb_build_object({present}) FROM own a
)
SELECT told.id, a.{home}, coalesce(lag(until_at) OVER row, a.created_at), lag(entry) OVER row, held::text
FROM told JOIN own a ON a.id = told.id
WINDOW row AS (PARTITION BY told.id ORDER BY place NULLS LAST) ORDER BY told.id, place NULLS LAST
"""


def record_states(
    object_key: str, account_ids: Iterable[int], columns: Mapping[str, str]
) -> dict[int, list[RecordState]]:
    """All that accounts, or what belongs to them and is in use, held in some fields, by record; one query.

    The oldest state comes first, the present one last. `columns` are the SQL of the fields by name, with {} for the
    row. For the system's own notes alone.
    """
    model, home = HELD_BY[object_key]
    former = ", ".join(f"'{name}', {sql.format('h')}" for name, sql in columns.items())
    present = ", ".join(f"'{name}', {sql.format('a')}" for name, sql in columns.items())
    table, history = model._meta.db_table, history_table(model)
    statement = _STATES.format(former=former, present=present, history=history, table=table, home=home)
    found: dict[int, list[RecordState]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [number_array(set(account_ids))])
        for record_id, account_id, at, entry_id, held in cursor.fetchall():
            state = RecordState(record_id, account_id, at, entry_id, json.loads(held))
            found.setdefault(record_id, []).append(state)
    return found


def changed_account_ids(object_key: str, since: datetime) -> list[int]:
    """The accounts whose fields, or those of what belongs to them, changed since an instant, by id; one query."""
    model, home = HELD_BY[object_key]
    statement = (
        f"SELECT DISTINCT a.{home} FROM {history_table(model)} h JOIN {model._meta.db_table} a ON a.id = h.pgh_obj_id"  # noqa: S608  # our own tables
        " WHERE h.pgh_created_at >= %s ORDER BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [since])
        return [row[0] for row in cursor.fetchall()]
