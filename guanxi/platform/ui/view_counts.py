"""The counts beside the pinned views of a list, asked for after the page stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.listing import Counted, counted, searched
from guanxi.platform.objects.queries import views_of
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.ui.format import number
from guanxi.platform.ui.list_query import selection_of
from guanxi.platform.ui.saved_views import MOST_TABS, read_query_text


@require_safe
def view_counts(request: HttpRequest, key: str) -> HttpResponse:
    """How many records each pinned view has, one query for each. Raises: NotFound("object.not_found"), AccessDenied."""
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    pinned = [row for row in views_of(spec.key, view.actor)[:MOST_TABS] if row.is_pinned]
    counts = [(row.id, _words(spec, row.query, view)) for row in pinned]
    return render(request, "ui/_view_counts.html", {"counts": counts})


def _words(spec: ObjectSpec, query_text: str, view: View) -> str:
    """The count in words; "" for a view about fields that the person reads no more, or that are no more."""
    try:
        found = _counted(spec, query_text, view)
    except RuleViolation:
        return ""
    return f"{number(found.count)}+" if found.is_capped else number(found.count)


def _counted(spec: ObjectSpec, query_text: str, view: View) -> Counted:
    query = read_query_text(spec, query_text)
    words = searched(spec, query.words, view)
    return counted(selection_of(spec, query, permission=grant(view.actor, spec.model), found=words), words)
