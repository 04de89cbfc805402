"""The page of an object's vocabulary of tags."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.customfields.commands import require_designer
from guanxi.platform.customfields.models import Tag, TagColour
from guanxi.platform.customfields.queries import tag_row, tags_of_object
from guanxi.platform.customfields.schema import TAGS_FIELD
from guanxi.platform.customfields.tag_commands import edit_tag, make_tag, move_tag, retire_tag
from guanxi.platform.designer.forms import NamesForm
from guanxi.platform.objects.conditions import Condition, Operator, where_text
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.records.models import Record
from guanxi.platform.records.values import CUSTOM
from guanxi.platform.ui.fields import show_refusal


class TagForm(NamesForm):
    """What a tag is called, and its colour."""

    colour = forms.ChoiceField(label=_l("Colour"), choices=TagColour.choices, required=False)


@dataclass(frozen=True, slots=True)
class TagLine:
    """One tag of the vocabulary; `list_url` is the list of the records that have it, `back_url` offers it again."""

    row: Tag
    name: str
    list_url: str
    back_url: str


def can_be_tagged(spec: ObjectSpec) -> bool:
    """Whether records of an object can have tags."""
    return spec.verbs is not None and issubclass(spec.model, Record) and hasattr(spec.model, CUSTOM)


def tag_lines(spec: ObjectSpec) -> tuple[TagLine, ...]:
    """The vocabulary of an object in its order."""
    return tuple(
        TagLine(
            row,
            str(row),
            f"{spec.list_url}?{urlencode({'where': _having(row)})}",
            f"{reverse('design_retire_tag', args=[spec.key, row.pk])}?back=1",
        )
        for row in tags_of_object(spec.key)
    )


def _having(row: Tag) -> str:
    return where_text(Condition(TAGS_FIELD, Operator.IS, (row.key,)))


@require_http_methods(["GET", "HEAD", "POST"])
def tags_page(request: HttpRequest, key: str) -> HttpResponse:
    """The tags of an object, and the form of one more. Raises: NotFound, AccessDenied."""
    spec, actor = _spec(request, key), actor_of(request)
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            make_tag(spec.model, **form.cleaned_data, actor=actor)  # type: ignore[arg-type]  # a Record, as it can be tagged
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            return _back(key)
    lines = tag_lines(spec)
    context = {
        "spec": spec,
        "form": form,
        "offered": [line for line in lines if line.row.retired_at is None],
        "retired": [line for line in lines if line.row.retired_at is not None],
    }
    return render(request, "designer/tags.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def tag_page(request: HttpRequest, key: str, tag_id: int) -> HttpResponse:
    """The form of a tag. Raises: NotFound, AccessDenied."""
    _spec(request, key)
    row = tag_row(tag_id, object_key=key)
    if row is None:
        raise NotFound("tags.not_found", "There is no such tag.")
    initial = {"name_zh": row.name_zh, "name_en": row.name_en, "colour": row.colour}
    form = TagForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            edit_tag(tag_id, object_key=key, **form.cleaned_data, actor=actor_of(request))
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            return _back(key)
    title = _("Tag “%(name)s”") % {"name": row}
    context = {"form": form, "title": title, "back_url": reverse("design_tags", args=[key])}
    return render(request, "designer/form.html", context, status=422 if form.errors else 200)


@require_POST
def retire_tag_page(request: HttpRequest, key: str, tag_id: int) -> HttpResponse:
    """Offer a tag no more, or offer it again. Raises: NotFound, AccessDenied."""
    _spec(request, key)
    retire_tag(tag_id, object_key=key, is_retired="back" not in request.GET, actor=actor_of(request))
    return _back(key)


@require_POST
def move_tag_page(request: HttpRequest, key: str, tag_id: int) -> HttpResponse:
    """Move a tag up or down among the others. Raises: NotFound, AccessDenied."""
    _spec(request, key)
    move_tag(tag_id, object_key=key, steps=1 if "down" in request.GET else -1, actor=actor_of(request))
    return _back(key)


def _spec(request: HttpRequest, key: str) -> ObjectSpec:
    """An object whose records can be tagged, for who designs it. Raises: NotFound, AccessDenied."""
    require_designer(actor_of(request))
    spec = listed_object(key)
    if not can_be_tagged(spec):
        raise NotFound("tags.none", "Records of this kind have no tags.")
    return spec


def _back(key: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("design_tags", args=[key]), status=303)
