"""The calendar of any object with a field of days: a month of its records, filtered as the list is."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from guanxi.kernel.errors import NotFound
from guanxi.platform.access.grant import grant
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.conditions import Condition, Group, Operator, Where, parse_where, where_text
from guanxi.platform.objects.fields import ObjectField, readable
from guanxi.platform.objects.listing import Sort, page_ids, searched
from guanxi.platform.objects.registry import fields_of, listed_object
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.filters import chips
from guanxi.platform.ui.list_query import ListQuery, read_query, selection_of
from guanxi.platform.ui.lists import records_by_id
from guanxi.platform.ui.responses import page_or_fragment
from guanxi.platform.ui.ways import ways_of

MOST_SHOWN = 4
MOST_RECORDS = 2_000
WEEK = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """One record on its day; `clock` is the time of day where it is known."""

    name: str
    url: str
    clock: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the month's weeks; `more` are the entries that are not shown, all of which `url` lists."""

    day: date
    is_today: bool
    is_outside: bool
    entries: tuple[Entry, ...]
    more: int
    url: str

    @property
    def weekday(self) -> str:
        """The day of the week, which a phone shows beside the day."""
        return formats.weekday(self.day)


@require_safe
def calendar_page(request: HttpRequest, key: str) -> HttpResponse:
    """One month. Raises: NotFound("calendar.not_found") when the object has none or its field may not be read."""
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    known = readable(fields_of(spec), view.actor)
    field = next((item for item in known if item.key == spec.calendar_field), None)
    if field is None:
        raise NotFound("calendar.not_found", "There is no such calendar.")
    query = read_query(request.GET, spec)
    month = month_of(request.GET.get("month", ""), view.today)
    weeks = weeks_of(spec, field, query, month=month, view=view)
    context = {
        "spec": spec,
        "weeks": weeks,
        "is_free": not any(day.entries for week in weeks for day in week if not day.is_outside),
        "names": [formats.weekday(day) for day in _week(month)],
        "month": month,
        "previous_url": query.address(month=_text(month - timedelta(days=1))),
        "next_url": query.address(month=_text(_last(month) + timedelta(days=1))),
        "today_url": query.address(),
        "chips": chips(spec, query, view=view),
        "ways": ways_of(spec, query, current="calendar"),
    }
    return page_or_fragment(request, page="ui/calendar.html", fragment="ui/_calendar.html", context=context)


def month_of(text: str, today: date) -> date:
    """The first day of the month "2026-11"; of this one when the text is no month."""
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  # a day without a zone
    except ValueError:
        return today.replace(day=1)
    return found if 1900 < found.year < 2200 else today.replace(day=1)


def weeks_of(
    spec: ObjectSpec, field: ObjectField, query: ListQuery, *, month: date, view: View
) -> tuple[tuple[Day, ...], ...]:
    """The weeks of a month, Monday first, with what stands on each day."""
    first = month - timedelta(days=month.weekday())
    last = _last(month) + timedelta(days=WEEK - 1 - _last(month).weekday())
    found = _entries(spec, field, query, first=first, last=last, view=view)
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    shown = [_day(day, field, query, found.get(day, ()), month=month, view=view) for day in days]
    return tuple(tuple(shown[start : start + WEEK]) for start in range(0, len(shown), WEEK))


def _day(day: date, field: ObjectField, query: ListQuery, entries: Sequence[Entry], *, month: date, view: View) -> Day:
    where = _with(query, Condition(field.key, Operator.IS, (day.isoformat(),)))
    return Day(
        day=day,
        is_today=day == view.today,
        is_outside=day.month != month.month,
        entries=tuple(entries[:MOST_SHOWN]),
        more=max(0, len(entries) - MOST_SHOWN),
        url=query.address(where=where_text(where)),
    )


def _entries(
    spec: ObjectSpec, field: ObjectField, query: ListQuery, *, first: date, last: date, view: View
) -> dict[date, list[Entry]]:
    """What stands on the days from first to last, in the order of time; at most MOST_RECORDS."""
    permission = grant(view.actor, spec.model)
    words = searched(spec, query.words, view)
    selection = selection_of(spec, query, permission=permission, found=words)
    after = Condition(field.key, Operator.AFTER, ((first - timedelta(days=1)).isoformat(),))
    before = Condition(field.key, Operator.BEFORE, ((last + timedelta(days=1)).isoformat(),))
    parts: tuple[Where, ...] = (after, before)
    where = Group(False, parts if selection.where is None else (selection.where, *parts))
    selection = replace(selection, where=where, sorts=(Sort(field.key, False),))
    ids = page_ids(selection, words, offset=0, limit=MOST_RECORDS)
    found: dict[date, list[Entry]] = {}
    for row in records_by_id(permission, ids, columns=("id", *spec.titles, field.read_column)):
        value = field.value_of(row)
        moment = timezone.localtime(value) if isinstance(value, datetime) else None
        url = spec.detail_url(row.pk) if spec.detail_url is not None else ""
        entry = Entry(str(row), url, formats.clock(moment) if moment is not None else "")
        found.setdefault(moment.date() if moment is not None else value, []).append(entry)
    return found


def _with(query: ListQuery, condition: Condition) -> Where:
    from_list = parse_where(query.where)
    return Group(False, (from_list, condition)) if from_list is not None else Group(False, (condition,))


def _week(month: date) -> list[date]:
    monday = month - timedelta(days=month.weekday())
    return [monday + timedelta(days=count) for count in range(WEEK)]


def _last(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _text(day: date) -> str:
    return f"{day.year}-{day.month:02}"
