"""The acts on a row: done, later, not useful, undo, and taking more on. Each answers a form or htmx."""

import json
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from guanxi.care.commands import complete_row, reject_row, snooze_row, take_more, undo_row
from guanxi.care.queries import queue_row
from guanxi.care.views.later import days_until
from guanxi.care.views.today import day_view
from guanxi.customers.facade import account_rows
from guanxi.kernel.actor import Actor
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.responses import is_fragment_request, with_toast

MORE = 3


@require_POST
def complete(request: HttpRequest, row_id: int) -> HttpResponse:
    """The customer was contacted."""
    actor = actor_of(request)
    note = request.POST.get("note", "")[:5000]
    complete_row(row_id, channel=request.POST.get("channel", ""), note=note, actor=actor)
    message = _("Contact with %(name)s recorded") % {"name": _name(actor, row_id)}
    return _answer(request, message, undo_id=row_id)


@require_POST
def snooze(request: HttpRequest, row_id: int) -> HttpResponse:
    """Put the customer off: tomorrow, or until the day that was chosen."""
    actor, today = actor_of(request), timezone.localdate()
    days = days_until(request.POST.get("until", ""), today=today)
    snooze_row(row_id, days=days, actor=actor)
    day = formats.relative_day(today + timedelta(days=days), today=today)
    message = _("%(name)s comes back %(day)s") % {"name": _name(actor, row_id), "day": day}
    return _answer(request, message, undo_id=row_id)


@require_POST
def reject(request: HttpRequest, row_id: int) -> HttpResponse:
    """The row was not useful, and why."""
    actor = actor_of(request)
    reject_row(row_id, answer=request.POST.get("answer", ""), actor=actor)
    message = _("%(name)s: noted, the ranking learns from it") % {"name": _name(actor, row_id)}
    return _answer(request, message, undo_id=row_id)


@require_POST
def undo(request: HttpRequest, row_id: int) -> HttpResponse:
    """Take a decision back."""
    undo_row(row_id, actor=actor_of(request))
    return _answer(request, _("Back in the queue"))


@require_POST
def more(request: HttpRequest) -> HttpResponse:
    """Take the next customers on."""
    count = take_more(timezone.localdate(), count=MORE, actor=actor_of(request))
    sentence = ngettext("%(count)s more customer", "%(count)s more customers", count)
    return _answer(request, sentence % {"count": count} if count else _("Nobody else is waiting"))


def _answer(request: HttpRequest, message: str, *, undo_id: int | None = None) -> HttpResponse:
    """The queue as it now is with a toast; without a script, back to the page.

    A request that did not come from the queue (the toast's undo) tells the page to load it anew.
    """
    undo_url = reverse("today_undo", args=[undo_id]) if undo_id else ""
    if not is_fragment_request(request):
        return HttpResponseRedirect(reverse("today"), status=303)
    if request.headers.get("HX-Target") != "today":
        response = HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"queue": {}})})
    else:
        day = day_view(actor_of(request), timezone.localdate(), chosen=request.POST.get("reason", ""))
        response = render(request, "care/_today.html", {"day": day})
    return with_toast(response, message, undo_url=undo_url)


def _name(actor: Actor, row_id: int) -> str:
    account_id = queue_row(actor, row_id).account_id
    return account_rows(actor, [account_id])[account_id].label
