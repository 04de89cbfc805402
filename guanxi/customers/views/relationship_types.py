"""Pages of the list of what parties can be to each other."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.choices import GROUP_TYPE, Bond, Joins
from guanxi.customers.commands import (
    TypeNames,
    add_relationship_type,
    rename_relationship_type,
    use_relationship_type,
)
from guanxi.customers.forms import NewTypeForm, TypeForm
from guanxi.customers.models import RelationshipType
from guanxi.customers.queries import TypeUse, all_relationship_types, relationship_type, type_uses
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import Label
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.fields import focus_first, show_refusal

BONDS = tuple(Bond)


@dataclass(frozen=True, slots=True)
class TypeLine:
    """One type as the list shows it; `by_bond` are its relationships by how close the two are."""

    key: str
    name: str
    other_name: str
    joins: Label
    uses: str
    by_bond: tuple[str, ...]
    is_active: bool
    can_retire: bool


@require_safe
def types_page(request: HttpRequest) -> HttpResponse:
    """All types with how often each is used, of the relationships that the person sees."""
    uses = type_uses(actor_of(request))
    lines = [_line(row, [use for use in uses if use.type_key == row.pk]) for row in all_relationship_types()]
    context = {"lines": lines, "bonds": [bond.label for bond in BONDS]}
    return render(request, "customers/relationship_types.html", context)


def _line(row: RelationshipType, uses: Iterable[TypeUse]) -> TypeLine:
    found = {use.bond: use.count for use in uses}
    inverse = in_language(row.inverse_zh, row.inverse_en) if row.inverse_zh else ""
    name = in_language(row.name_zh, row.name_en)
    return TypeLine(
        key=row.pk,
        name=f"{name} – {inverse}" if inverse else name,
        other_name=in_language(row.name_en, row.name_zh),
        joins=Joins(row.joins).label,
        uses=formats.number(sum(found.values())),
        by_bond=tuple(formats.number(found.get(bond, 0)) for bond in BONDS),
        is_active=row.is_active,
        can_retire=row.pk != GROUP_TYPE,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def type_form(request: HttpRequest, type_key: str = "") -> HttpResponse:
    """Add a type, or give one other names. Raises: NotFound."""
    actor = actor_of(request)
    known = relationship_type(type_key) if type_key else None
    data = request.POST if request.method == "POST" else None
    form = TypeForm(data, initial=_names_of(known)) if known else NewTypeForm(data)
    if request.method == "POST" and form.is_valid():
        try:
            _save(form, known, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return _to_types()
    focus_first(form)
    context = {"form": form, "name": in_language(known.name_zh, known.name_en) if known else ""}
    return render(request, "customers/relationship_type_form.html", context, status=422 if form.errors else 200)


def _names_of(known: RelationshipType) -> dict[str, str]:
    return {name: getattr(known, name) for name in TypeForm.base_fields}


def _save(form: TypeForm, known: RelationshipType | None, *, actor: Actor) -> None:
    names = TypeNames(**{name: form.cleaned_data[name] for name in TypeForm.base_fields})
    if known is None:
        add_relationship_type(names, joins=form.cleaned_data["joins"], actor=actor)
    else:
        rename_relationship_type(known.pk, names, actor=actor)


@require_POST
def use_type(request: HttpRequest, type_key: str) -> HttpResponse:
    """Take a type out of use, or back into it. Raises: NotFound, RuleViolation."""
    is_active = request.POST.get("is_active") == "1"
    use_relationship_type(type_key, is_active=is_active, actor=actor_of(request))
    messages.success(request, _("In use again.") if is_active else _("Not offered any more; what is noted stays."))
    return _to_types()


def _to_types() -> HttpResponse:
    return HttpResponseRedirect(reverse("relationship_types"), status=303)
