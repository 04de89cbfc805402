"""Which records a list shows: narrowed by rights, filters and words, sorted, one page at a time, counted.

The SQL of a selection is made once and kept, for people ask for the same few selections all day; the page and the
ids that a search found are given with each run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

from guanxi.platform.access.grant import Grant
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import Everyone
from guanxi.platform.objects.registry import columns_of, filters_of, object_spec
from guanxi.platform.objects.spec import Narrowed, ObjectSpec, Ordering, View, Visible

COUNT_CAP = 1_000
# So many matches of a search are looked up one by one; among more, a page is found faster in the order of the list.
FOUND_CAP = 5_000
TRASH_CAP = 1_000
FOUND = "found"

Ids = models.QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """What one list asks for, but for the words: the rows by a Grant, the chosen filters, the order, the day.

    `is_searched` says that the ids which the words found are given with each run.
    """

    object_key: str
    permission: Grant[Any]
    chosen: tuple[tuple[str, str], ...]
    sort: str
    is_falling: bool
    today: date
    is_searched: bool = False

    @property
    def has_trash(self) -> bool:
        """Whether records of the object can lie in the trash."""
        return hasattr(self.permission.model, "trashed_at")

    @property
    def is_whole(self) -> bool:
        """Whether neither a right nor a filter narrows the rows."""
        return self.permission.rule == Everyone() and not self.chosen

    @property
    def ordering(self) -> Ordering:
        """How the rows are sorted; by their ids when nobody asked for more."""
        columns = columns_of(object_spec(self.object_key))
        return next((item.ordering for item in columns if item.key == self.sort and item.ordering), Ordering())


@dataclass(frozen=True, slots=True)
class Found:
    """What the words of a search found: the ids when they are few, else all of them as a subquery."""

    ids: Sequence[int] = ()
    many: Ids | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a list has; `is_capped` says that there are more than `count`."""

    count: int
    is_capped: bool


def searched(spec: ObjectSpec, words: str, view: View) -> Found | None:
    """What the words find in an object; None when they ask for nothing."""
    if not words or spec.search is None:
        return None
    found = spec.search(words, view.actor)
    if found is None:
        return Found()
    ids = list(found[: FOUND_CAP + 1])
    return Found(ids) if len(ids) <= FOUND_CAP else Found(many=found)


def page_ids(selection: Selection, found: Found | None, *, offset: int, limit: int) -> list[int]:
    """The ids of one page in their order."""
    if found is not None and found.many is not None:
        return _page_ids_of_many(selection, found.many, offset=offset, limit=limit)
    values: dict[str, Any] = {FOUND: found.ids} if found is not None else {}
    ids = _firsts(_HEAD(selection, **values, offset=offset, limit=limit))
    if selection.ordering.beside is None or len(ids) == limit:
        return ids
    start = max(offset - _HEAD_COUNT(selection, **values)[0][0], 0) if offset else 0
    return ids + _firsts(_REST(selection, **values, offset=start, limit=limit - len(ids)))


def _page_ids_of_many(selection: Selection, many: Ids, *, offset: int, limit: int) -> list[int]:
    narrowed = _narrowed(selection, within=many)
    head = _head(selection, narrowed)
    ids = list(head[offset : offset + limit])
    if selection.ordering.beside is None or len(ids) == limit:
        return ids
    start = max(offset - head.count(), 0) if offset else 0
    return ids + list(_rest(selection, narrowed)[start : start + limit - len(ids)])


def counted(selection: Selection, found: Found | None) -> Counted:
    """How many rows there are, counted never far beyond the cap."""
    if found is not None and found.many is not None:
        count = _narrowed(selection, within=found.many).rows.order_by()[: COUNT_CAP + 1].count()
    elif found is not None and selection.is_whole:
        count = len(found.ids) - _left_out_of(selection, found.ids)
    else:
        values = {FOUND: found.ids} if found is not None else {}
        count = _COUNT(selection, **values, limit=COUNT_CAP + 1)[0][0]
    return Counted(min(count, COUNT_CAP), count > COUNT_CAP)


def _firsts(rows: list[tuple[int]]) -> list[int]:
    return [row[0] for row in rows]


def _narrowed(selection: Selection, within: Ids | None = None) -> Narrowed:
    """The rows of a selection; `within` are the ids of a search that found very many."""
    view = View(selection.permission.actor, selection.today)
    visible: Visible = selection.permission.queryset()
    left_out = None
    if selection.has_trash:
        left_out = visible.filter(trashed_at__isnull=False).values("pk")
        visible = visible.filter(trashed_at__isnull=True)
    chosen: Mapping[str, str] = dict(selection.chosen)
    for item in filters_of(object_spec(selection.object_key)):
        if item.key in chosen:
            visible = item.narrow(visible, chosen[item.key], view)
    if within is not None:
        visible = visible.filter(pk__in=within)
    if selection.is_searched:
        visible = visible.filter(Among("pk", FOUND))
    is_whole = selection.is_whole and within is None
    return Narrowed(visible, left_out if is_whole else None, FOUND if selection.is_searched else "")


def _head(selection: Selection, narrowed: Narrowed) -> Ids:
    """The ids in their order; of a contributed order, those that its table holds."""
    ordering = selection.ordering
    if ordering.beside is not None:
        return ordering.beside(narrowed, selection.is_falling)
    fields = (*ordering.fields, "pk")
    order = [f"-{name}" if selection.is_falling else name for name in fields]
    return narrowed.rows.order_by(*order).values_list("pk", flat=True)


def _rest(selection: Selection, narrowed: Narrowed) -> Ids:
    """The ids that the table of a contributed order does not hold."""
    held = _head(selection, narrowed).order_by().values("pk")
    return narrowed.rows.exclude(pk__in=held).order_by("pk").values_list("pk", flat=True)


def _left_out_of(selection: Selection, ids: Sequence[int]) -> int:
    """How many of the ids lie in the trash, which as a rule is small enough to be read whole."""
    if not selection.has_trash:
        return 0
    trash = _firsts(_TRASH(selection.permission, limit=TRASH_CAP + 1))
    if len(trash) <= TRASH_CAP:
        return len(set(trash).intersection(ids))
    return int(_TRASH_AMONG(selection.permission, found=ids)[0][0])


def _trash(permission: Grant[Any]) -> Ids:
    return permission.queryset().filter(trashed_at__isnull=False).order_by().values_list("pk")


_TRASH: Prepared[Grant[Any]] = Prepared(_trash, limit="limit")
_TRASH_AMONG: Prepared[Grant[Any]] = Prepared(
    lambda permission: _trash(permission).filter(Among("pk", FOUND)), counts=True
)
_HEAD: Prepared[Selection] = Prepared(lambda asked: _head(asked, _narrowed(asked)), limit="limit", offset="offset")
_REST: Prepared[Selection] = Prepared(lambda asked: _rest(asked, _narrowed(asked)), limit="limit", offset="offset")
_HEAD_COUNT: Prepared[Selection] = Prepared(lambda asked: _head(asked, _narrowed(asked)).order_by(), counts=True)
_COUNT: Prepared[Selection] = Prepared(
    lambda asked: _narrowed(asked).rows.order_by().values_list("pk"), limit="limit", counts=True
)
