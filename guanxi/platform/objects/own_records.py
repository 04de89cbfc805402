"""What a person opened lately and what they marked with a star.

Both are ids alone: who shows them reads the records again through the person's Grant.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import caches
from django.db import connection, transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.grant import grant
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.models import FavouriteRecord, OpenedRecord
from guanxi.platform.objects.registry import listed_object

KEPT_OPENED = 20
MOST_FAVOURITES = 200
NOTED_SECONDS = 60

# One statement: the record comes to the top, and what is older than the kept ones goes.
_NOTE = """
WITH noted AS (
    INSERT INTO objects_openedrecord (user_id, object_key, record_id) VALUES (%(user)s, %(key)s, %(record)s)
    ON CONFLICT (user_id, object_key, record_id) DO UPDATE SET opened_at = now()
)
DELETE FROM objects_openedrecord WHERE id IN (
    SELECT id FROM objects_openedrecord
    WHERE user_id = %(user)s AND object_key = %(key)s AND record_id <> %(record)s
    ORDER BY opened_at DESC OFFSET %(others)s
)
"""


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """Records as (object key, record id): favourites, the latest first, and opened ones, the latest first."""

    favourites: tuple[tuple[str, int], ...]
    opened: tuple[tuple[str, int], ...]


def note_opened(object_key: str, record_id: int, *, actor: Actor) -> None:
    """Remember that a person opened a record that they were just shown; at most once a minute, one statement."""
    key = f"objects.opened:{actor.user_id}:{object_key}:{record_id}"
    if actor.user_id is None or not caches["process"].add(key, True, NOTED_SECONDS):
        return
    values: dict[str, int | str] = {
        "user": actor.user_id,
        "key": object_key,
        "record": record_id,
        "others": KEPT_OPENED - 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


@transaction.atomic
def set_favourite(object_key: str, record_id: int, *, is_favourite: bool, actor: Actor) -> None:
    """Mark a record with a star, or take the star away; doing it again changes nothing.

    Raises: NotFound for an object or a record that the person does not see, AccessDenied.
    """
    if actor.user_id is None or actor.read_only:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    grant(actor, listed_object(object_key).model).get(record_id)
    own = FavouriteRecord.objects.filter(user=actor.user_id)
    begin_entry(
        actor,
        action="mark_favourite" if is_favourite else "unmark_favourite",
        object_key=object_key,
        record_id=record_id,
    )
    if not is_favourite:
        own.filter(object_key=object_key, record_id=record_id).delete()
        return
    star = FavouriteRecord(user_id=actor.user_id, object_key=object_key, record_id=record_id)
    FavouriteRecord.objects.bulk_create([star], ignore_conflicts=True)


def favourites_among(object_key: str, record_ids: Iterable[int], *, actor: Actor) -> frozenset[int]:
    """Those of the records that the person marked; one query."""
    found = _FAVOURITES_AMONG(None, user_id=actor.user_id, object_key=object_key, ids=list(record_ids))
    return frozenset(record_id for (record_id,) in found)


def own_records(actor: Actor) -> OwnRecords:
    """What the person marked and opened; two queries."""
    favourites = _FAVOURITES(None, user_id=actor.user_id)
    opened = _OPENED(None, user_id=actor.user_id)
    return OwnRecords(tuple(map(tuple, favourites)), tuple(map(tuple, opened)))


_FAVOURITES_AMONG: Prepared[None] = Prepared(
    lambda _: FavouriteRecord.objects.filter(
        Among("record_id", "ids"), user=Slot("user_id"), object_key=Slot("object_key")
    ).values_list("record_id")
)
_FAVOURITES: Prepared[None] = Prepared(
    lambda _: (
        FavouriteRecord.objects.filter(user=Slot("user_id"))
        .order_by("-marked_at", "-pk")
        .values_list("object_key", "record_id")[:MOST_FAVOURITES]
    )
)
_OPENED: Prepared[None] = Prepared(
    lambda _: (
        OpenedRecord.objects.filter(user=Slot("user_id"))
        .order_by("-opened_at", "-pk")
        .values_list("object_key", "record_id")
    )
)
