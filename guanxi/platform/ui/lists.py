"""The list page of any object: reads its spec, pages on the server, sorts, filters, searches.

Two steps keep far pages fast: the ids of the page come from an index alone, then only those rows are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from guanxi.platform.access.grant import Grant, grant
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.listing import Counted, Selection, counted, page_ids, searched
from guanxi.platform.objects.registry import columns_of, filters_of
from guanxi.platform.objects.spec import Label, ListColumn, ListFilter, ObjectSpec, View
from guanxi.platform.ui.responses import page_or_fragment

PAGE_SIZE = 50


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
    """A page of a list. `count` is capped; `is_count_capped` says that there are more.

    `rows` is the markup of the table's rows: a template variable per cell would cost half of the page's time.
    """

    spec: ObjectSpec
    query: ListQuery
    headings: tuple[Heading, ...]
    rows: SafeString
    first_preview_url: str
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
    found = searched(spec, query.words, view)
    selection = Selection(
        object_key=spec.key,
        permission=permission,
        chosen=tuple(query.chosen.items()),
        sort=query.sort if any(item.key == query.sort for item in columns) else "",
        is_falling=query.is_falling,
        today=view.today,
        is_searched=found is not None and found.many is None,
    )
    offset = (query.page - 1) * PAGE_SIZE
    ids = page_ids(selection, found, offset=offset, limit=PAGE_SIZE + 1)
    has_more, ids = len(ids) > PAGE_SIZE, ids[:PAGE_SIZE]
    is_known = not has_more and (ids or not offset)  # the last page tells how many there are
    total = Counted(offset + len(ids), False) if is_known else counted(selection, found)
    return ListView(
        spec=spec,
        query=query,
        headings=tuple(_heading(column, query) for column in columns),
        rows=_rows(spec, permission, ids=ids, columns=columns, view=view),
        first_preview_url=spec.preview_url(ids[0]) if spec.preview_url and ids else "",
        filters=tuple(
            _filter_view(item, query, view) for item in filters_of(spec) if item.is_offered or item.key in query.chosen
        ),
        count=max(total.count, offset + len(ids)),
        is_count_capped=total.is_capped,
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


def _rows(
    spec: ObjectSpec, permission: Grant[Any], *, ids: list[int], columns: tuple[ListColumn, ...], view: View
) -> SafeString:
    by_id = {row.pk: row for row in _records_of(spec.list_fields)(permission, ids=ids)}
    records = [by_id[record_id] for record_id in ids if record_id in by_id]
    rendered = [column.cells(records, view) for column in columns]
    heads = [f'<td class="{_css(column)}">' for column in columns]
    return SafeString(
        "".join(
            _row_markup(spec.preview_url(record.pk) if spec.preview_url else "", heads, cells)
            for record, cells in zip(records, zip(*rendered, strict=True), strict=True)
        )
    )


@cache
def _records_of(fields: tuple[str, ...]) -> Prepared[Grant[Any]]:
    return Prepared(lambda permission: permission.queryset().filter(Among("pk", "ids")).only(*fields))


def _row_markup(preview_url: str, heads: list[str], cells: tuple[str, ...]) -> str:
    """One row, which fetches its preview when it gets the focus; what a column did not mark as safe is escaped."""
    preview = f' hx-get="{preview_url}" hx-trigger="focus delay:120ms" hx-target="#preview"' if preview_url else ""
    shown = (
        f"{head}{cell if isinstance(cell, SafeString) else escape(cell)}</td>"
        for head, cell in zip(heads, cells, strict=True)
    )
    return f'<tr data-row tabindex="-1"{preview}>{"".join(shown)}</tr>\n'


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
    clear_url = query.address(**{item.key: ""})
    if value:
        return FilterView(item.key, item.label, SafeString(""), dict(offered).get(value, value), clear_url)
    prefix = escape(f"{clear_url}&{item.key}=" if clear_url != "?" else f"?{item.key}=")
    links = (f'<a class="item" href="{prefix}{quote_plus(key)}">{escape(str(label))}</a>' for key, label in offered)
    return FilterView(item.key, item.label, SafeString("".join(links)), "", clear_url)
