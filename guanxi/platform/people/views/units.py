"""The departments of the house as a tree: who stands below whom, how many people are where; new, renamed, moved."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import create_unit, move_unit, rename_unit
from guanxi.platform.accounts.models import OrgUnit, UnitKind
from guanxi.platform.accounts.queries import people_to_administer, unit_sizes, units_to_administer
from guanxi.platform.people.forms import UnitForm
from guanxi.platform.people.views.people import administers
from guanxi.platform.people.words import UNIT_KINDS
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

DEEPEST = 5
MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One department of the tree: `level` counts from 0, `people` stand in it, `below` in it or below it."""

    id: int
    name: str
    kind: str
    level: int
    people: int
    below: int


@require_safe
def units_page(request: HttpRequest) -> HttpResponse:
    """The departments that the person administers, as a tree; three queries."""
    units, sizes = units_to_administer(actor_of(request)), unit_sizes()
    top = min((len(unit.path) for unit in units), default=1)
    lines = [
        UnitLine(
            id=unit.pk,
            name=unit.name,
            kind=str(UNIT_KINDS[UnitKind(unit.kind)]),
            level=min(len(unit.path) - top, DEEPEST),
            people=sizes.get(unit.pk, 0),
            below=sum(sizes.get(other.pk, 0) for other in units if unit.pk in other.path),
        )
        for unit in units
    ]
    return render(request, "people/units.html", {"units": lines})


@require_http_methods(["GET", "HEAD", "POST"])
def new_unit(request: HttpRequest) -> HttpResponse:
    """Add a department."""
    actor = actor_of(request)
    form = UnitForm(
        request.POST or None, actor=actor, initial={"parent_id": request.GET.get("below"), "kind": UnitKind.REGION}
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            unit = create_unit(
                values["name"], kind=UnitKind(values["kind"]), parent=_unit(values.get("parent_id")), actor=actor
            )
        except (AccessDenied, Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("“%(name)s” is there.") % {"name": unit.name})
            return HttpResponseRedirect(reverse("units"), status=303)
    return render(request, "people/unit.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def unit_page(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One department: name, level, place, the people in it. Raises: NotFound for one out of reach."""
    actor = actor_of(request)
    unit = next((unit for unit in units_to_administer(actor) if unit.pk == unit_id), None)
    if unit is None:
        raise NotFound("unit.not_found", "There is no such department.")
    initial = {"name": unit.name, "kind": unit.kind, "parent_id": unit.parent_id}
    form = UnitForm(request.POST or None, actor=actor, moved=unit, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _change(unit, form, actor=actor)
        except (AccessDenied, Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved. Who sees what follows the tree from the next click on."))
            return HttpResponseRedirect(reverse("units"), status=303)
    found = people_to_administer(actor, unit_id=unit_id)
    people = [(user.pk, user.full_name, user.title) for user in found[:MOST_NAMES]]
    context = {"form": form, "unit": unit, "people": people}
    return render(request, "people/unit.html", context, status=422 if form.errors else 200)


def _change(unit: OrgUnit, form: UnitForm, *, actor: Actor) -> None:
    values = form.cleaned_data
    if "parent_id" in values and values["parent_id"] != unit.parent_id:
        move_unit(unit.pk, parent_id=values["parent_id"], actor=actor)
    if (values["name"], values["kind"]) != (unit.name, unit.kind):
        rename_unit(unit.pk, name=values["name"], kind=UnitKind(values["kind"]), actor=actor)


def _unit(unit_id: int | None) -> OrgUnit | None:
    return OrgUnit.objects.filter(pk=unit_id).first() if unit_id is not None else None


register_settings(
    SettingsEntry(
        "units",
        _l("Departments"),
        _l("The tree of the house, which says whose customers a manager sees."),
        "sitemap",
        "units",
        group=_l("For the house"),
        order=212,
        is_shown=administers,
    )
)
