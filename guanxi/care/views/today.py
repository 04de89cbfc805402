"""The Today page, its open row, and what the day holds back."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from guanxi.care.choices import REASONS, RowState
from guanxi.care.models import QueueRow
from guanxi.care.queries import capacity_of, queue_row, queue_rows, state_counts
from guanxi.care.views.presenting import WHEN, WHY, known_of, row_view, row_views
from guanxi.care.views.row import RowView
from guanxi.care.views.wording import lunar_text
from guanxi.kernel.actor import Actor
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui.responses import is_fragment_request, page_or_fragment

COMING_ROWS = 5
HELD_ROWS = 200
HELD_STATES = (RowState.LATER, RowState.AUTOMATIC)


@dataclass(frozen=True, slots=True)
class ReasonChip:
    """One filter by reason with its count."""

    key: str
    label: str | Promise
    icon: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DayView:
    """The whole page. Bars are shares of the day's capacity in per cent."""

    today: date
    lunar: str
    contacts: int
    done: int
    left: int
    minutes_left: int
    done_share: float
    planned_share: float
    later: int
    automatic: int
    chips: tuple[ReasonChip, ...]
    rows: list[RowView]
    coming: list[RowView]
    chosen: str
    is_planned: bool


@require_safe
def today_page(request: HttpRequest) -> HttpResponse:
    """Today's queue; `?reason=` narrows it, `?row=` opens a row, `?why=1` and `?later=1` ask about it."""
    day = day_view(
        actor_of(request),
        timezone.localdate(),
        chosen=request.GET.get("reason", ""),
        opened_id=_number(request.GET.get("row", "")),
        asks=_asked(request),
    )
    return page_or_fragment(request, page="care/today.html", fragment="care/_today.html", context={"day": day})


@require_safe
def row_part(request: HttpRequest, row_id: int) -> HttpResponse:
    """One open row; a browser without a script goes to the page with this row open."""
    if not is_fragment_request(request):
        asks = _asked(request)
        return HttpResponseRedirect(f"/?row={row_id}" + (f"&{asks}=1" if asks else ""), status=303)
    actor, today = actor_of(request), timezone.localdate()
    row = queue_row(actor, row_id)
    variant = _number(request.GET.get("variant", ""))
    if variant:
        row.variant = variant
    known = known_of(actor, [row], today=today)
    place = _number(request.GET.get("place", "")) or row.rank
    shown = row_view(row, place=place, known=known, is_open=True, asks=_asked(request))
    return render(request, "care/_row.html", {"row": shown, "is_part": True})


@require_safe
def held_page(request: HttpRequest, state: str) -> HttpResponse:
    """The customers that did not fit into the day, and why."""
    if state not in HELD_STATES:
        raise Http404
    actor, today = actor_of(request), timezone.localdate()
    rows = queue_rows(actor, today, states=[RowState(state)], limit=HELD_ROWS)
    known = known_of(actor, rows, today=today)
    counts = state_counts(actor, today)
    count = counts[state].rows if state in counts else 0
    context = {
        "rows": row_views(rows, known=known),
        "state": state,
        "count": count,
        "is_cut": count > HELD_ROWS,
    }
    return render(request, "care/held.html", context)


def day_view(actor: Actor, today: date, *, chosen: str = "", opened_id: int | None = None, asks: str = "") -> DayView:
    """The page's content; the number of queries does not depend on the number of rows."""
    rows = queue_rows(actor, today, states=[RowState.OPEN])
    counts = state_counts(actor, today)
    capacity = capacity_of(actor)
    done = counts[RowState.DONE].rows if RowState.DONE in counts else 0
    shown = [row for row in rows if not chosen or row.reason == chosen]
    coming = [] if shown else queue_rows(actor, today, states=HELD_STATES, limit=COMING_ROWS)
    known = known_of(actor, [*shown, *coming], today=today)
    opened = next((row.pk for row in shown if row.pk == opened_id), shown[0].pk if shown else None)
    whole = max(capacity.contacts, done + len(rows), 1)
    return DayView(
        today=today,
        lunar=lunar_text(today),
        contacts=max(capacity.contacts, done + len(rows)) if rows or not done else done,
        done=done,
        left=len(rows),
        minutes_left=counts[RowState.OPEN].minutes if RowState.OPEN in counts else 0,
        done_share=100 * done / whole,
        planned_share=100 * (done + len(rows)) / whole,
        later=counts[RowState.LATER].rows if RowState.LATER in counts else 0,
        automatic=counts[RowState.AUTOMATIC].rows if RowState.AUTOMATIC in counts else 0,
        chips=_chips(rows, chosen),
        rows=[
            row_view(row, place=place, known=known, is_open=row.pk == opened, asks=asks)
            for place, row in enumerate(shown, start=1)
            if row.account_id in known.accounts
        ],
        coming=row_views(coming, known=known),
        chosen=chosen,
        is_planned=bool(counts),
    )


def _chips(rows: list[QueueRow], chosen: str) -> tuple[ReasonChip, ...]:
    counted = Counter(row.reason for row in rows)
    return tuple(
        ReasonChip(reason.key, reason.short, reason.icon, counted[reason.key], reason.key == chosen)
        for reason in REASONS.values()
        if counted[reason.key]
    )


def _asked(request: HttpRequest) -> str:
    """What the open row asks: why it is not useful, until when it is put off, or nothing."""
    return next((question for question in (WHY, WHEN) if request.GET.get(question)), "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
