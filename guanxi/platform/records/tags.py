"""Tags of records: putting some on and taking some off, for one record at hand and for many rows at once.

What is written is which tags come and which go, never the whole list: so two people who tag the same record do not
undo each other, and the undo of a change of many gives back exactly the tags it moved.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Expression, F, Q
from django.db.models.functions import Now

from guanxi.platform.access.grant import Grant
from guanxi.platform.access.prepared import Among, number_array
from guanxi.platform.audit.commands import continue_entry
from guanxi.platform.records.bulk import history_table
from guanxi.platform.records.values import CUSTOM, PATH, TAGS, CustomValues, assign

COLUMN = f"{PATH}{TAGS}"


@dataclass(frozen=True, slots=True)
class Tagging:
    """Which tags come and which go, by key; a tag that is among both comes."""

    added: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    @property
    def touched(self) -> list[str]:
        """All tags it is about."""
        return list(dict.fromkeys((*self.added, *self.taken)))

    @property
    def removed(self) -> list[str]:
        """The tags that the records do not have afterwards."""
        return [key for key in self.taken if key not in self.added]

    def of(self, tags: Collection[str]) -> list[str]:
        """What a list of tags becomes."""
        return [*(key for key in tags if key not in self.touched), *self.added]


def tags_of(record: models.Model) -> list[str]:
    """The keys of the tags that a record has."""
    return list(getattr(record, CUSTOM, {}).get(TAGS, ()))


def retag(record: models.Model, tagging: Tagging) -> None:
    """Put tags on a record at hand and take others off; a list that says the same stays as it is."""
    before = tags_of(record)
    after = tagging.of(before)
    if set(after) != set(before):
        assign(record, {COLUMN: after})


class TaggedValues(Expression):
    """The values of a record's own fields with some tags put on and others taken off."""

    output_field = CustomValues()

    def __init__(self, tagging: Tagging) -> None:
        super().__init__()
        self.tagging = tagging

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """The column with another list of tags."""
        return _with_list(CUSTOM, "%s::jsonb"), (*[self.tagging.touched, json.dumps(self.tagging.added)] * 2,)


def _with_list(column: str, added: str) -> str:
    """The SQL of the custom column without some tags, with those of the SQL `added`, and without an empty list."""
    tags = f"(COALESCE({column} -> '{TAGS}', '[]'::jsonb) - %s::text[]) || {added}"
    return f"CASE WHEN {tags} = '[]'::jsonb THEN {column} - '{TAGS}' ELSE jsonb_set({column}, '{{{TAGS}}}', {tags}) END"


@transaction.atomic
def write_tags(permission: Grant[Any], ids: Sequence[int], *, tagging: Tagging, entry_id: UUID) -> int:
    """Tag those of the records in use that the grant reaches and that differ. Returns how many rows changed."""
    continue_entry(entry_id)
    lacking = (~Q(**{f"{COLUMN}__contains": [key]}) for key in tagging.added)
    having = (Q(**{f"{COLUMN}__contains": [key]}) for key in tagging.removed)
    untagged = [Q(**{f"{COLUMN}__isnull": True})] if tagging.added else []
    differs = reduce(or_, (*lacking, *having, *untagged))
    rows = permission.queryset().filter(differs, Among("pk", list(ids)), trashed_at__isnull=True)
    return int(rows.update(custom=TaggedValues(tagging), version=F("version") + 1, updated_at=Now()))


@transaction.atomic
def restore_tags(
    permission: Grant[Any], ids: Sequence[int], *, tagging: Tagging, undone: UUID, entry_id: UUID
) -> list[int]:
    """Give records back those of the tags that the entry `undone` moved, where nobody moved them since.

    Returns the ids of the rows that changed.
    """
    continue_entry(entry_id)
    reached = list(permission.queryset().filter(Among("pk", list(ids))).values_list("pk", flat=True))
    table, kept = permission.model._meta.db_table, history_table(permission.model)
    held = f"SELECT jsonb_agg(tag) FROM unnest(%s::text[]) tag WHERE COALESCE(h.{CUSTOM} -> '{TAGS}' ? tag, false)"  # noqa: S608  # as below
    had = f"COALESCE(({held}), '[]'::jsonb)"
    now = f"COALESCE(t.{CUSTOM} -> '{TAGS}', '[]'::jsonb)"
    statement = (
        f"UPDATE {table} t SET {CUSTOM} = {_with_list(f't.{CUSTOM}', had)}, "  # noqa: S608  # names of our own models
        f"version = t.version + 1, updated_at = now() FROM {kept} h "
        "WHERE h.pgh_context_id = %s AND h.pgh_obj_id = t.id AND t.id = ANY(%s::bigint[]) "
        f"AND {now} ?& %s::text[] AND NOT {now} ?| %s::text[] RETURNING t.id"
    )
    touched = tagging.touched
    parameters: list[Any] = [touched] * 4
    parameters += [undone, number_array(reached), list(tagging.added), tagging.removed]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
