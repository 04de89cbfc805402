"""The list page of any object: reads its spec, pages on the server, sorts, filters, searches.

Two steps keep far pages fast: the ids of the page come from an index alone, then only those rows are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from typing import Any
from urllib.parse import quote_plus

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.conditions import conditions_of, parse_where
from guanxi.platform.objects.listing import (
    COUNT_CAP,
    UNCAPPED,
    Counted,
    Sort,
    best_found,
    counted,
    gathered,
    page_ids,
    searched,
)
from guanxi.platform.objects.own_records import favourites_among
from guanxi.platform.objects.queries import ViewRow, views_of
from guanxi.platform.objects.reads import FILTER, SHOWN, SORT, note_uses
from guanxi.platform.objects.registry import fields_of, filters_of
from guanxi.platform.objects.spec import Label, ListColumn, ListFilter, ObjectSpec, View
from guanxi.platform.ui.bulk import Act, acts_on
from guanxi.platform.ui.filters import Chip, chips
from guanxi.platform.ui.format import number
from guanxi.platform.ui.graphics import icon
from guanxi.platform.ui.grouping import Grouped, grouped
from guanxi.platform.ui.list_columns import changeable_in_cells, chosen_columns
from guanxi.platform.ui.list_query import ListQuery, read_query, selection_of, sorts_text
from guanxi.platform.ui.responses import page_or_fragment
from guanxi.platform.ui.saved_views import Views, views_above
from guanxi.platform.ui.ways import Way, ways_of

PAGE_SIZE = 50
EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Heading:
    """One column head; `sort_url` is empty when it cannot be sorted by, `direction` is aria-sort's word.

    `add_url` sorts by this column after those that the list is sorted by already; `place` is the column's place among
    them, 0 when it is the only one. `field` is the key of the field that its cells can be changed in, "" for none.
    """

    label: Label
    css: str
    sort_url: str
    add_url: str
    direction: str
    place: int
    field: str = ""


@dataclass(frozen=True, slots=True)
class FilterView:
    """One filter as the page shows it; `chosen` is the label of its value, "" when it is open.

    `menu` is the markup of the links that choose a value.
    """

    key: str
    label: Label
    menu: SafeString
    chosen: Label
    clear_url: str


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of a list. `count` is capped; `is_count_capped` says that there are more, `exact_url` counts them.

    `best_url` is where the best match comes first, "" where it does already or nothing is searched.

    `rows` is the markup of the table's rows: a template variable per cell would cost half of the page's time.
    `is_led_by_name` says that the name stands in the first column, not a grade or the like.
    """

    spec: ObjectSpec
    query: ListQuery
    headings: tuple[Heading, ...]
    rows: SafeString
    first_preview_url: str
    filters: tuple[FilterView, ...]
    count: int
    is_count_capped: bool
    exact_url: str
    first: int
    last: int
    previous_url: str
    next_url: str
    clear_url: str
    best_url: str
    chips: tuple[Chip, ...]
    builder_url: str
    columns_url: str
    export_url: str
    views: Views
    acts: tuple[Act, ...]
    grouped: Grouped | None
    is_led_by_name: bool
    ways: tuple[Way, ...]

    @property
    def has_preview(self) -> bool:
        """Whether rows have a preview for the side panel."""
        return self.spec.preview_url is not None

    @property
    def count_words(self) -> str:
        """How many records the list has, in words."""
        return f"{number(self.count)}+" if self.is_count_capped else number(self.count)

    @property
    def is_first(self) -> bool:
        """Whether the first record is still to come: nothing narrows the list down, and the person sees none."""
        is_narrowed = self.query.chosen or self.query.words or self.query.where
        return not self.rows and self.grouped is None and self.query.page == 1 and not is_narrowed

    @property
    def has_search(self) -> bool:
        """Whether the list can be searched by words."""
        return self.spec.search is not None


def list_page(request: HttpRequest, spec: ObjectSpec, *, extra: Mapping[str, object] | None = None) -> HttpResponse:
    """Answer a list's address with its page, or its table alone for htmx."""
    view = View(actor_of(request), timezone.localdate())
    saved = views_of(spec.key, view.actor)
    first = next((row.query for row in saved if row.is_default), "")
    if first and not request.GET:
        return HttpResponseRedirect(f"{spec.list_url}?{first}")
    most = UNCAPPED if request.GET.get("count") == EXACT else COUNT_CAP
    found = list_view(spec, read_query(request.GET, spec), view=view, saved=saved, most=most)
    context = {"list": found, **(extra or {})}
    return page_or_fragment(request, page="ui/list.html", fragment="ui/_list.html", context=context)


def note_list(spec: ObjectSpec, query: ListQuery, *, shown: Sequence[str]) -> None:
    """Count which fields a list shows, is sorted and is narrowed by."""
    note_uses(spec.key, shown, use=SHOWN)
    note_uses(spec.key, [item.key for item in query.sorts], use=SORT)
    conditions = conditions_of(parse_where(query.where))
    note_uses(spec.key, {*query.chosen, *(item.field for item in conditions)}, use=FILTER)


def list_view(
    spec: ObjectSpec, query: ListQuery, *, view: View, saved: Sequence[ViewRow], most: int = COUNT_CAP
) -> ListView:
    """Everything one page of a list shows; a fixed number of queries. It is counted up to `most`."""
    permission = grant(view.actor, spec.model)
    columns = chosen_columns(spec, query.columns, permission=permission)
    note_list(spec, query, shown=[column.key for column in columns])
    found = (searched if query.sorts else best_found)(spec, query.words, view)
    selection, found = gathered(selection_of(spec, query, permission=permission, found=found), found)
    offset = (query.page - 1) * PAGE_SIZE
    ids = page_ids(selection, found, offset=offset, limit=PAGE_SIZE + 1)
    has_more, ids = len(ids) > PAGE_SIZE, ids[:PAGE_SIZE]
    is_known = not has_more and (ids or not offset)  # the last page tells how many there are
    total = Counted(offset + len(ids), False) if is_known else counted(selection, found, most=most)
    return ListView(
        spec=spec,
        query=query,
        headings=_headings(spec, columns, query, view=view),
        rows=_rows(spec, permission, ids=ids, columns=columns, view=view),
        first_preview_url=spec.preview_url(ids[0]) if spec.preview_url and ids else "",
        filters=tuple(
            _filter_view(item, query, view) for item in filters_of(spec) if item.is_offered or item.key in query.chosen
        ),
        count=max(total.count, offset + len(ids)),
        is_count_capped=total.is_capped,
        exact_url=query.address(count=EXACT, page=str(query.page)) if total.is_capped else "",
        first=offset + 1 if ids else 0,
        last=offset + len(ids),
        previous_url=query.address(page=str(query.page - 1)) if query.page > 1 else "",
        next_url=query.address(page=str(query.page + 1)) if has_more else "",
        clear_url="?",
        best_url=query.address(sort="") if query.words and query.sorts and spec.search else "",
        chips=chips(spec, query, view=view),
        builder_url=reverse("filter_builder", args=[spec.key]) + query.address(),
        columns_url=reverse("column_chooser", args=[spec.key]) + query.address(),
        export_url=_export_url(spec, query, view),
        views=views_above(spec, query, saved),
        acts=acts_on(spec, view),
        grouped=grouped(spec, query, selection, found=found, view=view),
        is_led_by_name=bool(columns) and columns[0].key == spec.title,
        ways=ways_of(spec, query, current="list"),
    )


def _export_url(spec: ObjectSpec, query: ListQuery, view: View) -> str:
    """Where the list can be taken out of the house; "" for who may not."""
    return f"/objects/{spec.key}/export/{query.address()}" if may(view.actor, spec.model, Action.EXPORT) else ""


def _rows(
    spec: ObjectSpec, permission: Grant[Any], *, ids: list[int], columns: tuple[ListColumn, ...], view: View
) -> SafeString:
    records = records_by_id(permission, ids, columns=_read_columns(spec, columns))
    rendered = [column.cells(records, view) for column in columns]
    heads = [f'<td class="{_css(column)}">' for column in columns]
    picked = _pick_word() if acts_on(spec, view) else ""
    marked = favourites_among(spec.key, ids, actor=view.actor) if spec.detail_url else frozenset()
    star = _star_markup(spec) if spec.detail_url else ""
    return SafeString(
        "".join(
            _row_markup(
                spec.preview_url(record.pk) if spec.preview_url else "",
                heads,
                cells,
                lead=_pick(record, picked) if picked else "",
                tail=_star(star, record, is_marked=record.pk in marked) if star else "",
            )
            for record, cells in zip(records, zip(*rendered, strict=True), strict=True)
        )
    )


def _pick_word() -> str:
    return escape(gettext("Tick %(name)s"))


def _pick(record: Model, words: str) -> str:
    """The tick of a row, pressed by X; its label names the record."""
    label = words % {"name": escape(str(record))}
    return (
        f'<input class="ck" type="checkbox" name="id" value="{record.pk}" data-pick data-key="x" aria-label="{label}">'
    )


def _read_columns(spec: ObjectSpec, columns: tuple[ListColumn, ...]) -> tuple[str, ...]:
    """The model's columns that the cells need: those of the object's own columns and of the fields that are shown."""
    shown = {item.key for item in columns}
    others = (item.read_column for item in fields_of(spec) if item.beside is None and item.key in shown)
    return tuple(dict.fromkeys((*spec.list_fields, *others)))


def records_by_id(permission: Grant[Any], ids: Sequence[int], *, columns: tuple[str, ...]) -> list[Model]:
    """The records with these ids that the permission reaches, in this order, with these columns alone; one query."""
    by_id = {row.pk: row for row in _records_of(columns)(permission, ids=ids)}
    return [by_id[record_id] for record_id in ids if record_id in by_id]


@cache
def _records_of(fields: tuple[str, ...]) -> Prepared[Grant[Any]]:
    return Prepared(lambda permission: permission.queryset().filter(Among("pk", "ids")).only(*fields))


def _star_markup(spec: ObjectSpec) -> str:
    """The star of a row, which the form around the rows posts to an address of its own."""
    address = reverse("favourite", args=[spec.key, 0]).replace("/0/", "/%(id)s/")
    label = escape(gettext("Star of %(name)s"))
    return (
        f'<button class="star" formaction="{address}" name="is_favourite" value="%(value)s" tabindex="-1" '
        f'data-key="f" aria-pressed="%(pressed)s" aria-label="{label}">{icon("star")}</button>'
    )


def _star(markup: str, record: Model, *, is_marked: bool) -> str:
    values = {"id": record.pk, "name": escape(str(record)), "value": "0" if is_marked else "1"}
    return markup % {**values, "pressed": "true" if is_marked else "false"}


def _row_markup(preview_url: str, heads: list[str], cells: tuple[str, ...], *, lead: str, tail: str) -> str:
    """One row, which fetches its preview when it gets the focus; what a column did not mark as safe is escaped."""
    preview = f' hx-get="{preview_url}" hx-trigger="focus delay:120ms" hx-target="#preview"' if preview_url else ""
    shown = "".join(
        f"{head}{cell if isinstance(cell, SafeString) else escape(cell)}</td>"
        for head, cell in zip(heads, cells, strict=True)
    )
    if lead:
        shown = shown.replace(">", f">{lead}", 1)  # into the first cell
    if tail:
        shown = shown.replace("</td>", f"{tail}</td>", 1)
    return f'<tr data-row tabindex="-1"{preview}>{shown}</tr>\n'


def _css(column: ListColumn) -> str:
    names = (
        "r num" if column.is_number else "",
        "" if column.is_shown_on_phone else "no-p",
        "" if column.is_shown_when_narrow else "no-n",
    )
    return " ".join(name for name in names if name)


def _headings(
    spec: ObjectSpec, columns: tuple[ListColumn, ...], query: ListQuery, *, view: View
) -> tuple[Heading, ...]:
    changeable = changeable_in_cells(spec, columns, view)
    return tuple(replace(_heading(column, query), field=changeable.get(column.key, "")) for column in columns)


def _heading(column: ListColumn, query: ListQuery) -> Heading:
    if column.ordering is None:
        return Heading(column.label, _css(column), "", "", "", 0)
    current = next((sort for sort in query.sorts if sort.key == column.key), None)
    target = Sort(column.key, not current.is_falling if current else column.is_falling_first)
    others = tuple(sort for sort in query.sorts if sort.key != column.key)
    can_follow = bool(column.ordering.fields and others)
    return Heading(
        label=column.label,
        css=_css(column),
        sort_url=query.address(sort=sorts_text((target,))),
        add_url=query.address(sort=sorts_text((*others, target))) if can_follow else "",
        direction=("descending" if current.is_falling else "ascending") if current else "",
        place=query.sorts.index(current) + 1 if current and len(query.sorts) > 1 else 0,
    )


def _filter_view(item: ListFilter, query: ListQuery, view: View) -> FilterView:
    value = query.chosen.get(item.key, "")
    offered = item.choices(view)
    clear_url = query.address(**{item.key: ""})
    if value:
        return FilterView(item.key, item.label, SafeString(""), dict(offered).get(value, value), clear_url)
    prefix = escape(f"{clear_url}&{item.key}=" if clear_url != "?" else f"?{item.key}=")
    links = (f'<a class="item" href="{prefix}{quote_plus(key)}">{escape(str(label))}</a>' for key, label in offered)
    return FilterView(item.key, item.label, SafeString("".join(links)), "", clear_url)
