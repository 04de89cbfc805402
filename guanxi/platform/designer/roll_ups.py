"""Pages on which roll-ups are made: first the records that are summed up, then what is made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.customfields.commands import require_designer
from guanxi.platform.customfields.models import CustomRollUp, RollUpFunction
from guanxi.platform.customfields.queries import roll_up_row, roll_ups_of_object
from guanxi.platform.designer.forms import NamesForm
from guanxi.platform.objects.conditions import Group, conditions_of, parse_where, where_text
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, listed_object, object_specs
from guanxi.platform.objects.roll_up_commands import edit_roll_up, make_roll_up, retire_roll_up
from guanxi.platform.objects.rollups import COMPARED, SUMMED, RolledField, rolled_definitions
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.filters import (
    Builder,
    changed,
    count_words,
    filterable,
    is_complete,
    joiner_word,
    read_builder,
    read_where,
    shown_groups,
    where_of,
    where_words,
)
from guanxi.platform.ui.list_query import ListQuery
from guanxi.platform.ui.responses import leading_to

BETWEEN = "."


class RollUpForm(NamesForm):
    """A roll-up: what is made of the related records, in one choice."""

    made_of = forms.ChoiceField(label=_l("What is shown"))

    def __init__(self, *args: Any, source: ObjectSpec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["made_of"].choices = offered_figures(source)  # type: ignore[attr-defined]  # a choice field


def offered_figures(source: ObjectSpec) -> list[tuple[str, str]]:
    """What can be made of the records of an object, as "function.field" with its words."""
    fields = [item for item in fields_of(source) if item.beside is None]
    words = (
        (RollUpFunction.SUM, SUMMED, _("Sum of “%(field)s”")),
        (RollUpFunction.MOST, COMPARED, _("Largest or latest “%(field)s”")),
        (RollUpFunction.LEAST, COMPARED, _("Smallest or earliest “%(field)s”")),
    )
    named = [
        (f"{function.value}{BETWEEN}{item.key}", sentence % {"field": item.label})
        for function, kinds, sentence in words
        for item in fields
        if item.kind in kinds
    ]
    return [(f"{RollUpFunction.COUNT.value}{BETWEEN}", _("How many there are")), *named]


def leading_fields(spec: ObjectSpec) -> list[tuple[ObjectSpec, ObjectField]]:
    """The fields of all objects that lead to this one."""
    return [
        (other, item)
        for other in object_specs()
        if other.list_url
        for item in fields_of(other)
        if item.target == spec.key and item.beside is None
    ]


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a roll-up as the page shows them.

    `locked` are those about fields that the person may not read, in words: they stay as they are. `problem` says what
    is wrong with them.
    """

    source: ObjectSpec
    builder: Builder
    fields: Mapping[str, ObjectField]
    view: View
    locked: str = ""
    problem: str = ""

    @property
    def where(self) -> str:
        """Their JSON form."""
        return where_text(where_of(self.builder, fields=self.fields))

    @property
    def is_complete(self) -> bool:
        """Whether each of them says all that it must."""
        return is_complete(self.builder, fields=self.fields)

    @property
    def context(self) -> Mapping[str, object]:
        """What the template draws them from."""
        asked = ListQuery("", (), 1, {}, where=self.where)
        return {
            "source": self.source,
            "groups": shown_groups(self.builder, fields=self.fields, view=self.view) if self.builder.rows else (),
            "count": count_words(self.source, asked, view=self.view),
            "locked": self.locked,
            "problem": self.problem,
        }


def _conditions(source: ObjectSpec, view: View, *, data: QueryDict | None, where: str = "") -> Conditions:
    """The conditions that were sent, changed as a button of theirs asks, or else those of a roll-up."""
    fields = filterable(source, view)
    if data is None:
        return Conditions(source, read_where(parse_where(where)), fields, view)
    builder, do = read_builder(data), data.get("do", "")
    return Conditions(source, changed(builder, do=do, fields=fields) if do else builder, fields, view)


@require_safe
def roll_up_conditions(request: HttpRequest, key: str) -> HttpResponse:
    """The conditions of a roll-up while they are being made. Raises: NotFound("object.not_found"), AccessDenied."""
    actor = actor_of(request)
    require_designer(actor)
    listed_object(key)
    source = listed_object(request.GET.get("source", ""))
    shown = _conditions(source, View(actor, timezone.localdate()), data=request.GET)
    template = "ui/_filter_count.html" if request.GET.get("do") == "count" else "designer/_conditions.html"
    return render(request, template, {"key": key, "conditions": shown.context, "count": shown.context["count"]})


@require_http_methods(["GET", "HEAD", "POST"])
def new_roll_up(request: HttpRequest, key: str) -> HttpResponse:
    """Which records are summed up, then what is made of them. Raises: NotFound("object.not_found"), AccessDenied."""
    actor = actor_of(request)
    require_designer(actor)
    spec = listed_object(key)
    leading = {f"{other.key}{BETWEEN}{item.key}": (other, item) for other, item in leading_fields(spec)}
    chosen = leading.get(request.GET.get("from", ""))
    if chosen is None:
        sources = [(name, other.plural, item.label, other.icon) for name, (other, item) in leading.items()]
        return render(request, "designer/sources.html", {"spec": spec, "sources": sources})
    source, link = chosen
    data = request.POST if request.method == "POST" else None
    conditions = _conditions(source, View(actor, timezone.localdate()), data=data)
    form = RollUpForm(data, source=source)

    def save() -> None:
        function, _point, field = form.cleaned_data["made_of"].partition(BETWEEN)
        made = CustomRollUp(object_key=spec.key, source=source.key, link=link.key, function=function, field=field)
        made.name_zh, made.name_en = form.cleaned_data["name_zh"], form.cleaned_data["name_en"]
        made.where = conditions.where
        make_roll_up(made, actor=actor)

    title = _("New roll-up: %(records)s") % {"records": source.plural}
    return _answer(request, form, conditions, save=save, page=Page(title, key))


@require_http_methods(["GET", "HEAD", "POST"])
def edit_roll_up_page(request: HttpRequest, key: str, roll_up_id: int) -> HttpResponse:
    """What a roll-up is called, and its conditions. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    require_designer(actor)
    known = _required(key, roll_up_id)
    data = request.POST if request.method == "POST" else None
    conditions = _known_conditions(known, View(actor, timezone.localdate()), data=data)
    form = NamesForm(data, initial={"name_zh": known.name_zh, "name_en": known.name_en})

    def save() -> None:
        where = conditions.where if conditions is not None and not conditions.locked else None
        names = form.cleaned_data
        edit_roll_up(roll_up_id, name_zh=names["name_zh"], name_en=names["name_en"], where=where, actor=actor)

    page = Page(str(known), key, known.get_function_display())
    return _answer(request, form, conditions, save=save, page=page)


def _known_conditions(known: CustomRollUp, view: View, *, data: QueryDict | None) -> Conditions | None:
    """The conditions of a roll-up that exists; None when the object that it adds up is out of sight."""
    source = next((spec for spec in object_specs() if spec.key == known.source), None)
    if source is None:
        return None
    shown = _conditions(source, view, data=data, where=known.where)
    where = parse_where(known.where)
    fields = {item.key: item for item in fields_of(source)}
    asked = {condition.field for condition in conditions_of(where)}
    if where is not None and asked & fields.keys() - shown.fields.keys():
        locked = where_words(where, fields=fields, view=view)
        return replace(shown, builder=read_where(None), locked=locked)
    if data is None and asked - fields.keys():
        return replace(shown, problem=_("A condition went by a field that is out of sight. Save to go on without it."))
    return shown


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of a roll-up is called, and the object to whose page it leads back."""

    title: str
    key: str
    about: str = ""


def _answer(
    request: HttpRequest, form: forms.Form, conditions: Conditions | None, *, save: Callable[[], None], page: Page
) -> HttpResponse:
    """Save what was sent, or show the form: again while its conditions are being made without a script."""
    is_sent = request.method == "POST" and "do" not in request.POST
    if is_sent and conditions is not None and not conditions.is_complete:
        conditions = replace(conditions, problem=_("Something is missing in a condition."))
    elif is_sent and form.is_valid():
        try:
            save()
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("design_object", args=[page.key]), status=303)
    context = {
        "form": form,
        "title": page.title,
        "about": page.about,
        "key": page.key,
        "back_url": reverse("design_object", args=[page.key]),
        "conditions": conditions.context if conditions is not None else None,
    }
    is_refused = is_sent and bool(form.errors or (conditions is not None and conditions.problem))
    return render(request, "designer/roll_up.html", context, status=422 if is_refused else 200)


@require_POST
def retire_roll_up_page(request: HttpRequest, key: str, roll_up_id: int) -> HttpResponse:
    """Take a roll-up out of sight, or with `back` bring it back. Raises: NotFound, AccessDenied."""
    _required(key, roll_up_id)
    is_retired = "back" not in request.GET
    retire_roll_up(roll_up_id, is_retired=is_retired, actor=actor_of(request))
    if is_retired:
        undo_url = f"{reverse('design_retire_roll_up', args=[key, roll_up_id])}?back=1"
        messages.success(request, _("Out of sight."), extra_tags=undo_url)
    return leading_to(request, reverse("design_object", args=[key]))


@dataclass(frozen=True, slots=True)
class ShownRollUp:
    """A roll-up as the page of its object lists it: over which records, under which conditions, what is wrong.

    `joiner` is the word between the conditions.
    """

    row: CustomRollUp
    source: Label
    conditions: tuple[str, ...]
    joiner: str
    problem: str


def shown_roll_ups(spec: ObjectSpec, view: View) -> list[ShownRollUp]:
    """The roll-ups of an object, those out of sight too."""
    sources = {other.key: other for other in object_specs()}
    rolled = {made.id: item for made, item in rolled_definitions(spec)}
    found = []
    for row in roll_ups_of_object(spec.key):
        source = sources.get(row.source)
        fields = {item.key: item for item in fields_of(source)} if source is not None else {}
        top = _top(row.where)
        words = tuple(where_words(part, fields=fields, view=view) for part in top.parts)
        problem = _problem(rolled.get(row.pk)) if row.retired_at is None else ""
        label = source.plural if source is not None else row.source
        found.append(ShownRollUp(row, label, words, joiner_word(top), problem))
    return found


def _top(text: str) -> Group:
    """Conditions as the group of those at the top."""
    where = parse_where(text)
    if where is None:
        return Group(False, ())
    return where if isinstance(where, Group) else Group(False, (where,))


def _problem(rolled: RolledField | None) -> str:
    """Why a roll-up shows nothing, or not to everybody."""
    if rolled is None:
        return _("Shows nothing: what it goes by is out of sight.")
    if rolled.missing:
        return rolled.problem
    guarded = next((item for item in rolled.used if item.sensitivity), None)
    if guarded is None:
        return ""
    return _("Shown only to who may read “%(field)s”.") % {"field": guarded.label}


def _required(key: str, roll_up_id: int) -> CustomRollUp:
    found = roll_up_row(roll_up_id)
    if found is None or found.object_key != key:
        raise NotFound("customfields.no_roll_up", "There is no such roll-up.")
    return found
