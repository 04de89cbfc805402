"""The panels of a card: those that stand on every card, all of one place, and one by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from guanxi.kernel.errors import NotFound
from guanxi.platform.access.grant import grant
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.layouts import layout_for
from guanxi.platform.objects.registry import listed_object, panels_of
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.ui.lines import line_sections
from guanxi.platform.ui.related import related_to
from guanxi.platform.ui.responses import is_fragment_request


@dataclass(frozen=True, slots=True)
class LoadedPanel:
    """One panel with the context of its template."""

    key: str
    template: str
    context: Mapping[str, object]


def loaded_panels(spec: ObjectSpec, record: models.Model, view: View, *, place: str) -> tuple[LoadedPanel, ...]:
    """The panels of one place that have something to show, as they are arranged for the person."""
    panels = layout_for(spec.key, view.actor).panels_at(place, panels_of(spec.key))
    found = ((panel, panel.load(record, view)) for panel in panels)
    return tuple(LoadedPanel(panel.key, panel.template, data) for panel, data in found if data is not None)


def fields_panel(record: models.Model, view: View) -> Mapping[str, object]:
    """The fields of a record, each changed where it stands."""
    return {"sections": line_sections(_spec_of(record), record, view)}


def related_panel(record: models.Model, view: View) -> Mapping[str, object] | None:
    """The records of other objects that lead to this one, but for those that a panel of their own shows."""
    spec = _spec_of(record)
    shown = {key for panel in panels_of(spec.key) for key in panel.shows}
    found = related_to(spec, record, view, but=shown)
    return {"related": found} if found else None


def _spec_of(record: models.Model) -> ObjectSpec:
    return listed_object(protection_of(type(record)).key)


@require_safe
def record_panel(request: HttpRequest, key: str, record_id: int, panel: str) -> HttpResponse:
    """One panel of the card by itself, to show it anew; as a page it is its place on the card.

    Raises: NotFound, AccessDenied.
    """
    spec = listed_object(key)
    if not is_fragment_request(request) and spec.detail_url is not None:
        return HttpResponseRedirect(f"{spec.detail_url(record_id)}#{panel}")
    record = grant(actor_of(request), spec.model).live(record_id)
    return render_panel(request, spec, record, key=panel, has_focus="focus" in request.GET)


def render_panel(
    request: HttpRequest, spec: ObjectSpec, record: models.Model, *, key: str, has_focus: bool = False
) -> HttpResponse:
    """The fragment of one panel; its heading takes the focus if `has_focus`.

    Raises: NotFound("panel.not_found") when the card has no such panel or it has nothing to show.
    """
    view = View(actor_of(request), timezone.localdate())
    found = next((panel for panel in panels_of(spec.key) if panel.key == key), None)
    context = found.load(record, view) if found else None
    if found is None or context is None:
        raise NotFound("panel.not_found", "The card has no such part.")
    return render(request, found.template, {"panel": context, "record": record, "spec": spec, "has_focus": has_focus})
