"""The card of a record of any object: its fields, the panels of all capabilities, and the records that lead to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant, may, may_act_on
from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.access.prepared import Prepared, Slot
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import Person, people
from guanxi.platform.objects.checks import shown_and_required
from guanxi.platform.objects.conditions import Condition, Operator, where_text
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.own_records import favourites_among, note_opened
from guanxi.platform.objects.registry import (
    fields_of,
    figures_of,
    listed_object,
    marks_of,
    object_specs,
    panels_of,
    required_verbs,
)
from guanxi.platform.objects.rollups import RolledField, rolled_fields, rolled_values
from guanxi.platform.objects.spec import Figure, Label, ObjectSpec, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.lists import list_page
from guanxi.platform.ui.responses import is_fragment_request, leading_to, with_toast
from guanxi.platform.ui.values import amount_in, cells, file_url, texts, title_columns, title_of

MOST_RELATED = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One field on the card: `edit_url` changes it in place, "" for who may not; `note` stands behind an amount.

    `is_file` says that it holds a file, which `link_url` opens.
    """

    key: str
    label: Label
    text: str
    is_long: bool
    edit_url: str
    link_url: str = ""
    note: str = ""
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class LoadedPanel:
    """One panel with the context of its template."""

    key: str
    template: str
    context: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Related:
    """The records of another object that lead to this one by a field: a few, and where all of them are."""

    label: Label
    icon: str
    records: tuple[tuple[str, str], ...]
    has_more: bool
    list_url: str
    new_url: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows of one record."""

    spec: ObjectSpec
    record: models.Model
    lines: tuple[Line, ...]
    owner: Person | None
    figures: tuple[Figure, ...]
    marks: tuple[str, ...]
    main: tuple[LoadedPanel, ...]
    side: tuple[LoadedPanel, ...]
    related: tuple[Related, ...]
    can_edit: bool
    can_trash: bool
    is_favourite: bool


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
        "lines": [line for line in lines_of(spec, record, view) if line.text != "—"],
        "marks": [mark.load(record, view) for mark in marks_of(spec.key)],
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
        lines=lines_of(spec, record, view),
        owner=people([owner_id]).get(owner_id) if owner_id else None,
        figures=tuple(figure for figure in figures if figure is not None),
        marks=tuple(SafeString(mark.load(record, view)) for mark in marks_of(spec.key)),
        main=loaded_panels(spec, record, view, place="main"),
        side=loaded_panels(spec, record, view, place="side"),
        related=related_to(spec, record, view),
        can_edit=spec.verbs is not None and may_act_on(view.actor, record, Action.EDIT),
        can_trash=spec.verbs is not None and may_act_on(view.actor, record, Action.DELETE),
        is_favourite=record.pk in favourites_among(spec.key, [record.pk], actor=view.actor),
    )


def lines_of(spec: ObjectSpec, record: models.Model, view: View) -> tuple[Line, ...]:
    """The fields of a record that the person may read, but for its name and those that its values hide."""
    can_edit = spec.verbs is not None and may_act_on(view.actor, record, Action.EDIT)
    shown, _required = shown_and_required(spec, lambda item: None if item.beside else item.value_of(record))
    ordered = sorted(fields_of(spec), key=lambda item: not item.is_editable)  # what the program keeps comes last
    own = tuple(
        line_of(spec, item, record, view, can_edit=can_edit)
        for item in ordered
        if item.beside is None
        and item.key in shown
        and item.column != spec.title
        and item.access(view.actor) > FieldAccess.HIDDEN
    )
    return (*own, *rolled_lines(spec, record, view))


def rolled_lines(spec: ObjectSpec, record: models.Model, view: View) -> tuple[Line, ...]:
    """The roll-ups of a record that the person may read; one query for each."""
    return tuple(
        _rolled_line(rolled, rolled_values(rolled, [record.pk], view.actor)[record.pk], view)
        for rolled in rolled_fields(spec, view.actor)
    )


def _rolled_line(rolled: RolledField, value: object, view: View) -> Line:
    item = rolled.item
    if rolled.missing:
        return Line(item.key, item.label, f"{formats.MISSING} {rolled.problem}", is_long=False, edit_url="")
    if item.kind is not FieldType.MONEY:
        return Line(item.key, item.label, texts(item, [value], view)[0], is_long=False, edit_url="")
    amount = amount_in(item, value, view)
    return Line(item.key, item.label, amount.text, is_long=False, edit_url="", note=amount.note)


def line_of(spec: ObjectSpec, item: ObjectField, record: models.Model, view: View, *, can_edit: bool) -> Line:
    """One field of a record in words, with where it is changed."""
    is_editable = can_edit and item.is_editable and item.access(view.actor) >= FieldAccess.WRITE
    link_url = ""
    text = cells(item, [record], view)[0]
    if item.target and item.access(view.actor) >= FieldAccess.READ and text != "—":
        target = listed_object(item.target)
        link_url = target.detail_url(item.value_of(record)) if target.detail_url else ""
    is_file = item.kind is FieldType.FILE
    if is_file and item.access(view.actor) >= FieldAccess.READ and text != formats.MISSING:
        link_url = file_url(spec.key, record.pk, item.key)
    edit_url = reverse("record_field", args=[spec.key, record.pk, item.key]) if is_editable else ""
    note = ""
    if item.kind is FieldType.MONEY and item.access(view.actor) >= FieldAccess.READ:
        amount = amount_in(item, item.value_of(record), view)
        text, note = amount.text, amount.note
    return Line(item.key, item.label, text, item.kind is FieldType.LONG_TEXT, edit_url, link_url, note, is_file)


def loaded_panels(spec: ObjectSpec, record: models.Model, view: View, *, place: str) -> tuple[LoadedPanel, ...]:
    """The panels of one place that have something to show."""
    found = ((panel, panel.load(record, view)) for panel in panels_of(spec.key) if panel.place == place)
    return tuple(LoadedPanel(panel.key, panel.template, data) for panel, data in found if data is not None)


def related_to(spec: ObjectSpec, record: models.Model, view: View) -> tuple[Related, ...]:
    """The records that lead to this one, by the object and the field; one query for each."""
    return tuple(
        _related(other, item, record, view)
        for other in object_specs()
        if may(view.actor, other.model, Action.VIEW)
        for item in fields_of(other)
        if item.target == spec.key and item.access(view.actor) >= FieldAccess.READ
    )


def _related(other: ObjectSpec, item: ObjectField, record: models.Model, view: View) -> Related:
    asked = _Leading(grant(view.actor, other.model), item.column, title_columns(other))
    found = _LEADING(asked, target=record.pk, limit=MOST_RELATED + 1)
    condition = where_text(Condition(item.key, Operator.IS, (str(record.pk),)))
    can_create = other.verbs is not None and may(view.actor, other.model, Action.CREATE)
    new_url = f"{reverse('record_new', args=[other.key])}?{item.key}={record.pk}" if can_create else ""
    return Related(
        label=other.plural,
        icon=other.icon,
        records=tuple(
            (other.detail_url(pk) if other.detail_url else "", title_of(*names)) for pk, *names in found[:MOST_RELATED]
        ),
        has_more=len(found) > MOST_RELATED,
        list_url=f"{other.list_url}?{urlencode({'where': condition})}",
        new_url=new_url,
    )


@dataclass(frozen=True, slots=True)
class _Leading:
    """Records in use that lead to another by a column: those that a Grant reaches, with what they are called."""

    permission: Grant[Any]
    column: str
    titles: tuple[str, ...]


def _leading(asked: _Leading) -> models.QuerySet[Any, Any]:
    target = {asked.column: Slot("target", models.BigIntegerField())}
    rows = asked.permission.queryset().filter(trashed_at__isnull=True, **target)
    return rows.order_by("-pk").values_list("pk", *asked.titles)


_LEADING: Prepared[_Leading] = Prepared(_leading, limit="limit")
