"""Which records a list shows: narrowed by rights, filters and words, sorted, one page at a time, counted.

The SQL of a selection is made once and kept, for people ask for the same few selections all day; the page and the
ids that a search found are given with each run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, Sum
from django.utils import timezone

from guanxi.platform.access.grant import Grant
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import Everyone
from guanxi.platform.objects.conditions import Condition, Group, Operator, Where
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.reaching import reached_rows
from guanxi.platform.objects.registry import columns_of, fields_of, filters_of, object_spec
from guanxi.platform.objects.rollups import rolled_orderings
from guanxi.platform.objects.spec import Narrowed, ObjectSpec, Ordering, View, Visible
from guanxi.platform.search.queries import MOST_BEGINNING, beginning_ids, ranked_ids

COUNT_CAP = 1_000
UNCAPPED = 10**12
# So many matches of a search are looked up one by one; among more, a page is found faster in the order of the list.
FOUND_CAP = 5_000
# So many matches are put in order by how well they match.
RANKED_CAP = 1_000
TRASH_CAP = 1_000
FOUND = "found"

Ids = models.QuerySet[Any, Any]
Beside = Callable[[Narrowed, bool], Ids]


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order of a list."""

    key: str
    is_falling: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """What one list asks for, but for the words: the rows by a Grant, the chosen filters and conditions, the order.

    Conditions on days mean the days of `zone`, of which `today` is one. `is_searched` says that the ids which the words
    found are given with each run; `is_ranked` that the best match comes first, the order holding among equals;
    `is_plenty` that there are more rows than are counted.
    """

    object_key: str
    permission: Grant[Any]
    chosen: tuple[tuple[str, str], ...] = ()
    where: Where | None = None
    sorts: tuple[Sort, ...] = ()
    today: date = field(default_factory=timezone.localdate)
    zone: str = field(default_factory=timezone.get_current_timezone_name)
    is_searched: bool = False
    is_ranked: bool = False
    is_plenty: bool = False

    @property
    def spec(self) -> ObjectSpec:
        """The object."""
        return object_spec(self.object_key)

    @property
    def has_trash(self) -> bool:
        """Whether records of the object can lie in the trash."""
        return hasattr(self.permission.model, "trashed_at")

    @property
    def is_whole(self) -> bool:
        """Whether neither a right nor a filter narrows the rows."""
        return self.permission.rule == Everyone() and not self.chosen and self.where is None

    @property
    def beside(self) -> Beside | None:
        """The order by a table beside the object, which only the first sort can ask for."""
        ordering = self._orderings.get(self.sorts[0].key) if self.sorts else None
        return ordering.beside if ordering else None

    @property
    def order(self) -> tuple[str, ...]:
        """The order by the object's own columns, its id last."""
        if self.sorts == (Sort("id", True),):
            return ("-pk",)
        found = [
            f"-{column}" if sort.is_falling else column
            for sort in self.sorts
            if sort.key in self._orderings
            for column in self._orderings[sort.key].fields
        ]
        return (*found, "-pk" if self.sorts and self.sorts[-1].is_falling and found else "pk")

    @property
    def _orderings(self) -> Mapping[str, Ordering]:
        orders = self.spec.orders
        own = {
            item.key: Ordering(orders.get(item.key, (item.column,)))
            for item in fields_of(self.spec)
            if item.beside is None and item.is_ordered
        }
        drawn = {item.key: item.ordering for item in columns_of(self.spec) if item.ordering}
        return own | drawn | rolled_orderings(self.spec, self.permission.actor, keys=[sort.key for sort in self.sorts])


@dataclass(frozen=True, slots=True)
class Found:
    """What the words of a search found: the ids when they are few, else all of them as a subquery.

    `ranks` says how well each of the ids matches, 0 best, where somebody asked; of many, those that begin with the
    words and some others.
    """

    ids: Sequence[int] = ()
    many: Ids | None = None
    ranks: Mapping[int, int] = field(default_factory=dict)


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
    ids = list(found.ids[: FOUND_CAP + 1])
    return Found(ids) if len(ids) <= FOUND_CAP else Found(many=found.ids)


def best_found(
    spec: ObjectSpec, words: str, view: View, *, enough: int = MOST_BEGINNING, most: int = RANKED_CAP
) -> Found | None:
    """What the words find, told how well; None when they ask for nothing. Two queries.

    So that common words cost no more than others, of very many matches only some are looked at. When `enough` records
    begin with the words, no others are ranked; of others, `most` are.
    """
    found = spec.search(words, view.actor) if words and spec.search is not None else None
    if found is None:
        return Found() if words and spec.search is not None else None
    ranks = beginning_ids(found)
    if len(ranks) >= enough:
        return Found(many=found.ids, ranks=ranks)
    others = ranked_ids(found, most=most + 1)
    is_all = len(others) <= most
    return Found(list(others), ranks=others) if is_all else Found(many=found.ids, ranks={**others, **ranks})


def gathered(selection: Selection, found: Found | None) -> tuple[Selection, Found | None]:
    """The same question with its ids at hand, where conditions leave few and the order stands in another table.

    Walking such an order and looking up the conditions of each row costs more than putting the few in order. So does
    walking any order for a rare tag: how rare it is, PostgreSQL does not know.
    """
    if found is not None or selection.where is None or (selection.beside is None and not _asks_for_tags(selection)):
        return selection, found
    read, most = (_SOME, FOUND_CAP) if selection.beside is not None else (_FEW, COUNT_CAP)
    ids = _firsts(read(selection, limit=most + 1))
    if len(ids) > most:
        return replace(selection, is_plenty=True), None
    return replace(selection, where=None, chosen=(), is_searched=True), Found(ids)


def _asks_for_tags(selection: Selection) -> bool:
    """Whether only records with one of some tags are meant."""
    where = selection.where
    parts = where.parts if isinstance(where, Group) and not where.is_any else (where,)
    tags = {item.key for item in fields_of(selection.spec) if item.is_tags}
    return any(isinstance(part, Condition) and part.field in tags and part.operator is Operator.IS for part in parts)


def page_ids(selection: Selection, found: Found | None, *, offset: int, limit: int) -> list[int]:
    """The ids of one page in their order."""
    if found is not None and selection.is_ranked:
        return _ranked_page(replace(selection, is_ranked=False), found, offset=offset, limit=limit)
    if found is not None and found.many is not None:
        return _page_ids_of_many(selection, found.many, offset=offset, limit=limit)
    values: dict[str, Any] = {FOUND: found.ids} if found is not None else {}
    ids = _firsts(_HEAD(selection, **values, offset=offset, limit=limit))
    if selection.beside is None or len(ids) == limit:
        return ids
    start = max(offset - _HEAD_COUNT(selection, **values)[0][0], 0) if offset else 0
    return ids + _firsts(_REST(selection, **values, offset=start, limit=limit - len(ids)))


def _ranked_page(selection: Selection, found: Found, *, offset: int, limit: int) -> list[int]:
    """The ids of one page, the best match first; of many matches the ranked ones, then so many of the others.

    The others are looked up before they are put in order: a walk along the order could meet one in a million.
    """
    best = _best_first(replace(selection, is_searched=True), found.ranks, enough=offset + limit)
    page = best[offset : offset + limit]
    if found.many is None or len(page) == limit:
        return page
    rows = _narrowed(selection, within=found.many.exclude(record_id__in=best)).rows
    others = Found(list(rows.order_by().values_list("pk", flat=True)[:FOUND_CAP]))
    rest = replace(selection, is_searched=True)
    return page + page_ids(rest, others, offset=max(offset - len(best), 0), limit=limit - len(page))


def _best_first(selection: Selection, ranks: Mapping[int, int], *, enough: int) -> list[int]:
    """The ids that the selection reaches, the best match first; at least so many of the best.

    Those that the table of a contributed order does not hold stand behind the others of their rank, so they are looked
    up only when one of them could be among the best.
    """
    if not ranks:
        return []
    values: dict[str, Any] = {FOUND: list(ranks)}
    listed = sorted(_firsts(_HEAD(selection, **values, offset=0, limit=len(ranks))), key=ranks.__getitem__)
    missing = set(ranks).difference(listed) if selection.beside is not None else set()
    if not missing or (len(listed) >= enough and min(map(ranks.__getitem__, missing)) >= ranks[listed[enough - 1]]):
        return listed
    rest = _firsts(_REST(selection, **values, offset=0, limit=len(missing)))
    return sorted((*listed, *rest), key=ranks.__getitem__)


def _page_ids_of_many(selection: Selection, many: Ids, *, offset: int, limit: int) -> list[int]:
    narrowed = _narrowed(selection, within=many)
    head = _head(selection, narrowed)
    ids = list(head[offset : offset + limit])
    if selection.beside is None or len(ids) == limit:
        return ids
    start = max(offset - head.count(), 0) if offset else 0
    return ids + list(_rest(selection, narrowed)[start : start + limit - len(ids)])


def counted(selection: Selection, found: Found | None, *, most: int = COUNT_CAP) -> Counted:
    """How many rows there are, counted never far beyond `most`."""
    if found is not None and found.many is not None and selection.is_whole and most == COUNT_CAP:
        count = COUNT_CAP + 1  # what lies in the trash is not in the index, so there are more than the cap
    elif selection.is_plenty and most == COUNT_CAP:
        count = COUNT_CAP + 1
    elif found is not None and found.many is not None:
        count = _narrowed(selection, within=found.many).rows.order_by()[: most + 1].count()
    elif found is not None and selection.is_whole:
        count = len(found.ids) - _left_out_of(selection, found.ids)
    else:
        values = {FOUND: found.ids} if found is not None else {}
        count = _COUNT(selection, **values, limit=most + 1)[0][0]
    return Counted(min(count, most), count > most)


def grouped_rows(
    selection: Selection, found: Found | None, *, field: ObjectField, sums: Sequence[ObjectField], limit: int
) -> list[tuple[Any, ...]]:
    """The list summed up by a field: (value, records, sum of each of `sums`), the value with most records first.

    One query for the table of the field with all its sums, and one for each sum that stands in another table.
    """
    rows = found_rows(selection, found).order_by()
    near = [item for item in sums if item.model is field.model and (item.beside is None) == (field.beside is None)]
    asked: Ids = _table(field, rows).values_list(_path(field, field)).annotate(records=Count("pk"))
    asked = asked.annotate(**{f"sum_{place}": Sum(_path(item, field)) for place, item in enumerate(near)})
    known = list(asked.order_by("-records")[:limit])
    counts: dict[Any, int] = {row[0]: row[1] for row in known}
    if field.beside is not None and len(counts) < limit:
        without = rows.count() - sum(counts.values())
        counts |= {None: counts.get(None, 0) + without} if without else {}
    totals = {item.key: {row[0]: row[2 + place] for row in known} for place, item in enumerate(near)}
    totals |= {item.key: _sums(field, item, rows) for item in sums if item not in near}
    return [(value, count, *(totals[item.key].get(value) for item in sums)) for value, count in counts.items()]


def _sums(field: ObjectField, summed: ObjectField, rows: Visible) -> dict[Any, Any]:
    """The sum of one field for each value of another."""
    side = summed if summed.beside is not None else field
    if summed.beside is not None and field.beside is not None and summed.model is not field.model:
        return {}
    table = _table(side, rows)
    return dict(table.values_list(_path(field, side)).annotate(total=Sum(_path(summed, side))))


def _table(side: ObjectField, rows: Visible) -> Ids:
    """The rows of the table in which a field stands, of the records of the list."""
    return rows if side.beside is None else side.beside().filter(pk__in=rows.values("pk")).order_by()


def _path(field: ObjectField, side: ObjectField) -> str:
    """The name of a field's column as seen from the table of another: that of the object is reached by the key."""
    if field.beside is None and side.beside is not None:
        return f"{side.model._meta.pk.name}__{field.column}"
    return field.column


def found_rows(selection: Selection, found: Found | None) -> Visible:
    """All rows of a selection, in no order."""
    if found is None:
        return _narrowed(selection).rows
    within = found.many if found.many is not None else None
    rows = _narrowed(replace(selection, is_searched=False), within=within).rows
    return rows if within is not None else rows.filter(Among("pk", list(found.ids)))


def _firsts(rows: list[tuple[int]]) -> list[int]:
    return [row[0] for row in rows]


def _narrowed(selection: Selection, within: Ids | None = None) -> Narrowed:
    """The rows of a selection; `within` are the ids of a search that found very many."""
    view = View(selection.permission.actor, selection.today)
    visible = reached_rows(selection.spec, selection.permission, where=selection.where, today=selection.today)
    left_out = _trash(selection.permission).values("pk") if selection.has_trash else None
    chosen: Mapping[str, str] = dict(selection.chosen)
    for item in filters_of(selection.spec):
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
    if selection.beside is not None:
        return selection.beside(narrowed, selection.sorts[0].is_falling)
    return narrowed.rows.order_by(*selection.order).values_list("pk", flat=True)


def _rest(selection: Selection, narrowed: Narrowed) -> Ids:
    """The ids that the table of a contributed order does not hold."""
    held = _head(selection, narrowed).order_by()
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
_SOME: Prepared[Selection] = Prepared(lambda asked: _narrowed(asked).rows.order_by().values_list("pk"), limit="limit")
_FEW: Prepared[Selection] = Prepared(
    lambda asked: _narrowed(asked).rows.order_by().values_list("pk"), limit="limit", foresees_all=True
)
_HEAD_COUNT: Prepared[Selection] = Prepared(lambda asked: _head(asked, _narrowed(asked)).order_by(), counts=True)
_COUNT: Prepared[Selection] = Prepared(
    lambda asked: _narrowed(asked).rows.order_by().values_list("pk"), limit="limit", counts=True
)
