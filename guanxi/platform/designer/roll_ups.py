"""Pages on which roll-ups are made: first the records that are summed up, then what is made of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.customfields.commands import require_designer
from guanxi.platform.customfields.models import CustomRollUp, RollUpFunction
from guanxi.platform.customfields.queries import roll_up_row
from guanxi.platform.customfields.roll_up_commands import make_roll_up, rename_roll_up, retire_roll_up
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, listed_object, object_specs
from guanxi.platform.objects.rollups import COMPARED, SUMMED
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import leading_to

BETWEEN = "."


class NameForm(forms.Form):
    """What a roll-up is called."""

    name_zh = forms.CharField(label=_l("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_l("Name in English"), max_length=60)


class RollUpForm(NameForm):
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
    form = RollUpForm(request.POST or None, source=source)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        function, _point, field = said["made_of"].partition(BETWEEN)
        made = CustomRollUp(
            object_key=spec.key,
            name_zh=said["name_zh"],
            name_en=said["name_en"],
            source=source.key,
            link=link.key,
            function=function,
            field=field,
        )
        try:
            make_roll_up(made, actor=actor)
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            return _saved(request, key)
    title = _("New roll-up: %(records)s") % {"records": source.plural}
    return _form(request, form, title=title, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_roll_up(request: HttpRequest, key: str, roll_up_id: int) -> HttpResponse:
    """What a roll-up is called. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    require_designer(actor)
    known = _required(key, roll_up_id)
    form = NameForm(request.POST or None, initial={"name_zh": known.name_zh, "name_en": known.name_en})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        rename_roll_up(roll_up_id, name_zh=said["name_zh"], name_en=said["name_en"], actor=actor)
        return _saved(request, key)
    return _form(request, form, title=str(known), key=key)


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


def _required(key: str, roll_up_id: int) -> CustomRollUp:
    found = roll_up_row(roll_up_id)
    if found is None or found.object_key != key:
        raise NotFound("customfields.no_roll_up", "There is no such roll-up.")
    return found


def _saved(request: HttpRequest, key: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("design_object", args=[key]), status=303)


def _form(request: HttpRequest, form: forms.Form, *, title: str, key: str) -> HttpResponse:
    context = {"form": form, "title": title, "back_url": reverse("design_object", args=[key])}
    return render(request, "designer/form.html", context, status=422 if form.errors else 200)
