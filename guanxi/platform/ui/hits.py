"""Records of any object as single lines: found by words, opened lately, marked with a star.

Whatever led to a record, the line is read through the person's Grant, and what lies in the trash is no line.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import Action, Everyone
from guanxi.platform.objects.listing import RANKED_CAP, best_found, page_ids
from guanxi.platform.objects.registry import fields_of, object_specs
from guanxi.platform.objects.spec import Label, ObjectSpec, Rows, View
from guanxi.platform.ui.format import MISSING
from guanxi.platform.ui.list_columns import chosen_columns
from guanxi.platform.ui.list_query import ListQuery, selection_of
from guanxi.platform.ui.values import cells

# So many records that begin with the words fill a few lines, as a rule also for who sees a part of them.
ENOUGH = 50
# So many are ranked for who sees all of them; of fewer, who sees a part might see none.
FEW_RANKED = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """One record as a line: its name, where it opens, and a few words that tell it from others of the name."""

    object_key: str
    record_id: int
    name: str
    url: str
    icon: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundHits:
    """What words found in one object; `more_url` lists all of them when there are more."""

    label: Label
    hits: tuple[Hit, ...]
    more_url: str


def open_objects(view: View) -> tuple[ObjectSpec, ...]:
    """The objects whose records have a page, and of which the person may see some."""
    return tuple(
        spec for spec in object_specs() if spec.detail_url is not None and may(view.actor, spec.model, Action.VIEW)
    )


def found_hits(spec: ObjectSpec, words: str, *, view: View, limit: int) -> FoundHits | None:
    """The records that match best; None when there are none. A fixed number of queries."""
    permission = grant(view.actor, spec.model)
    most = FEW_RANKED if permission.rule == Everyone() else RANKED_CAP
    found = best_found(spec, words, view, enough=ENOUGH, most=most)
    if found is None or (not found.ids and found.many is None):
        return None
    query = ListQuery(words=words, sorts=(), page=1, chosen={})
    selection = selection_of(spec, query, permission=permission, found=found)
    ids = page_ids(selection, found, offset=0, limit=limit + 1)
    hits = hits_of(spec, ids[:limit], view=view)
    more_url = spec.list_url + query.address() if spec.list_url and len(ids) > limit else ""
    return FoundHits(spec.plural, hits, more_url) if hits else None


def hits_of(spec: ObjectSpec, ids: Sequence[int], *, view: View) -> tuple[Hit, ...]:
    """The lines of those of the records that the person sees, in the order of the ids."""
    if spec.detail_url is None or not ids:
        return ()
    permission = grant(view.actor, spec.model)
    by_id = {row.pk: row for row in _reader(spec.key, spec.list_fields)(permission, ids=list(ids))}
    rows = [by_id[record_id] for record_id in ids if record_id in by_id]
    hints = list(zip(*_hints(spec, rows, view, permission=permission), strict=True)) or [()] * len(rows)
    return tuple(
        Hit(spec.key, row.pk, str(row), spec.detail_url(row.pk), spec.icon, tuple(filter(MISSING.__ne__, shown)))
        for row, shown in zip(rows, hints, strict=True)
    )


def _hints(spec: ObjectSpec, rows: Rows, view: View, *, permission: Grant[Any]) -> Iterator[list[str]]:
    """The words of each hint column; of one that leads to other records their names alone, for a line is one link."""
    if not spec.hint_columns:
        return
    links = {item.key: item for item in fields_of(spec) if item.target and item.beside is None}
    for column in chosen_columns(spec, spec.hint_columns, permission=permission):
        yield cells(links[column.key], rows, view) if column.key in links else column.cells(rows, view)


def hits_of_all(records: Iterable[tuple[str, int]], *, view: View, limit: int) -> tuple[Hit, ...]:
    """The lines of records of several objects, (object key, record id) each, in their order."""
    wanted = tuple(records)
    known: dict[tuple[str, int], Hit] = {}
    for spec in open_objects(view):
        ids = [record_id for key, record_id in wanted if key == spec.key]
        known |= {(spec.key, hit.record_id): hit for hit in hits_of(spec, ids, view=view)}
    return tuple(known[record] for record in wanted if record in known)[:limit]


@cache
def _reader(object_key: str, fields: tuple[str, ...]) -> Prepared[Grant[Any]]:  # noqa: ARG001  # the key of the cache
    return Prepared(lambda permission: _live(permission).filter(Among("pk", "ids")).only(*fields))


def _live(permission: Grant[Any]) -> Any:
    rows = permission.queryset()
    return rows.filter(trashed_at__isnull=True) if hasattr(permission.model, "trashed_at") else rows
