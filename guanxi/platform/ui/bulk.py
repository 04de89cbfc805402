"""Changing the ticked records of a list, or all that it lists: what is meant, with what, how many; and the undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.access.grant import Grant, grant, may, may_act_on
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.customfields.schema import tags_made_for
from guanxi.platform.objects.bulk import MOST_RECORDS, RIGHTS, Started, change_many, undo_change
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.listing import found_rows, searched
from guanxi.platform.objects.models import BulkAction, BulkChange
from guanxi.platform.objects.registry import bulk_fields_of, fields_of, list_acts_of, listed_object
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.objects.tagging import offered_tags
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.controls import control
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.list_query import ListQuery, read_query, selection_of
from guanxi.platform.ui.responses import leading_to

ICONS = {BulkAction.EDIT: "pencil", BulkAction.TAG: "tag", BulkAction.ASSIGN: "user-share", BulkAction.TRASH: "trash"}


@dataclass(frozen=True, slots=True)
class Act:
    """One button of the bar below a list; `url` is where it posts to; "" = the page of all objects."""

    action: str
    label: Label
    icon: str
    url: str = ""


def acts_on(spec: ObjectSpec, view: View) -> tuple[Act, ...]:
    """What the person may do with many records of a list at once."""
    if spec.verbs is None:
        return ()
    is_offered = {
        BulkAction.EDIT: bool(bulk_fields_of(spec)),
        BulkAction.TAG: bool(offered_tags(spec.key)),
        BulkAction.ASSIGN: bool(protection_of(spec.model).owner_field),
        BulkAction.TRASH: True,
    }
    own = (
        Act(action.value, action.label, ICONS[action])
        for action in BulkAction
        if is_offered[action] and may(view.actor, spec.model, RIGHTS[action])
    )
    return (*own, *_contributed_acts(spec, view))


def _contributed_acts(spec: ObjectSpec, view: View) -> list[Act]:
    """What higher capabilities offer the person to do with many records of the list."""
    return [
        Act(item.key, item.label, item.icon, reverse(item.url_name))
        for item in list_acts_of(spec.key)
        if may(view.actor, spec.model, item.right) and (item.is_offered is None or item.is_offered(view.actor))
    ]


@require_POST
def bulk_page(request: HttpRequest, key: str) -> HttpResponse:
    """Ask what the ticked records shall become; with "do" it is done.

    Raises: NotFound("object.not_found"), AccessDenied, RuleViolation("bulk.nothing" | "bulk.too_many").
    """
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    action = _action(request.POST.get("action", ""))
    query = read_query(request.POST, spec)
    ids = meant_ids(request, spec, query, permission=grant(view.actor, spec.model, RIGHTS[action]), view=view)
    name = request.POST.get("field", "")
    form = bulk_form(spec, action, name, request=request, view=view)
    is_edit = action is BulkAction.EDIT
    needs_field = is_edit and not form.fields
    if request.POST.get("do") == "yes" and not needs_field and form.is_valid():
        try:
            started = change_many(
                key,
                ids,
                action=action,
                values=_values(spec, action, form),
                title=_title(spec, len(ids)),
                actor=view.actor,
            )
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            return _done(request, started, back=spec.list_url + query.address(), undo=True)
    context = {
        "spec": spec,
        "action": action.value,
        "label": action.label,
        "form": form,
        "field": name,
        "fields": [(item.key, item.label) for item in _editable(spec, view).values()] if is_edit else [],
        "needs_field": needs_field,
        "ids": () if request.POST.get("all") else ids,
        "is_all": bool(request.POST.get("all")),
        "kept": query.parameters.items(),
        "sentence": touched_words(len(ids)),
        "back_url": spec.list_url + query.address(),
    }
    return render(request, "ui/bulk.html", context, status=422 if form.is_bound and form.errors else 200)


@require_POST
def undo_bulk(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take a change of many records back; who asked from the list comes back to it as it was."""
    title = _("Taking a change of many records back")
    started = undo_change(change_id, title=title, actor=actor_of(request))
    change = BulkChange.objects.get(pk=change_id)
    return _done(request, started, back=_list_at_hand(request, listed_object(change.object_key).list_url), undo=False)


def _list_at_hand(request: HttpRequest, list_url: str) -> str:
    """The address of the list from which a script asks, with its conditions; the bare list for everything else."""
    asked = urlsplit(request.headers.get("HX-Current-URL", ""))
    return f"{list_url}?{asked.query}" if asked.path == list_url and asked.query else list_url


def meant_ids(
    request: HttpRequest, spec: ObjectSpec, query: ListQuery, *, permission: Grant[Any], view: View
) -> list[int]:
    """The ids of the ticked records, or of all that the list has, that the permission reaches.

    Raises: RuleViolation("bulk.nothing").
    """
    if request.POST.get("all"):
        found = searched(spec, query.words, view)
        rows = found_rows(selection_of(spec, query, permission=permission, found=found), found)
    else:
        texts = request.POST.getlist("id")
        ticked = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
        rows = permission.queryset().filter(Among("pk", ticked))
    ids = list(rows.order_by().values_list("pk", flat=True)[: MOST_RECORDS + 1])
    if not ids:
        raise RuleViolation("bulk.nothing", "Tick some records first.")
    return ids


def asked_ids(request: HttpRequest, spec: ObjectSpec) -> list[int]:
    """The records that a page is about: those ticked in a list, or the one that the address names.

    The person may edit them. Raises: NotFound, AccessDenied, RuleViolation("bulk.nothing").
    """
    actor = actor_of(request)
    if request.method == "POST":
        permission = grant(actor, spec.model, Action.EDIT)
        view = View(actor, timezone.localdate())
        return meant_ids(request, spec, read_query(request.POST, spec), permission=permission, view=view)
    text = request.GET.get("id", "")
    record_id = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    record = grant(actor, spec.model).live(record_id)
    if not may_act_on(actor, record, Action.EDIT):
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="edit")
    return [record.pk]


def bulk_form(spec: ObjectSpec, action: BulkAction, name: str, *, request: HttpRequest, view: View) -> forms.Form:
    """The form of what the records become: the chosen field, the new owner, the tags, or nothing for the trash."""
    fields: dict[str, forms.Field] = {}
    if action is BulkAction.TAG:
        known = [(tag.key, tag.name) for tag in tags_made_for(spec.key)]
        fields["added"] = _ticks(_("Put on"), [(tag.key, tag.name) for tag in offered_tags(spec.key)])
        fields["taken"] = _ticks(_("Take off"), known)
    if action is BulkAction.ASSIGN:
        owner = next(item for item in fields_of(spec) if item.column == protection_of(spec.model).owner_field)
        fields["value"] = control(owner, view, is_required=True)
    elif action is BulkAction.EDIT and name in (editable := _editable(spec, view)):
        fields["value"] = control(editable[name], view)
    form = forms.Form(request.POST if request.POST.get("do") == "yes" else None)
    form.fields.update(fields)
    return form


def _ticks(label: str, choices: Sequence[tuple[str, str]]) -> forms.Field:
    widget = forms.CheckboxSelectMultiple(attrs={"class": "ck"})
    return forms.MultipleChoiceField(choices=choices, label=label, required=False, widget=widget)


def _editable(spec: ObjectSpec, view: View) -> dict[str, ObjectField]:
    """The fields that the person may write for many records at once, by key."""
    return {item.key: item for item in bulk_fields_of(spec) if item.access(view.actor) >= FieldAccess.WRITE}


def _action(text: str) -> BulkAction:
    if text not in BulkAction.values:
        raise RuleViolation("bulk.action", "This cannot be done to many records.")
    return BulkAction(text)


def _values(spec: ObjectSpec, action: BulkAction, form: forms.Form) -> Mapping[str, object]:
    """What the columns become, from the form; a new owner brings the unit along."""
    if action in (BulkAction.TRASH, BulkAction.TAG):
        return form.cleaned_data
    value = form.cleaned_data["value"]
    if action is BulkAction.EDIT:
        return {form.data["field"]: value}
    protection = protection_of(spec.model)
    values: dict[str, object] = {protection.owner_field.removesuffix("_id"): int(value)}
    if protection.unit_field:
        values[protection.unit_field.removesuffix("_id")] = people([int(value)])[int(value)].unit_id
    return values


def touched_words(count: int) -> str:
    """How many records a change touches, before it is made."""
    return ngettext("This touches %(count)s record.", "This touches %(count)s records.", count) % {
        "count": formats.number(count)
    }


def _title(spec: ObjectSpec, count: int) -> str:
    return _("Changing %(count)s %(objects)s") % {"count": formats.number(count), "objects": spec.plural}


def _done(request: HttpRequest, started: Started, *, back: str, undo: bool) -> HttpResponse:
    """Back to the list with what was done, or to the page of jobs when it runs."""
    if started.run_id is not None:
        return leading_to(request, reverse("jobs"))
    words = ngettext("%(count)s record changed", "%(count)s records changed", started.changed)
    address = reverse("undo_bulk", args=[started.id]) if undo and started.changed else ""
    messages.success(request, words % {"count": formats.number(started.changed)}, extra_tags=address)
    return leading_to(request, back)
