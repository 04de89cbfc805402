"""Writing the audit trail and naming it as the context of the history triggers."""

from uuid import UUID, uuid4

from django.db import connection

from guanxi.kernel.actor import Actor

_BEGIN = """
WITH entry AS (
    INSERT INTO audit_auditentry
        (id, user_id, actor_name, surface, address, object_key, record_id, action, record_count, reason)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
)
SELECT set_config('pghistory.context_id', id::text, true) FROM entry
"""


def begin_entry(
    actor: Actor,
    *,
    action: str,
    object_key: str,
    record_id: int | None = None,
    record_count: int = 1,
    reason: str = "",
) -> UUID:
    """Write an audit entry and make it the context of all history rows of this transaction.

    Must run inside a transaction; the setting ends with it. Returns the entry's id.
    """
    entry_id = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN,
            [
                entry_id,
                actor.user_id,
                actor.name[:120],
                actor.surface.value,
                actor.address,
                object_key,
                record_id,
                action,
                record_count,
                reason,
            ],
        )
    return entry_id


def set_count(entry_id: UUID, *, record_count: int) -> None:
    """Correct the number of rows of an entry once it is known."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditentry SET record_count = %s WHERE id = %s", [record_count, entry_id])


def continue_entry(entry_id: UUID) -> None:
    """Make an earlier entry the context of the history rows of this transaction: long work is one entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', %s, true)", [str(entry_id)])
