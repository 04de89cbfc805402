"""Arranging the cards and forms of an object in place: on a card's own fields and panels, for an audience.

The page is one form: its rows carry the places of the layout in the order in which they stand, so that a row that is
dragged, or moved by its buttons, needs no further word. Nothing is kept before it is saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.kernel.errors import Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import all_roles, unit_names
from guanxi.platform.customfields.commands import require_designer
from guanxi.platform.objects.commands import remove_layout, save_layout
from guanxi.platform.objects.layouts import (
    FIELD,
    HIDDEN_FIELDS,
    HIDDEN_PANELS,
    MAIN,
    PANEL,
    SECTION,
    SIDE,
    Layout,
    completed,
    moved,
    read_layout,
    shown_again,
)
from guanxi.platform.objects.queries import LayoutAudience, layout_audiences, layout_row
from guanxi.platform.objects.registry import fields_of, listed_object, panels_of
from guanxi.platform.objects.rollups import rolled_fields
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version
from guanxi.platform.ui.lines import lines_of
from guanxi.platform.ui.responses import leading_to

FAR = 1_000
STEPS: Mapping[str, int] = {"up": -1, "down": 1, "hide": FAR}


@dataclass(frozen=True, slots=True)
class Placed:
    """One field or panel on the page: `place` is its word in the layout, `text` what the record says."""

    place: str
    label: Label
    text: str = ""


@dataclass(frozen=True, slots=True)
class Arranging:
    """What is arranged: an object, for whom, on which record, seen in which version (0 = no layout yet)."""

    spec: ObjectSpec
    audience: LayoutAudience
    record: models.Model | None
    version: int
    view: View

    @property
    def url(self) -> str:
        """The address of the page."""
        record = f"&record={self.record.pk}" if self.record is not None else ""
        return f"{reverse('arrange', args=[self.spec.key])}?for={self.audience.key}{record}"

    @property
    def back_url(self) -> str:
        """Where the person came from: the card, or the list."""
        if self.record is not None and self.spec.detail_url is not None:
            return self.spec.detail_url(self.record.pk)
        return self.spec.list_url


@require_http_methods(["GET", "HEAD", "POST"])
def arrange_page(request: HttpRequest, key: str) -> HttpResponse:
    """The layout of an object for an audience, and what was moved in it.

    Raises: AccessDenied, NotFound("object.not_found" | "layout.audience" | "record.not_found").
    """
    arranging, layout = _arranging(request, key)
    if request.method == "POST":
        layout = read_layout(*_posted(request.POST))
        do, _point, place = request.POST.get("do", "").partition(".")
        if do in {"save", "usual"}:
            return _written(request, arranging, layout, do=do)
        layout = read_layout(*_changed(layout, do, place))
    return _page(request, arranging, layout)


def _written(request: HttpRequest, arranging: Arranging, layout: Layout, *, do: str) -> HttpResponse:
    """Keep the layout, or let it be as usual; what somebody else saved meanwhile is not overwritten."""
    key, audience = arranging.spec.key, arranging.audience
    version = posted_version(request) or 0
    try:
        if do == "save":
            save_layout(key, layout, audience=audience, version=version, actor=arranging.view.actor)
        else:
            remove_layout(key, audience=audience, version=version, actor=arranging.view.actor)
    except (Conflict, RuleViolation) as error:
        return _page(request, arranging, layout, error=error, version=version)
    messages.success(request, _("The layout is in force."))
    return leading_to(request, arranging.back_url)


def _arranging(request: HttpRequest, key: str) -> tuple[Arranging, Layout]:
    actor = actor_of(request)
    require_designer(actor)
    spec, audience = listed_object(key), _audience(request.GET.get("for", "all"))
    record_id = request.GET.get("record", "")
    view = View(actor, timezone.localdate())
    record = grant(actor, spec.model).live(int(record_id)) if record_id.isdecimal() and len(record_id) < 19 else None
    row = layout_row(key, audience)
    layout = read_layout(row.places, row.names) if row is not None else Layout()
    return Arranging(spec, audience, record, row.version if row is not None else 0, view), layout


def _audience(text: str) -> LayoutAudience:
    """The audience that an address names. Raises: NotFound("layout.audience")."""
    kind, _point, number = text.partition(".")
    known = {"role": {role.pk for role in all_roles()}, "unit": set(unit_names())}.get(kind, set())
    if text == "all":
        return LayoutAudience()
    if not number.isdecimal() or int(number[:18]) not in known:
        raise NotFound("layout.audience", "There is no such role or department.")
    return LayoutAudience(**{f"{kind}_id": int(number[:18])})


def _posted(data: QueryDict) -> tuple[list[str], list[tuple[str, str]]]:
    names = zip(data.getlist("name_zh"), data.getlist("name_en"), strict=False)
    return data.getlist("place"), [(chinese.strip(), english.strip()) for chinese, english in names]


def _changed(layout: Layout, do: str, place: str) -> tuple[Sequence[str], Sequence[tuple[str, str]]]:
    """The layout as a button asked: a row moved, hidden or shown, or one more section."""
    places, names = layout.places, layout.names
    if do == "section":
        at = places.index(HIDDEN_FIELDS)
        return (*places[:at], SECTION, *places[at:]), (*names, (_("New section"), "New section"))
    if do == "show":
        return shown_again(places, place), names
    return moved(places, place, steps=STEPS.get(do, 0)), names


def _page(
    request: HttpRequest,
    arranging: Arranging,
    layout: Layout,
    *,
    error: Conflict | RuleViolation | None = None,
    version: int | None = None,
) -> HttpResponse:
    rows = _rows(arranging)
    panels = [panel for panel in panels_of(arranging.spec.key) if panel.place in {MAIN, SIDE}]
    fields = [place.removeprefix(FIELD) for place in rows if place.startswith(FIELD)]
    layout = completed(layout, fields, panels)
    made = layout_audiences(arranging.spec.key)
    context: dict[str, Any] = {
        "arranging": arranging,
        "sections": [(part.name_zh, part.name_en, _placed(rows, FIELD, part.fields)) for part in layout.sections],
        "hidden_fields": _placed(rows, FIELD, layout.hidden_fields),
        "columns": [
            (MAIN, _("Wide column"), _placed(rows, PANEL, layout.main)),
            (SIDE, _("Narrow column"), _placed(rows, PANEL, layout.side)),
        ],
        "hidden_panels": _placed(rows, PANEL, layout.hidden_panels),
        "roles": _offered("role", [(role.pk, role.label) for role in all_roles()], made),
        "units": _offered("unit", list(unit_names().items()), made),
        "is_for_all": "all" in made,
        "marks": {"section": SECTION, "hidden_fields": HIDDEN_FIELDS, "hidden_panels": HIDDEN_PANELS},
        "version": arranging.version if version is None else version,
        "refusal": sentence_of(error) if error is not None else "",
    }
    return render(request, "ui/arrange.html", context, status=error.status if error is not None else 200)


def _offered(kind: str, named: Sequence[tuple[int, str]], made: frozenset[str]) -> list[tuple[str, str, bool]]:
    """The audiences of one kind: (key, name, whether there is a layout for it)."""
    return [(f"{kind}.{pk}", name, f"{kind}.{pk}" in made) for pk, name in named]


def _rows(arranging: Arranging) -> dict[str, Placed]:
    """All fields and panels of the object, by place, in their usual order."""
    spec, view = arranging.spec, arranging.view
    texts = {}
    if arranging.record is not None:
        texts = {line.key: line.text for line in lines_of(spec, arranging.record, view)}
    own = [item for item in fields_of(spec) if item.beside is None and not item.is_tags]
    own.sort(key=lambda item: not item.is_editable)
    fields = [*own, *(rolled.item for rolled in rolled_fields(spec, view.actor))]
    placed = [Placed(FIELD + item.key, item.label, texts.get(item.key, "")) for item in fields]
    placed += [Placed(PANEL + panel.key, panel.label) for panel in panels_of(spec.key)]
    return {row.place: row for row in placed}


def _placed(rows: Mapping[str, Placed], mark: str, keys: Sequence[str]) -> list[Placed]:
    return [rows[mark + key] for key in keys if mark + key in rows]
