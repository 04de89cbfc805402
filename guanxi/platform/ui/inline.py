"""Changing one field where it is shown, on the card or in the list: saved at once, with an undo.

When somebody else changed the record meanwhile, both values are shown and the person chooses.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.encryption.in_use import open_text, seal_text
from guanxi.platform.objects.checks import shown_and_required
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, listed_object, required_verbs
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.records.values import json_value
from guanxi.platform.ui.controls import column_values, control
from guanxi.platform.ui.fields import focus_first, posted_version, show_refusal, version_after
from guanxi.platform.ui.lines import line_of, stale_lines
from guanxi.platform.ui.list_columns import column_showing
from guanxi.platform.ui.record_form import Sent, editable_record, sent_by
from guanxi.platform.ui.responses import (
    is_fragment_request,
    leading_to,
    with_record_changed,
    with_toast,
    with_trigger,
)
from guanxi.platform.ui.values import cells

CELL, LINE = "cell", "line"
SALT = "guanxi.field.undo"
UNDO_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Editing:
    """One field of one record that the person may change."""

    spec: ObjectSpec
    item: ObjectField
    record: models.Model
    view: View

    @property
    def version(self) -> int:
        """The version of the record."""
        return int(getattr(self.record, "version", 1))


@require_http_methods(["GET", "HEAD", "POST"])
def record_field(request: HttpRequest, key: str, record_id: int, field: str) -> HttpResponse:
    """The control of one field, and what was typed into it; `show` gives the field as it is.

    Raises: NotFound, AccessDenied, also for a field that the person may not write.
    """
    editing = _editing(request, key, record_id, field)
    if not is_fragment_request(request) and request.method != "POST":
        return HttpResponseRedirect(reverse("record_edit", args=[key, record_id]))
    if "show" in request.GET:
        return _shown(request, editing)
    form = _form(editing, sent_by(request))
    version, theirs = posted_version(request) or editing.version, ""
    if request.method == "POST" and form.is_valid():
        try:
            return _save(request, editing, form, version=version)
        except RuleViolation as error:
            show_refusal(form, error)
        except Conflict as error:
            show_refusal(form, error)
            version = version_after(error, version)
            theirs = cells(editing.item, [editing.record], editing.view)[0]
    focus_first(form)
    context = {
        "form": form,
        "item": form[editing.item.key],
        "version": version,
        "theirs": theirs,
        "action": request.path,
        "place": _place(request),
    }
    template = "ui/_cell_edit.html" if _place(request) == CELL else "ui/_field_edit.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def undo_field(request: HttpRequest, key: str, record_id: int, field: str) -> HttpResponse:
    """Give a field the value back that it had before a change; what was changed since is kept.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("field.undo") for an address not of ours.
    """
    editing = _editing(request, key, record_id, field)
    try:
        known, former, version = signing.loads(request.GET.get("back", ""), salt=SALT, max_age=UNDO_SECONDS)
    except (signing.BadSignature, ValueError) as error:
        raise RuleViolation("field.undo", "This can be taken back no more.") from error
    if known != [key, record_id, field]:
        raise RuleViolation("field.undo", "This can be taken back no more.")
    value = editing.item.typed.to_python(_told(editing.item, former))
    required_verbs(editing.spec).edit(
        record_id, {editing.item.column: value}, version=version, actor=editing.view.actor
    )
    if not is_fragment_request(request):
        return leading_to(request, reverse("record_card", args=[key, record_id]))
    response = with_toast(HttpResponse(status=204), _("Taken back."))
    response.headers["HX-Refresh"] = "true"
    return response


def _editing(request: HttpRequest, key: str, record_id: int, field: str) -> Editing:
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    record = editable_record(spec, record_id, view)
    item = next((item for item in fields_of(spec) if item.key == field and item.beside is None), None)
    if item is None or item.access(view.actor) == FieldAccess.HIDDEN:
        raise NotFound("field.unknown", "There is no field “%(field)s”.", field=field[:100])
    if not item.is_editable or item.access(view.actor) < FieldAccess.WRITE:
        raise AccessDenied("field.not_writable", "You may not change “%(field)s”.", field=str(item.label))
    return Editing(spec, item, record, view)


def _form(editing: Editing, sent: Sent) -> forms.Form:
    item, record = editing.item, editing.record
    form = forms.Form(sent.data, sent.files, initial={item.key: item.value_of(record)}, auto_id=f"edit_{record.pk}_%s")
    _shown_fields, required = shown_and_required(editing.spec, lambda other: _held(other, record))
    form.fields[item.key] = control(item, editing.view, is_required=item.key in required, record=record)
    return form


def _held(item: ObjectField, record: models.Model) -> Any:
    return None if item.beside is not None else item.value_of(record)


def _save(request: HttpRequest, editing: Editing, form: forms.Form, *, version: int) -> HttpResponse:
    """Save the value and answer with the field as it now is. Raises: what the command raises."""
    former = _untold(editing.item, json_value(editing.item.value_of(editing.record)))
    values = column_values((editing.item,), form.cleaned_data)
    verbs = required_verbs(editing.spec)
    saved = verbs.edit(editing.record.pk, values, version=version, actor=editing.view.actor)
    now = Editing(editing.spec, editing.item, saved, editing.view)
    place = [editing.spec.key, editing.record.pk, editing.item.key]
    back = signing.dumps([place, former, now.version], salt=SALT)
    undo_url = f"{reverse('undo_field', args=place)}?back={back}"
    if not is_fragment_request(request):
        return leading_to(request, reverse("record_card", args=place[:2]))
    answer = _shown(request, now) if _place(request) == CELL else _changed(request, editing, now)
    return with_toast(answer, _("Saved."), undo_url=undo_url)


def _changed(request: HttpRequest, former: Editing, now: Editing) -> HttpResponse:
    """The line as it now is and the other lines that the change reached; all else of the card is told to look anew."""
    line = line_of(now.spec, now.item, now.record, now.view, can_edit=True)
    stale = stale_lines(now.spec, former.record, now.record, now.view, but=now.item)
    answer = with_record_changed(render(request, "ui/_field_saved.html", {"line": line, "stale": stale.lines}))
    return with_trigger(answer, "panel-fields") if stale.is_other_card else answer


def _untold(item: ObjectField, value: Any) -> Any:
    """A former value as the address of the undo carries it: an encrypted number stands in no address."""
    return seal_text(value, place=item.place) if item.is_sealed and value else value


def _told(item: ObjectField, former: Any) -> Any:
    """The former value that an address carries."""
    return open_text(former, place=item.place) if item.is_sealed and former else former


def _shown(request: HttpRequest, editing: Editing) -> HttpResponse:
    """The field as it is: a line of the card, or what its column shows in a list."""
    if _place(request) == CELL:
        return HttpResponse(_cell(editing))
    line = line_of(editing.spec, editing.item, editing.record, editing.view, can_edit=True)
    return render(request, "ui/_field_shown.html", {"line": line, "has_focus": True})


def _cell(editing: Editing) -> SafeString:
    column = column_showing(editing.spec, editing.item, grant(editing.view.actor, editing.spec.model))
    if column is None:
        raise NotFound("field.unknown", "There is no field “%(field)s”.", field=editing.item.key)
    return format_html("<span>{}</span>", column.cells([editing.record], editing.view)[0])  # htmx settles elements only


def _place(request: HttpRequest) -> str:
    """Where the field stands: "cell" in a list, "line" on a card."""
    return CELL if request.GET.get("place") == CELL else LINE
