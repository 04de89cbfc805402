"""The card of a record of any object: its fields, the panels of all capabilities, and the records that lead to it."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import Person, administers_everybody, people
from guanxi.platform.objects.own_records import favourites_among, note_opened
from guanxi.platform.objects.registry import (
    figures_of,
    listed_object,
    marks_of,
    required_verbs,
)
from guanxi.platform.objects.spec import Figure, ObjectSpec, View
from guanxi.platform.ui.lines import line_sections
from guanxi.platform.ui.lists import list_page
from guanxi.platform.ui.panels import LoadedPanel, loaded_panels
from guanxi.platform.ui.responses import is_fragment_request, leading_to, with_toast
from guanxi.platform.ui.tag_chips import RecordTags, card_tags

MOST_RELATED = 6


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows of one record."""

    spec: ObjectSpec
    record: models.Model
    owner: Person | None
    figures: tuple[Figure, ...]
    marks: tuple[str, ...]
    main: tuple[LoadedPanel, ...]
    side: tuple[LoadedPanel, ...]
    can_edit: bool
    can_trash: bool
    can_arrange: bool
    is_favourite: bool
    tags: RecordTags | None


@require_safe
def object_list(request: HttpRequest, key: str) -> HttpResponse:
    """The list of an object that has no page of its own making. Raises: NotFound("object.not_found"), AccessDenied."""
    spec = listed_object(key)
    if spec.list_url != request.path:
        return HttpResponseRedirect(spec.list_url)
    can_create = spec.verbs is not None and may(actor_of(request), spec.model, Action.CREATE)
    new_url = reverse("record_new", args=[key]) if can_create else ""
    label = _("New: %(object)s") % {"object": spec.label}
    return list_page(request, spec, extra={"create_url": new_url, "create_label": label})


@require_safe
def record_card(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """The card of a record. Raises: NotFound, AccessDenied."""
    spec = listed_object(key)
    if spec.detail_url is not None and spec.detail_url(record_id) != request.path:
        return HttpResponseRedirect(spec.detail_url(record_id))
    view = View(actor_of(request), timezone.localdate())
    card = card_of(spec, grant(view.actor, spec.model).live(record_id), view)
    count_reads(view.actor, ReadKind.VIEW)
    note_opened(key, record_id, actor=view.actor)
    return render(request, "ui/record.html", {"card": card})


@require_safe
def record_preview(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """The side panel's short card; as a page it is the card itself. Raises: NotFound, AccessDenied."""
    spec = listed_object(key)
    if not is_fragment_request(request) and spec.detail_url is not None:
        return HttpResponseRedirect(spec.detail_url(record_id))
    view = View(actor_of(request), timezone.localdate())
    record = grant(view.actor, spec.model).live(record_id)
    count_reads(view.actor, ReadKind.VIEW)
    context = {
        "spec": spec,
        "record": record,
        "url": spec.detail_url(record_id) if spec.detail_url else "",
        "lines": [line for part in line_sections(spec, record, view) for line in part.lines if not line.is_empty],
        "marks": [mark.load(record, view) for mark in marks_of(spec.key)],
        "tags": card_tags(spec.key, record, view),
        "panels": loaded_panels(spec, record, view, place="preview"),
    }
    return render(request, "ui/_record_preview.html", context)


@require_POST
def trash_one(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Put a record into the trash, with an undo. Raises: NotFound, AccessDenied."""
    spec = listed_object(key)
    required_verbs(spec).trash(record_id, actor=actor_of(request))
    undo_url = reverse("restore_record", args=[key, record_id])
    messages.success(request, _("Moved to the trash."), extra_tags=undo_url)
    return leading_to(request, spec.list_url)


@require_POST
def restore_one(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Take a record out of the trash. Raises: NotFound, AccessDenied."""
    spec = listed_object(key)
    required_verbs(spec).restore(record_id, actor=actor_of(request))
    if spec.detail_url is None:
        return with_toast(HttpResponse(status=204), _("Taken back."))
    messages.success(request, _("Taken back."))
    return leading_to(request, spec.detail_url(record_id))


def card_of(spec: ObjectSpec, record: models.Model, view: View) -> Card:
    """Everything the card of a record shows."""
    owner_id = getattr(record, "owner_id", None)
    figures = (source.load(record, view) for source in figures_of(spec.key))
    return Card(
        spec=spec,
        record=record,
        owner=people([owner_id]).get(owner_id) if owner_id else None,
        figures=tuple(figure for figure in figures if figure is not None),
        marks=tuple(SafeString(mark.load(record, view)) for mark in marks_of(spec.key)),
        main=loaded_panels(spec, record, view, place="main"),
        side=loaded_panels(spec, record, view, place="side"),
        can_edit=spec.verbs is not None and may_act_on(view.actor, record, Action.EDIT),
        can_trash=spec.verbs is not None and may_act_on(view.actor, record, Action.DELETE),
        can_arrange=administers_everybody(view.actor),
        is_favourite=record.pk in favourites_among(spec.key, [record.pk], actor=view.actor),
        tags=card_tags(spec.key, record, view),
    )
