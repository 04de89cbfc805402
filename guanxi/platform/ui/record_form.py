"""The form of a record of any object: its fields that the person may write, and the rules that people made for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.alike import CODE as ALIKE
from guanxi.platform.objects.alike import (
    AlikeRecord,
    EntryPoint,
    alike_source,
    look_for_alike,
    may_force_alike,
    note_alike,
)
from guanxi.platform.objects.checks import shown_and_required
from guanxi.platform.objects.conditions import conditions_of, parse_where
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.layouts import Section, layout_for
from guanxi.platform.objects.registry import fields_of, guidance_of, listed_object, required_verbs
from guanxi.platform.objects.spec import Label, ObjectSpec, Verbs, View
from guanxi.platform.ui.controls import BETWEEN, column_values, control
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.platform.ui.values import cells, title_columns, title_of

MOST_NAMES = 12
MOST_TYPED = 300
_NOTHING: Mapping[str, str] = {}
EMPTY: tuple[object, ...] = (None, "", [])
WIDE = frozenset({FieldType.LONG_TEXT, FieldType.MULTI_CHOICE})


@dataclass(frozen=True, slots=True)
class FormRow:
    """A control with the rule by which it is shown, and whether it is hidden now."""

    item: BoundField
    rule: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class RecordForm:
    """A form with the fields it is about, by section; `shown` are the keys of those that the values typed so far do not
    hide."""

    form: forms.Form
    fields: tuple[ObjectField, ...]
    shown: frozenset[str]
    arrangement: tuple[Section, ...]
    unasked: frozenset[str] = frozenset()

    @property
    def sections(self) -> tuple[tuple[str, tuple[FormRow, ...]], ...]:
        """The controls as they are arranged, under their headings, but for those that nobody asks for."""
        rows = self._rows
        found = (
            (part.name, tuple(rows[key] for key in part.fields if key not in self.unasked)) for part in self.arrangement
        )
        return tuple((name, held) for name, held in found if held)

    @property
    def folded(self) -> tuple[FormRow, ...]:
        """The controls that nobody asks for, as they are arranged."""
        rows = self._rows
        return tuple(rows[key] for part in self.arrangement for key in part.fields if key in self.unasked)

    @property
    def _rows(self) -> dict[str, FormRow]:
        """The controls by key. A rule about what does not stand in the form is not told: the person may not read it."""
        return {
            item.key: FormRow(self.form[item.key], self._told_rule(item), item.key not in self.shown)
            for item in self.fields
        }

    def _told_rule(self, item: ObjectField) -> str:
        rule = item.made.visible_when if item.made is not None else ""
        is_told = all(condition.field in self.form.fields for condition in conditions_of(parse_where(rule)))
        return rule if is_told else ""

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by column, but for what is hidden."""
        return column_values([item for item in self.fields if item.key in self.shown], self.form.cleaned_data)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form was sent with: what was typed and the files that were chosen, both None when nothing was sent."""

    data: Any = None
    files: Any = None


def sent_by(request: HttpRequest) -> Sent:
    """What a request sends to a form."""
    return Sent(request.POST, request.FILES) if request.method == "POST" else Sent()


def writable_fields(spec: ObjectSpec, view: View) -> tuple[ObjectField, ...]:
    """The fields that the person may write in a form, in the order of the object; tags are put on by themselves."""
    return tuple(
        item
        for item in fields_of(spec)
        if item.beside is None and item.is_editable and item.access(view.actor) >= FieldAccess.WRITE
        if not item.is_tags
    )


def record_form(
    spec: ObjectSpec, record: models.Model | None, *, sent: Sent, view: View, given: Mapping[str, str] = _NOTHING
) -> RecordForm:
    """The form of a record, or of a new one: what its values hide is not kept, and what must be there is asked for.

    `sent` is what was typed and chosen; `given` are values that a new record begins with. Steps: 1 a form of all
    fields reads what was typed, 2 the rules are held against it, 3 what is missing is told.
    """
    fields, arrangement = arranged_fields(spec, view)
    form = forms.Form(sent.data, sent.files, initial=initial_values(fields, record, given=given))
    form.fields.update({item.key: control(item, view, is_required=False, record=record) for item in fields})
    for item in fields:
        if item.kind in WIDE:
            form.fields[item.key].widget.attrs["data-wide"] = ""
    typed: Mapping[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    shown, required = shown_and_required(spec, lambda item: _value(item, typed, record))
    for item in fields:
        form.fields[item.key].required = item.key in required & shown and item.kind is not FieldType.BOOLEAN
    if form.is_bound:
        form.full_clean()
        for key in set(form.errors) - shown:
            del form.errors[key]
    return RecordForm(form, fields, frozenset(shown), arrangement, _guided(spec, record, form, view))


def _guided(spec: ObjectSpec, record: models.Model | None, form: forms.Form, view: View) -> frozenset[str]:
    """Let the form say why it asks; the keys of the fields that are empty and that nobody asks for."""
    found = [reasons for item in guidance_of(spec.key) if (reasons := item.load(record, view)) is not None]
    if not found:
        return frozenset()
    asked = {key: why for reasons in reversed(found) for key, why in reasons.items()}
    for key, why in asked.items():
        if key in form.fields and why and not form.fields[key].help_text:
            form.fields[key].help_text = why
    return frozenset(
        key
        for key, control in form.fields.items()
        if key not in asked and not control.required and form.initial.get(key) in EMPTY and key not in form.errors
    )


def arranged_fields(spec: ObjectSpec, view: View) -> tuple[tuple[ObjectField, ...], tuple[Section, ...]]:
    """The fields of the form, and how they are arranged for the person.

    What a layout hides is not asked for, but for what a record must have, or may have to have by a rule.
    """
    layout = layout_for(spec.key, view.actor)
    fields = {
        item.key: item
        for item in writable_fields(spec, view)
        if item.key not in layout.hidden_fields or item.is_required or (item.made and item.made.required_when)
    }
    sections = replace(layout, hidden_fields=()).sections_of(fields)  # what is needed all the same comes last
    return tuple(fields[key] for part in sections for key in part.fields), sections


def initial_values(
    fields: tuple[ObjectField, ...], record: models.Model | None, *, given: Mapping[str, str] = _NOTHING
) -> dict[str, Any]:
    """What the form shows before anything is typed: what the record holds, or what a new one begins with."""
    if record is not None:
        return {item.key: item.value_of(record) for item in fields}
    found = {item.key: item.typed.get_default() for item in fields if item.made is None and item.typed.has_default()}
    for item in fields:
        if item.key in given:
            try:
                found[item.key] = item.typed.to_python(given[item.key][:200])
            except ValidationError:
                continue  # an address somebody wrote by hand: the field begins empty
    return found


def _value(item: ObjectField, typed: Mapping[str, Any], record: models.Model | None) -> Any:
    if item.key in typed:
        return typed[item.key]
    return item.value_of(record) if record is not None and item.beside is None else None


@require_http_methods(["GET", "HEAD", "POST"])
def record_page_form(request: HttpRequest, key: str, record_id: int | None = None) -> HttpResponse:
    """Create or edit a record.

    Raises: NotFound("object.not_found" | "record.not_found"), AccessDenied.
    """
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    record = editable_record(spec, record_id, view) if record_id is not None else None
    verbs = required_verbs(spec)
    grant(view.actor, spec.model, Action.EDIT if record is not None else Action.CREATE)
    made = record_form(spec, record, sent=sent_by(request), view=view, given=request.GET.dict())
    form, version = made.form, posted_version(request) or int(getattr(record, "version", 0) or 0)
    theirs: tuple[tuple[Label, str], ...] = ()
    is_refused = False
    if request.method == "POST" and form.is_valid():
        try:
            saved = _saved(spec, verbs, record, made.values, request=request, view=view)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            is_refused = error.code == ALIKE
            version = version_after(error, version)
            theirs = differences(made, record, view) if isinstance(error, Conflict) else ()
        else:
            response = HttpResponseRedirect(spec.detail_url(saved.pk) if spec.detail_url else spec.list_url)
            response.status_code = 303
            return response
    context = {
        "spec": spec,
        "form": form,
        "sections": made.sections,
        "folded": made.folded,
        "record": record,
        "version": version,
        "theirs": theirs,
        "looks_for_alike": record is None and alike_source(key) is not None,
        "alike": _alike(request, key, view) if is_refused else (),
        "may_force": is_refused and may_force_alike(key, view.actor),
        "back_url": spec.detail_url(record.pk) if record is not None and spec.detail_url else spec.list_url,
        "title": _("Edit %(name)s") % {"name": record} if record else _("New: %(object)s") % {"object": spec.label},
    }
    return render(request, "ui/record_form.html", context, status=422 if form.errors else 200)


def _saved(
    spec: ObjectSpec,
    verbs: Verbs,
    record: models.Model | None,
    values: Mapping[str, Any],
    *,
    request: HttpRequest,
    view: View,
) -> models.Model:
    """The record after it was made or changed; a new one only if the house lets it in beside those it looks like."""
    if record is None:
        with transaction.atomic():
            is_forced = request.POST.get("force") == "1"
            looked = look_for_alike(
                spec.key, values, entry=EntryPoint.FORM, is_forced=is_forced, actor=view.actor, refusals_alone=True
            )
            made = verbs.create(values, actor=view.actor)
            note_alike(looked, made.pk, actor=view.actor)
        return made
    return verbs.edit(record.pk, values, version=posted_version(request), actor=view.actor)


def differences(made: RecordForm, record: models.Model | None, view: View) -> tuple[tuple[Label, str], ...]:
    """Where the record now says something else than the form: (label, what the record says), in words."""
    if record is None:
        return ()
    other = (item for item in made.fields if made.form.cleaned_data.get(item.key) != item.value_of(record))
    return tuple((item.label, cells(item, [record], view)[0]) for item in other)


def editable_record(spec: ObjectSpec, record_id: int, view: View) -> models.Model:
    """A record that the person sees, in use and not in the trash. Raises: NotFound, AccessDenied."""
    record: models.Model = grant(view.actor, spec.model).live(record_id)
    if not may_act_on(view.actor, record, Action.EDIT):
        raise AccessDenied(
            "access.denied", "Your role does not allow “%(action)s” on this record.", action=Action.EDIT.value
        )
    return record


@require_POST
def record_alike(request: HttpRequest, key: str) -> HttpResponse:
    """The records that look like the one being typed, for who may make one.

    Raises: NotFound("object.not_found"), AccessDenied.
    """
    spec, actor = listed_object(key), actor_of(request)
    grant(actor, spec.model, Action.CREATE)
    return render(request, "ui/_alike.html", {"alike": _alike(request, key, View(actor, timezone.localdate()))})


def _alike(request: HttpRequest, key: str, view: View) -> Sequence[AlikeRecord]:
    """The records that look like the one in the form."""
    source = alike_source(key)
    typed = {name: value.replace("\x00", "")[:MOST_TYPED] for name, value in request.POST.dict().items()}
    return source.find(typed, view.actor) if source is not None else ()


@require_safe
def record_names(request: HttpRequest, key: str) -> HttpResponse:
    """Names of records that begin to match what is being typed, as options of a control.

    Raises: NotFound("object.not_found").
    """
    spec = listed_object(key)
    actor = actor_of(request)
    words = next(iter(request.GET.dict().values()), "").strip().replace("\x00", "")[:100]
    names: list[str] = []
    if words and may(actor, spec.model, Action.VIEW):
        rows = grant(actor, spec.model).queryset().filter(trashed_at__isnull=True)
        found = spec.search(words, actor) if spec.search is not None else None
        by_title = {f"{spec.title}__istartswith": words}
        rows = rows.filter(pk__in=found.ids) if found is not None else rows.filter(**by_title)
        named = rows.order_by(spec.title).values_list("pk", *title_columns(spec))[:MOST_NAMES]
        names = [f"{title_of(*titles)}{BETWEEN}{record_id}" for record_id, *titles in named]
    return render(request, "ui/_names.html", {"names": names})
