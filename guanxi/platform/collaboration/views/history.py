"""The history of a record, and giving former values back."""

import re
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.kernel.errors import NotFound
from guanxi.platform.access.urls import actor_of
from guanxi.platform.collaboration.commands.restoring import restore_values
from guanxi.platform.collaboration.history import LARGEST_ID, Place, has_history, history_of
from guanxi.platform.collaboration.queries import object_of, record_url, seen_record
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.fields import posted_version
from guanxi.platform.ui.responses import is_fragment_request, leading_to, page_or_fragment

ON_A_CARD = 5
PLACE = re.compile(r"([0-9]{1,10}\.[0-9]{6})_([0-9]{1,10})")


@require_safe
def history_page(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Who changed a record, what, when, from where; for a card the last few changes."""
    actor = actor_of(request)
    record = seen_record(key, record_id, actor)
    spec = object_of(record)
    if not has_history(spec):
        raise NotFound("history.none", "Nothing is kept of former values here.")
    view = View(actor, timezone.localdate())
    if is_fragment_request(request):
        found = history_of(spec, record, view, limit=ON_A_CARD)
    else:
        found = history_of(spec, record, view, before=_place(request.GET.get("before", "")))
    context = {
        "history": found,
        "key": key,
        "record_id": record_id,
        "version": getattr(record, "version", ""),
        "heading": str(record),
        "back_url": record_url(spec, record_id),
    }
    return page_or_fragment(
        request,
        page="collaboration/history.html",
        fragment="collaboration/_history_short.html",
        context=context,
    )


@require_POST
def restore(request: HttpRequest, key: str, record_id: int, event_id: int) -> HttpResponse:
    """Give a record back what it was before a change: one field, or all of it; the toast takes it back."""
    actor = actor_of(request)
    before = _newest(key, record_id, request)
    field, version = request.POST.get("field", ""), posted_version(request)
    restore_values(key, record_id, event_id=event_id, field=field, version=version, actor=actor)
    newest = _newest(key, record_id, request)
    undo_url = reverse("restore_version", args=[key, record_id, newest]) if newest > before else ""
    messages.success(request, _("Brought back."), extra_tags=undo_url)
    return leading_to(request, reverse("history", args=[key, record_id]))


def _newest(key: str, record_id: int, request: HttpRequest) -> int:
    """The newest row of a record's history that the reader may see, 0 for none."""
    record = seen_record(key, record_id, actor_of(request))
    found = history_of(object_of(record), record, View(actor_of(request), timezone.localdate()), limit=1)
    return found.happenings[0].event_id if found.happenings else 0


def _place(text: str) -> Place | None:
    """The place in an address; None for what is none."""
    found = PLACE.fullmatch(text)
    return Place(datetime.fromtimestamp(float(found[1]), UTC), min(int(found[2]), LARGEST_ID)) if found else None
