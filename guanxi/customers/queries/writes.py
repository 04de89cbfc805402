"""What was written into fields of accounts one after the other, as the history that the database keeps tells it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from guanxi.customers.models import Account
from guanxi.platform.access.prepared import number_array
from guanxi.platform.records.bulk import history_table


@dataclass(frozen=True, slots=True)
class AccountState:
    """What fields of an account held from an instant on, by name; `entry_id` is the audit entry of who wrote it.

    The first state of an account has no entry: it is what the account was made with.
    """

    account_id: int
    at: datetime
    entry_id: UUID | None
    values: Mapping[str, object]


_STATES = """
WITH told AS (
    SELECT h.pgh_obj_id AS id, h.pgh_id AS place, h.pgh_created_at AS until_at, h.pgh_context_id AS entry,
           jsonb_build_object({former}) AS held
    FROM {history} h WHERE h.pgh_obj_id = ANY(%s::bigint[])
    UNION ALL
    SELECT a.id, NULL, NULL, NULL, jsonb_build_object({present}) FROM {table} a
    WHERE a.id = ANY(%s::bigint[]) AND a.trashed_at IS NULL
)
SELECT told.id, coalesce(lag(until_at) OVER row, a.created_at), lag(entry) OVER row, held::text
FROM told JOIN {table} a ON a.id = told.id AND a.trashed_at IS NULL
WINDOW row AS (PARTITION BY told.id ORDER BY place NULLS LAST) ORDER BY told.id, place NULLS LAST
"""


def account_states(account_ids: Iterable[int], columns: Mapping[str, str]) -> dict[int, list[AccountState]]:
    """All that accounts in use held in some fields, the oldest first, the present state last; one query.

    `columns` are the SQL of the fields by name, with {} for the row. For the system's own notes alone.
    """
    table, ids = Account._meta.db_table, number_array(set(account_ids))
    former = ", ".join(f"'{name}', {sql.format('h')}" for name, sql in columns.items())
    present = ", ".join(f"'{name}', {sql.format('a')}" for name, sql in columns.items())
    statement = _STATES.format(former=former, present=present, history=history_table(Account), table=table)
    found: dict[int, list[AccountState]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids, ids])
        for account_id, at, entry_id, held in cursor.fetchall():
            found.setdefault(account_id, []).append(AccountState(account_id, at, entry_id, json.loads(held)))
    return found


def changed_account_ids(since: datetime) -> list[int]:
    """The accounts whose fields changed since an instant, by id; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT pgh_obj_id FROM {history_table(Account)} WHERE pgh_created_at >= %s ORDER BY 1",  # noqa: S608  # our own table
            [since],
        )
        return [row[0] for row in cursor.fetchall()]
