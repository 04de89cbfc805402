"""The list page of any object: reads its spec, pages on the server, sorts, filters, searches.

Two steps keep far pages fast: the ids of the page come from an index alone, then only those rows are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from guanxi.platform.access.grant import Grant, grant
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.registry import columns_of, filters_of
from guanxi.platform.objects.spec import Label, ListColumn, ListFilter, ObjectSpec, View, Visible
from guanxi.platform.ui.responses import page_or_fragment

PAGE_SIZE = 50
COUNT_CAP = 1_000


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address asks for; `page` counts from 1, `chosen` maps filter keys to values."""

    words: str
    sort: str
    is_falling: bool
    page: int
    chosen: Mapping[str, str]

    def address(self, **changes: str) -> str:
        """The query string of this list with some parameters changed; "" removes one. Starts again at page 1."""
        parameters = {
            "q": self.words,
            "sort": f"-{self.sort}" if self.is_falling else self.sort,
            **self.chosen,
        }
        parameters.update(changes)
        return "?" + urlencode({key: value for key, value in parameters.items() if value})


@dataclass(frozen=True, slots=True)
class Heading:
    """One column head; `sort_url` is empty when it cannot be sorted by, `direction` is aria-sort's word."""

    label: Label
    css: str
    sort_url: str
    direction: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with the address that chooses it."""

    label: Label
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FilterView:
    """One filter as the page shows it; `chosen` is the label of its value, "" when it is open."""

    key: str
    label: Label
    choices: tuple[Choice, ...]
    chosen: Label
    clear_url: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row with its cells as safe HTML: a template variable per cell would cost half of the page's time."""

    id: int
    preview_url: str
    markup: SafeString


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of a list. `count` is capped; `is_count_capped` says that there are more."""

    spec: ObjectSpec
    query: ListQuery
    headings: tuple[Heading, ...]
    rows: tuple[ListRow, ...]
    filters: tuple[FilterView, ...]
    count: int
    is_count_capped: bool
    first: int
    last: int
    previous_url: str
    next_url: str
    clear_url: str

    @property
    def has_preview(self) -> bool:
        """Whether rows have a preview for the side panel."""
        return self.spec.preview_url is not None

    @property
    def has_search(self) -> bool:
        """Whether the list can be searched by words."""
        return self.spec.search is not None


def list_page(request: HttpRequest, spec: ObjectSpec, *, extra: Mapping[str, object] | None = None) -> HttpResponse:
    """Answer a list's address with its page, or its table alone for htmx."""
    view = View(actor_of(request), timezone.localdate())
    found = list_view(spec, read_query(request, spec), view=view)
    context = {"list": found, **(extra or {})}
    return page_or_fragment(request, page="ui/list.html", fragment="ui/_list.html", context=context)


def read_query(request: HttpRequest, spec: ObjectSpec) -> ListQuery:
    """Read the address; what it does not know is ignored."""
    sort = request.GET.get("sort") or spec.default_sort
    page = request.GET.get("page", "1")[:8]
    known = {item.key for item in filters_of(spec)}
    return ListQuery(
        words=_plain(request.GET.get("q", "")),
        sort=sort.removeprefix("-"),
        is_falling=sort.startswith("-"),
        page=min(int(page), 1_000_000) if page.isascii() and page.isdigit() and int(page) else 1,
        chosen={key: _plain(str(value)) for key, value in request.GET.items() if key in known and _plain(str(value))},
    )


def _plain(text: str) -> str:
    """What the database can be asked for: no NUL, no blanks around it, no novel."""
    return text.strip().replace("\x00", "")[:100]


def list_view(spec: ObjectSpec, query: ListQuery, *, view: View) -> ListView:
    """Everything one page of a list shows; a fixed number of queries."""
    permission = grant(view.actor, spec.model)
    columns = _readable(columns_of(spec), permission)
    filters = filters_of(spec)
    visible = _narrowed(permission.queryset(), spec=spec, query=query, view=view, filters=filters)
    offset = (query.page - 1) * PAGE_SIZE
    ids = _page_ids(visible, query=query, columns=columns, offset=offset)
    has_more, ids = len(ids) > PAGE_SIZE, ids[:PAGE_SIZE]
    count = _count(visible, offset=offset, page_length=len(ids), has_more=has_more)
    return ListView(
        spec=spec,
        query=query,
        headings=tuple(_heading(column, query) for column in columns),
        rows=_rows(spec, permission, ids=ids, columns=columns, view=view),
        filters=tuple(
            _filter_view(item, query, view) for item in filters if item.is_offered or item.key in query.chosen
        ),
        count=min(count, max(COUNT_CAP, offset + len(ids))),
        is_count_capped=count > COUNT_CAP,
        first=offset + 1 if ids else 0,
        last=offset + len(ids),
        previous_url=query.address(page=str(query.page - 1)) if query.page > 1 else "",
        next_url=query.address(page=str(query.page + 1)) if has_more else "",
        clear_url="?",
    )


def _readable(columns: tuple[ListColumn, ...], permission: Grant[Any]) -> tuple[ListColumn, ...]:
    return tuple(
        column for column in columns if not column.field or permission.field_access(column.field) > FieldAccess.HIDDEN
    )


def _narrowed(
    visible: Visible, *, spec: ObjectSpec, query: ListQuery, view: View, filters: tuple[ListFilter, ...]
) -> Visible:
    if hasattr(spec.model, "trashed_at"):
        visible = visible.filter(trashed_at__isnull=True)
    for item in filters:
        if item.key in query.chosen:
            visible = item.narrow(visible, query.chosen[item.key], view)
    if query.words and spec.search is not None:
        found = spec.search(query.words, view.actor)
        visible = visible.none() if found is None else visible.filter(pk__in=found)
    return visible


def _page_ids(visible: Visible, *, query: ListQuery, columns: tuple[ListColumn, ...], offset: int) -> list[int]:
    """The ids of the page and one more, which tells whether there is a next page."""
    column = next((item for item in columns if item.key == query.sort and item.ordering), None)
    ordering = column.ordering if column else None
    limit = PAGE_SIZE + 1
    if ordering is not None and ordering.page_ids is not None:
        return ordering.page_ids(visible, query.is_falling, offset, limit)
    fields = (*(ordering.fields if ordering else ()), "pk")
    order = [f"-{name}" if query.is_falling else name for name in fields]
    return list(visible.order_by(*order).values_list("pk", flat=True)[offset : offset + limit])


def _count(visible: Visible, *, offset: int, page_length: int, has_more: bool) -> int:
    """The number of rows, counted only when this page does not tell and never far beyond the cap."""
    if not has_more and (page_length or not offset):
        return offset + page_length
    return int(visible.order_by()[: COUNT_CAP + 1].count())


def _rows(
    spec: ObjectSpec, permission: Grant[Any], *, ids: list[int], columns: tuple[ListColumn, ...], view: View
) -> tuple[ListRow, ...]:
    by_id = {row.pk: row for row in permission.queryset().filter(pk__in=ids).only(*spec.list_fields)}
    records = [by_id[record_id] for record_id in ids if record_id in by_id]
    rendered = [column.cells(records, view) for column in columns]
    heads = [f'<td class="{_css(column)}">' for column in columns]
    return tuple(
        ListRow(
            id=record.pk,
            preview_url=spec.preview_url(record.pk) if spec.preview_url else "",
            markup=_row_markup(heads, cells),
        )
        for record, cells in zip(records, zip(*rendered, strict=True), strict=True)
    )


def _row_markup(heads: list[str], cells: tuple[str, ...]) -> SafeString:
    """The cells of a row; what a column did not mark as safe is escaped."""
    pairs = zip(heads, cells, strict=True)
    return SafeString("".join(f"{head}{conditional_escape(cell)}</td>" for head, cell in pairs))


def _css(column: ListColumn) -> str:
    names = (
        "r num" if column.is_number else "",
        "" if column.is_shown_on_phone else "no-p",
        "" if column.is_shown_when_narrow else "no-n",
    )
    return " ".join(name for name in names if name)


def _heading(column: ListColumn, query: ListQuery) -> Heading:
    is_current = column.key == query.sort
    falls_next = not query.is_falling if is_current else column.is_falling_first
    target = f"-{column.key}" if falls_next else column.key
    direction = "descending" if query.is_falling else "ascending"
    return Heading(
        label=column.label,
        css=_css(column),
        sort_url=query.address(sort=target) if column.ordering else "",
        direction=direction if is_current and column.ordering else "",
    )


def _filter_view(item: ListFilter, query: ListQuery, view: View) -> FilterView:
    value = query.chosen.get(item.key, "")
    offered = item.choices(view)
    choices = tuple(Choice(label, query.address(**{item.key: key}), key == value) for key, label in offered)
    chosen = next((choice.label for choice in choices if choice.is_chosen), value)
    return FilterView(item.key, item.label, choices, chosen, query.address(**{item.key: ""}))
