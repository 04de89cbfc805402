"""Writing many records that each have values of their own: blocks of new ones, of changed ones, and their undo.

It is the door that `change()` is, for whole blocks: the grant is asked once for all rows, each record has been found
valid (`change.refused_fields`), all are sealed and written with one statement. Whoever calls holds the transaction and
has named the audit entry.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault
from django.utils import timezone

from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.grant import Grant, unscoped
from guanxi.platform.access.prepared import Among, number_array
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Everyone
from guanxi.platform.records.bulk import history_table
from guanxi.platform.records.change import OWN_COLUMNS, values_of
from guanxi.platform.records.models import Record
from guanxi.platform.records.sealing import seal_record
from guanxi.platform.records.values import CUSTOM, changed_names

RecordType = TypeVar("RecordType", bound=Record)
LOCKED = "change: the record was admitted by the actor's grant and is locked again"
TOUCHED = ("version", "updated_at")
PLAIN = frozenset(
    {models.CharField, models.TextField, models.SlugField, models.BooleanField, models.DateField, models.DateTimeField}
    | {models.IntegerField, models.BigIntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField}
    | {models.ForeignKey}
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A record to be changed, and its values by column as they were read."""

    record: Record
    former: Mapping[str, object]

    @property
    def changed(self) -> list[str]:
        """The columns that differ now."""
        now = values_of(self.record)
        return [name for name, value in now.items() if self.former[name] != value]


def load_reached(permission: Grant[RecordType], ids: Iterable[int], *, locks: bool) -> dict[int, Loaded]:
    """Those of the records that the grant reaches and that do not lie in the trash, by id. Two queries.

    With `locks` they are locked until the transaction ends, which must have begun.
    """
    wanted = sorted(set(ids))
    reached = list(permission.queryset().filter(Among("pk", wanted)).values_list("pk", flat=True)) if wanted else []
    rows = unscoped(permission.model, reason=LOCKED).filter(pk__in=reached, trashed_at__isnull=True)
    rows = rows.select_for_update() if locks else rows
    return {row.pk: Loaded(row, values_of(row)) for row in rows.order_by("pk")}


def reached_owners(permission: Grant[Any], ids: Iterable[int]) -> set[int]:
    """Of records that others follow, those to which the actor may add; all of them for who may add to any."""
    wanted = set(ids)
    if not protection_of(permission.model).follows or permission.rule == Everyone():
        return wanted
    found: Iterable[int] = permission.followed().queryset().filter(pk__in=wanted).values_list("pk", flat=True)
    return set(found)


def create_rows(permission: Grant[Any], records: Sequence[Record]) -> None:
    """Create records in one statement; each gets its id. They must have been found valid.

    Raises: AccessDenied("access.denied" | "field.not_writable"), RuleViolation("record.invalid").
    """
    if not records:
        return
    _require_followed(permission, records)
    named: set[str] = set()
    for record in records:
        seal_record(record, former={})
        filled = {name: value for name, value in values_of(record).items() if value not in (None, "", [], {})}
        named.update(changed_names({CUSTOM: {}}, filled))
    permission.accept(sorted(named))
    _copy(permission.model, records)


def update_rows(permission: Grant[Any], loaded: Sequence[Loaded]) -> list[Record]:
    """Save what changed of records that `load_reached` gave. Returns those that did change, with their new version.

    Raises: AccessDenied("field.not_writable"), RuleViolation("record.invalid").
    """
    columns: dict[str, None] = {}
    named: set[str] = set()
    written = []
    for item in loaded:
        seal_record(item.record, former=item.former)
        changed = item.changed
        if changed:
            named.update(changed_names(item.former, values_of(item.record)))
            columns |= dict.fromkeys(changed)
            written.append(item.record)
    if not written:
        return []
    permission.accept(sorted(named))
    now = timezone.now()
    for record in written:
        record.version += 1
        record.updated_at = now
    _write(permission.model, written, columns=(*columns, *TOUCHED))
    return written


def restore_untouched(permission: Grant[Any], versions: Mapping[int, int], *, undone: UUID) -> set[int]:
    """Give records all the values that they had before the entry `undone`, where they still have the version it left.

    `versions` are those versions, by id. Returns the ids of the records that were given back.
    """
    model: type[models.Model] = permission.model
    names = [column.column for column in model._meta.concrete_fields if column.name not in OWN_COLUMNS]
    back = ", ".join(f'"{name}" = h."{name}"' for name in names)
    statement = (
        f"UPDATE {model._meta.db_table} t SET {back}, version = t.version + 1, updated_at = now() "  # noqa: S608  # names of our own models
        f"FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {history_table(model)} WHERE pgh_context_id = %s "
        "AND pgh_obj_id = ANY(%s::bigint[]) ORDER BY pgh_obj_id, pgh_id) h, "
        "unnest(%s::bigint[], %s::bigint[]) AS seen(id, version) "
        "WHERE h.pgh_obj_id = t.id AND seen.id = t.id AND t.version = seen.version RETURNING t.id"
    )
    reached = _reached(permission, versions)
    arrays = (number_array(reached), number_array(reached), number_array([versions[pk] for pk in reached]))
    with connection.cursor() as cursor:
        cursor.execute(statement, [undone, *arrays])
        return {row[0] for row in cursor.fetchall()}


def trash_untouched(permission: Grant[Any], versions: Mapping[int, int]) -> set[int]:
    """Put records into the trash that still have the version given by id. Returns the ids of those that went."""
    table = permission.model._meta.db_table
    reached = _reached(permission, versions)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET trashed_at = now(), version = t.version + 1, updated_at = now() "  # noqa: S608  # a name of our own model
            "FROM unnest(%s::bigint[], %s::bigint[]) AS seen(id, version) "
            "WHERE seen.id = t.id AND t.version = seen.version AND t.trashed_at IS NULL RETURNING t.id",
            [number_array(reached), number_array([versions[pk] for pk in reached])],
        )
        return {row[0] for row in cursor.fetchall()}


def _reached(permission: Grant[Any], ids: Iterable[int]) -> list[int]:
    return list(permission.queryset().filter(Among("pk", list(ids))).values_list("pk", flat=True))


def _require_followed(permission: Grant[Any], records: Sequence[Record]) -> None:
    follows = protection_of(permission.model).follows
    if not follows:
        return
    column = permission.model._meta.get_field(follows).attname
    wanted = {getattr(record, column) for record in records}
    if not wanted <= reached_owners(permission, wanted):
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="create")


def _copy(model: type[models.Model], records: Sequence[Record]) -> None:
    """Write new records by COPY under ids of the table's sequence; columns that nobody filled keep their defaults."""
    table = model._meta.db_table
    filled = [
        column
        for column in model._meta.concrete_fields
        if not column.primary_key
        and not all(isinstance(getattr(record, column.attname), DatabaseDefault) for record in records)
    ]
    names = ", ".join(f'"{column.column}"' for column in filled)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(records)]
        )
        ids = [row[0] for row in cursor.fetchall()]
        with cursor.copy(f"COPY {table} (id, {names}) FROM STDIN") as copy:
            names_and_ways = [(column.attname, _way_of(column)) for column in filled]
            for record_id, record in zip(ids, records, strict=True):
                values = [getattr(record, name) for name, _way in names_and_ways]
                stored = (
                    value if way is None else way(value, connection)
                    for value, (_name, way) in zip(values, names_and_ways, strict=True)
                )
                copy.write_row((record_id, *stored))
    for record_id, record in zip(ids, records, strict=True):
        record.pk = record_id
        record._state.adding = False


def _way_of(column: "models.Field[Any, Any]") -> Callable[[Any, Any], Any] | None:
    """How a column makes of a value what is stored; None where the driver takes the value as it is."""
    return None if type(column) in PLAIN else column.get_db_prep_save


def _write(model: type[models.Model], records: Sequence[Record], *, columns: Sequence[str]) -> None:
    """One update of all records from arrays of texts, one for each column."""
    fields = [column for column in model._meta.concrete_fields if column.attname in columns]
    names = ", ".join(
        f'"{column.column}" = v{place}::{column.db_type(connection)}' for place, column in enumerate(fields)
    )
    arrays: list[Any] = [number_array([record.pk for record in records])]
    arrays += [[_stored(column, record) for record in records] for column in fields]
    listed = ", ".join(["%s::bigint[]", *("%s::text[]" for _column in fields)])
    seen = ", ".join(f"v{place}" for place in range(len(fields)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} t SET {names} "  # noqa: S608  # names of our own models
            f"FROM unnest({listed}) AS seen(id, {seen}) WHERE seen.id = t.id",
            arrays,
        )


def _stored(column: "models.Field[Any, Any]", record: Record) -> str | None:
    """A value as the text that PostgreSQL reads its type from."""
    value = column.get_db_prep_save(getattr(record, column.attname), connection)
    if value is None:
        return None
    if hasattr(value, "dumps"):  # a JSON document
        return str(value.dumps(value.obj))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
