"""Pages of objects and fields."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.customfields import commands
from guanxi.platform.customfields.models import CustomField, CustomObject, FieldKind
from guanxi.platform.customfields.queries import (
    field_row,
    fields_of_object,
    made_objects,
    object_row,
)
from guanxi.platform.designer.forms import (
    FieldForm,
    NewObjectForm,
    ObjectForm,
    Ruling,
    ViewsForm,
    field_initial,
    field_values,
    object_initial,
)
from guanxi.platform.designer.roll_ups import shown_roll_ups
from guanxi.platform.designer.tags import can_be_tagged, tag_lines
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, listed_object, object_specs, own_specs
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.records.models import Record
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

PICTURES = {
    FieldKind.TEXT: "forms",
    FieldKind.LONG_TEXT: "align-left",
    FieldKind.INTEGER: "number",
    FieldKind.NUMBER: "decimal",
    FieldKind.MONEY: "currency-yuan",
    FieldKind.DATE: "calendar",
    FieldKind.DATETIME: "clock",
    FieldKind.CHOICE: "circle-dot",
    FieldKind.MULTI_CHOICE: "list-check",
    FieldKind.BOOLEAN: "toggle-left",
    FieldKind.LINK: "link",
    FieldKind.EMAIL: "mail",
    FieldKind.PHONE: "phone",
    FieldKind.ADDRESS: "map-pin",
    FieldKind.FILE: "paperclip",
}


PURPOSES = {
    FieldKind.TEXT: _l("One line: a number, a name, a model."),
    FieldKind.LONG_TEXT: _l("Several lines: notes, terms, a description."),
    FieldKind.INTEGER: _l("What is counted in whole pieces."),
    FieldKind.NUMBER: _l("A measure with decimals."),
    FieldKind.MONEY: _l("An amount, which boards and groups add up."),
    FieldKind.DATE: _l("A day, which the calendar can go by."),
    FieldKind.DATETIME: _l("A day with its time."),
    FieldKind.CHOICE: _l("One of a list, such as a stage; gives a board its lanes."),
    FieldKind.MULTI_CHOICE: _l("Any of a list, such as uses or interests."),
    FieldKind.BOOLEAN: _l("Yes, no or not stated."),
    FieldKind.LINK: _l("Another record, such as the customer it belongs to."),
    FieldKind.EMAIL: _l("Checked when typed; the card leads to a letter."),
    FieldKind.PHONE: _l("The card leads to a call."),
    FieldKind.ADDRESS: _l("Where something is or goes to."),
    FieldKind.FILE: _l("A contract, a photo, a certificate."),
}


@dataclass(frozen=True, slots=True)
class KindView:
    """One type of the choice of types, and what it is for."""

    key: str
    label: Label
    icon: str
    purpose: Label


@dataclass(frozen=True, slots=True)
class Retired:
    """Something that is out of sight, and the address that brings it back."""

    name: str
    back_url: str


@dataclass(frozen=True, slots=True)
class ProgramField:
    """A field that the program brings along, as the page of its object shows it."""

    key: str
    label: Label
    kind: Label
    icon: str


@require_safe
def objects_page(request: HttpRequest) -> HttpResponse:
    """All objects: those of the program, to which fields can be added, and those that people made."""
    commands.require_designer(actor_of(request))
    own = [spec for spec in own_specs() if spec.list_url]
    made, retired = made_objects()
    back = [Retired(str(row), f"{reverse('design_retire_object', args=[row.key])}?back=1") for row in retired]
    context = {"own": own, "made": made, "retired": back}
    return render(request, "designer/objects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_object(request: HttpRequest) -> HttpResponse:
    """The form of a new object."""
    actor = actor_of(request)
    commands.require_designer(actor)
    offered = [(spec.key, spec.label) for spec in own_specs() if spec.list_url]
    form = NewObjectForm(request.POST or None, objects=offered)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        rights_of = values.pop("rights_of")
        taken = {spec.key for spec in own_specs()}
        made = commands.make_object(values, taken=taken, rights_of=rights_of, actor=actor)
        messages.success(request, _("Made. Now give it fields."))
        return HttpResponseRedirect(reverse("design_object", args=[made.key]), status=303)
    context = {"form": form, "title": _("New object"), "back_url": reverse("design")}
    return render(request, "designer/form.html", context, status=422 if form.errors else 200)


@require_safe
def object_page(request: HttpRequest, key: str) -> HttpResponse:
    """The fields of an object. Raises: NotFound("object.not_found"), AccessDenied."""
    commands.require_designer(actor_of(request))
    spec, view = listed_object(key), _view(request)
    rows = {row.key: row for row in fields_of_object(key)}
    names = {other.key: other.label for other in object_specs()}
    context = {
        "spec": spec,
        "own": [_program_field(item) for item in fields_of(spec) if item.made is None and item.beside is None],
        "made": [
            (row, FieldKind(row.kind).label, PICTURES[FieldKind(row.kind)], names.get(row.target, ""))
            for row in rows.values()
            if row.retired_at is None
        ],
        "retired": [
            Retired(str(row), f"{reverse('design_retire_field', args=[key, row.pk])}?back=1")
            for row in rows.values()
            if row.retired_at is not None
        ],
        "row": object_row(key),
        "roll_ups": shown_roll_ups(spec, view),
        "tags": tag_lines(spec),
        "can_be_tagged": can_be_tagged(spec),
        "views": ViewsForm(
            initial={"board_field": spec.board_field, "calendar_field": spec.calendar_field}, fields=_choosable(spec)
        ),
        "actor": view.actor,
    }
    return render(request, "designer/object.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_object(request: HttpRequest, key: str) -> HttpResponse:
    """How an object is called. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    commands.require_designer(actor)
    made = _required_object(key)
    form = ObjectForm(request.POST or None, initial=dict(object_initial(made)))
    if request.method == "POST" and form.is_valid():
        commands.edit_object(key, form.cleaned_data, actor=actor)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("design_object", args=[key]), status=303)
    context = {
        "form": form,
        "title": _("Edit %(name)s") % {"name": made},
        "back_url": reverse("design_object", args=[key]),
    }
    return render(request, "designer/form.html", context, status=422 if form.errors else 200)


@require_POST
def set_views(request: HttpRequest, key: str) -> HttpResponse:
    """By which fields an object has a board and a calendar. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    form = ViewsForm(request.POST, fields=_choosable(listed_object(key)))
    if form.is_valid():
        commands.edit_object(_required_object(key).key, form.cleaned_data, actor=actor)
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("design_object", args=[key]), status=303)


@require_POST
def retire_object(request: HttpRequest, key: str) -> HttpResponse:
    """Take an object out of sight, or with `back` bring it back. Raises: NotFound, AccessDenied."""
    is_retired = "back" not in request.GET
    commands.retire_object(key, is_retired=is_retired, actor=actor_of(request))
    if is_retired:
        undo_url = f"{reverse('design_retire_object', args=[key])}?back=1"
        messages.success(request, _("Out of sight. Its records are kept."), extra_tags=undo_url)
    return _to(request, reverse("design"))


@require_http_methods(["GET", "HEAD", "POST"])
def new_field(request: HttpRequest, key: str) -> HttpResponse:
    """First the type of a new field, then its form. Raises: NotFound("object.not_found"), AccessDenied."""
    commands.require_designer(actor_of(request))
    spec = listed_object(key)
    name = request.GET.get("kind", "")
    if name not in FieldKind.values:
        kinds = [KindView(kind.value, kind.label, PICTURES[kind], PURPOSES[kind]) for kind in FieldKind]
        return render(request, "designer/kinds.html", {"spec": spec, "kinds": kinds})
    kind = FieldType(name)

    def save(values: dict[str, Any], form: FieldForm, actor: Actor) -> CustomField:
        target = form.cleaned_data.get("target", "")
        return commands.make_field(_model(spec), kind=kind, values=values, target=target, actor=actor)

    return _field_page(request, spec, kind=kind, known=None, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_field(request: HttpRequest, key: str, field_id: int) -> HttpResponse:
    """The form of a field. Raises: NotFound, AccessDenied."""
    commands.require_designer(actor_of(request))
    spec, known = listed_object(key), _required_field(key, field_id)

    def save(values: dict[str, Any], form: FieldForm, actor: Actor) -> CustomField:  # noqa: ARG001  # as the other one
        return commands.edit_field(field_id, values, model=_model(spec), actor=actor)

    return _field_page(request, spec, kind=FieldType(known.kind), known=known, save=save)


@require_POST
def retire_field(request: HttpRequest, key: str, field_id: int) -> HttpResponse:
    """Take a field out of sight, or with `back` bring it back. Raises: NotFound, AccessDenied."""
    _required_field(key, field_id)
    is_retired = "back" not in request.GET
    commands.retire_field(field_id, is_retired=is_retired, actor=actor_of(request))
    if is_retired:
        undo_url = f"{reverse('design_retire_field', args=[key, field_id])}?back=1"
        messages.success(request, _("Out of sight. What records hold in it is kept."), extra_tags=undo_url)
    return _to(request, reverse("design_object", args=[key]))


@require_POST
def move_field(request: HttpRequest, key: str, field_id: int) -> HttpResponse:
    """Move a field up, or with `down` down, among those that people made. Raises: NotFound, AccessDenied."""
    _required_field(key, field_id)
    steps = 1 if "down" in request.GET else -1
    commands.move_field(field_id, steps=steps, actor=actor_of(request))
    return _to(request, reverse("design_object", args=[key]))


def _field_page(
    request: HttpRequest,
    spec: ObjectSpec,
    *,
    kind: FieldType,
    known: CustomField | None,
    save: Callable[[dict[str, Any], FieldForm, Actor], CustomField],
) -> HttpResponse:
    actor = actor_of(request)
    others = [item for item in _choosable(spec) if known is None or item.key != known.key]
    ruling = Ruling(others, _view(request))
    form = FieldForm(
        request.POST or None,
        initial=dict(field_initial(known, ruling)) if known is not None else {},
        kind=kind,
        others=others,
        targets=[(other.key, other.label) for other in object_specs() if other.list_url],
    )
    if known is not None and "target" in form.fields:
        del form.fields["target"]
    if request.method == "POST" and form.is_valid():
        try:
            save(field_values(form, ruling, known=known), form, actor)
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("design_object", args=[spec.key]), status=303)
    label = FieldKind(kind.value).label
    title = _("New field: %(type)s") % {"type": label} if known is None else f"{known} · {label}"
    back_url = reverse("design_object", args=[spec.key])
    context = {"form": form, "title": title, "back_url": back_url, "sections": form.sections()}
    return render(request, "designer/form.html", context, status=422 if form.errors else 200)


def _program_field(item: ObjectField) -> ProgramField:
    """A field of the program with its type in words; a share is a number to people."""
    kind = FieldKind(item.kind.value) if item.kind.value in FieldKind.values else FieldKind.NUMBER
    return ProgramField(item.key, item.label, kind.label, PICTURES[kind])


def _choosable(spec: ObjectSpec) -> list[ObjectField]:
    """The fields of an object that a rule, a board or a calendar can go by; a rule would keep a number in clear."""
    return [item for item in fields_of(spec) if item.beside is None and not item.is_sealed]


def _model(spec: ObjectSpec) -> type[Record]:
    if not issubclass(spec.model, Record):
        raise NotFound("object.not_found", "There is no such list.")
    return spec.model


def _required_object(key: str) -> CustomObject:
    found = object_row(key)
    if found is None:
        raise NotFound("customfields.no_object", "There is no such object.")
    return found


def _required_field(key: str, field_id: int) -> CustomField:
    found = field_row(field_id)
    if found is None or found.object_key != key:
        raise NotFound("customfields.no_field", "There is no such field.")
    return found


def _view(request: HttpRequest) -> View:
    return View(actor_of(request), timezone.localdate())


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to a page; htmx, which the undo of a toast asks by, opens it as a page."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address, status=303)


register_settings(
    SettingsEntry(
        "design",
        _l("Objects and fields"),
        _l("Fields of your own for every object, and objects of your own."),
        "forms",
        "design",
        group=_l("For the house"),
        order=205,
        is_shown=administers_everybody,
    )
)
