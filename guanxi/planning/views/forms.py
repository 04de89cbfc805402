"""Pages with a form: an item, what goes into sign-off, market phases; and the comparison of versions."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning import commands
from guanxi.planning.choices import MarketStage, Moment, PlanState, Purpose, Way
from guanxi.planning.forms import ItemForm, PhaseForm, ScopeForm, SubmitForm
from guanxi.planning.models import InformationItem, InformationPlan, MarketPhase
from guanxi.planning.queries import plans
from guanxi.planning.queries.sources import binding_choices, binding_text
from guanxi.planning.rules import Difference, compared, read_need
from guanxi.planning.views.matrix import READ_DAYS
from guanxi.planning.views.plan import default_due
from guanxi.planning.views.taking import origins
from guanxi.planning.views.wording import decision_of, group_name, item_name, origin_of, plan_name, purposes_of
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import unit_names, unit_paths
from guanxi.platform.objects.spec import Label
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after

HOUSE = "house"
"""What a form says for the whole house, where saying nothing is no choice."""
FIELD_WORDS: Mapping[str, Label] = {
    "needs": _l("Who needs it"),
    "purposes": _l("Purposes"),
    "relations": _l("Asked of"),
}
PLAIN = ("name_zh", "name_en", "group_zh", "group_en", "supplier_zh", "supplier_en", "decision_zh", "decision_en")


@require_http_methods(["GET", "HEAD", "POST"])
def new_item(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The form of a new item of a draft."""
    actor = actor_of(request)
    plan = plans.plan_of(plan_id, actor)
    named = request.GET.get("name", "")[:60]  # a wish of the questionnaire that becomes an item
    initial = {"way": Way.TYPED, "moment": Moment.FIRST_CONTACT, "name_zh": named, "name_en": named}
    form = _item_form(request, initial)
    if request.method == "POST" and form.is_valid():
        try:
            key = f"item-{timezone.now():%Y%m%d%H%M%S%f}"
            commands.add_item(plan.pk, key=key, values=_values(form), actor=actor)
            return _to_plan(plan.pk)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
    return _form(request, form, plan=plan, title=_("New information item"), submit=_("Add"))


@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """The form of one item of a draft."""
    actor = actor_of(request)
    item = plans.item_of(item_id, actor)
    plan = plans.plan_of(item.plan_id, actor)
    form = _item_form(request, _initial(item))
    version = posted_version(request) or item.version
    if request.method == "POST" and form.is_valid():
        try:
            commands.edit_item(item_id, values=_values(form), version=posted_version(request), actor=actor)
            return _to_plan(plan.pk)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
    needs_url = reverse("plan_item_needs", args=[item_id])
    return _form(
        request, form, plan=plan, title=item_name(item), submit=_("Save"), version=version, needs_url=needs_url
    )


@require_safe
def item_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """One item: what it is for, who owes it, how it stands, and what reads it."""
    actor, today = actor_of(request), timezone.localdate()
    item = plans.item_of(item_id, actor)
    plan = plans.plan_of(item.plan_id, actor)
    place = plans.places().get(item.binding_id or 0)
    score = plans.latest_item_scores().get(item.binding_id or 0)
    uses = plans.reads_by_use(place, today, days=READ_DAYS) if place else ()
    can_edit = may(actor, InformationPlan, Action.EDIT) and plan.state == PlanState.DRAFT
    context = {
        "item": item,
        "plan": plan,
        "version": plan_name(plan),
        "name": item_name(item),
        "group": group_name(item),
        "decision": decision_of(item),
        "origin": origin_of(item),
        "purposes": purposes_of(item),
        "moment": Moment(item.moment).label,
        "needs": _needs(item),
        "place": _place_name(item),
        "score": score,
        "completeness": formats.percent(score.completeness, decimals=0) if score and score.due else "",
        "freshness": formats.percent(score.freshness, decimals=0) if score and score.filled else "",
        "uses": [(USES.get(use, use), formats.number(count)) for use, count in uses],
        "can_edit": can_edit and not item.is_retired,
        "origins": origins(item, can_edit=can_edit) if may(actor, InformationPlan, Action.EDIT) else [],
    }
    return render(request, "planning/item.html", context)


USES: Mapping[str, Label] = {
    "shown": _l("Columns of lists"),
    "filter": _l("Filters and saved views"),
    "sort": _l("Sorting"),
    "export": _l("Exports"),
    "score": _l("Value index"),
    "lake": _l("Analyses"),
}


def _needs(item: InformationItem) -> list[tuple[str, str]]:
    """Who needs an item and how much, in words."""
    names = {key: in_language(*pair) for key, pair in plans.audiences().items()}
    found = []
    for text, value in sorted(item.needs.items()):
        key = read_need(text)
        parts = [names.get(key.audience, key.audience), key.party, MarketStage(key.stage).label if key.stage else ""]
        words = {"must": _("Must"), "needed": _("Needed")}.get(value, _("not needed"))
        found.append((" · ".join(str(part) for part in parts if part), words))
    return found


def _place_name(item: InformationItem) -> str:
    place = plans.places().get(item.binding_id or 0)
    if place is None:
        return ""
    wanted = binding_text(place.kind, place.object_key, place.name)
    return next(
        (f"{group} · {label}" for group, rows in binding_choices() for value, label in rows if value == wanted),
        place.name,
    )


def _item_form(request: HttpRequest, initial: Mapping[str, object]) -> ItemForm:
    form = ItemForm(request.POST if request.method == "POST" else None, initial=dict(initial))
    form.fields["binding"].choices = [("", _("Nowhere yet")), *binding_choices()]  # type: ignore[attr-defined]  # a ChoiceField
    return form


def _initial(item: InformationItem) -> dict[str, object]:
    place = plans.places().get(item.binding_id or 0)
    plain = {name: getattr(item, name) for name in (*PLAIN, "way", "moment", "limit_days", "purposes", "account_kind")}
    return {**plain, "binding": binding_text(place.kind, place.object_key, place.name) if place else ""}


def _values(form: Form) -> dict[str, Any]:
    """What was typed, by column: the place by its number."""
    values = dict(form.cleaned_data)
    named = values.pop("binding").split(":")
    values["binding_id"] = commands.place_id(*named) if len(named) == 3 else None
    return values


def _form(
    request: HttpRequest,
    form: Form,
    *,
    plan: InformationPlan,
    title: str,
    submit: str,
    version: int | None = None,
    needs_url: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "plan": plan,
        "name": plan_name(plan),
        "title": title,
        "submit": submit,
        "version": version,
        "needs_url": needs_url,
    }
    return render(request, "planning/form.html", context, status=422 if form.errors else 200)


def _to_plan(plan_id: int) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('plan')}?version={plan_id}", status=303)


@require_http_methods(["GET", "HEAD", "POST"])
def begin_elsewhere(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Begin a version for another department or product line as a copy of one."""
    actor, today = actor_of(request), timezone.localdate()
    plan = plans.plan_of(plan_id, actor)
    items = [item for item in plans.items_of(plan_id, actor) if not item.is_retired]
    groups = {item.group_zh: group_name(item) for item in items}
    initial = {"product_line": plan.product_line, "groups": list(groups)}
    form = ScopeForm(request.POST if request.method == "POST" else None, initial=initial)
    named = [(str(key), name) for key, name in unit_names().items()]
    units = [("", _("Choose a department")), (HOUSE, _("The whole house")), *named]
    form.fields["unit"].choices = units  # type: ignore[attr-defined]  # a ChoiceField
    form.fields["groups"].choices = list(groups.items())  # type: ignore[attr-defined]  # as above
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        unit_id = int(values["unit"]) if values["unit"] != HOUSE else None
        scope = commands.Scope(values["product_line"].strip(), unit_id)
        keys = [item.key for item in items if item.group_zh in values["groups"]]
        try:
            draft = commands.begin_draft(plan_id, scope=scope, item_keys=keys, today=today, actor=actor)
            messages.success(request, _("%(version)s is a draft now.") % {"version": plan_name(draft)})
            return _to_plan(draft.pk)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
    return _form(request, form, plan=plan, title=_("A version for another department"), submit=_("Begin it"))


@require_http_methods(["GET", "HEAD", "POST"])
def submit_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Choose who signs off a draft."""
    actor, today = actor_of(request), timezone.localdate()
    plan = plans.plan_of(plan_id, actor)
    grant(actor, InformationPlan, Action.EDIT)
    asked = [str(item.unit_id) for item in plans.signoffs_of(plan_id, actor)]
    meant = [str(unit_id) for unit_id, path in unit_paths().items() if plan.unit_id is None or plan.unit_id in path]
    initial = {"units": asked or meant, "due_on": default_due(today)}
    form = SubmitForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["units"].choices = [(str(unit_id), name) for unit_id, name in unit_names().items()]  # type: ignore[attr-defined]  # as above
    if request.method == "POST" and form.is_valid():
        try:
            ids = [int(text) for text in form.cleaned_data["units"]]
            commands.submit_plan(plan_id, unit_ids=ids, due_on=form.cleaned_data["due_on"], actor=actor)
            return _to_plan(plan_id)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
    return _form(request, form, plan=plan, title=_("Submit for sign-off"), submit=_("Submit for sign-off"))


@require_safe
def compare_page(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What a version changes against the one it was copied from."""
    actor = actor_of(request)
    plan = plans.plan_of(plan_id, actor)
    former = plans.plan_of(plan.former_id, actor) if plan.former_id else None
    now = plans.items_of(plan_id, actor)
    before = plans.items_of(former.pk, actor) if former else ()
    names = {item.key: item_name(item) for item in (*before, *now)}
    found = compared(plans.version_items(before), plans.version_items(now))
    kinds = (("added", _("New")), ("changed", _("Changed")), ("removed", _("No more collected")))
    context = {
        "plan": plan,
        "name": plan_name(plan),
        "former": plan_name(former) if former else "",
        "kinds": [
            (kind, label, [(names[item.key], _changed_words(item)) for item in found if item.change == kind])
            for kind, label in kinds
        ],
        "count": len(found),
    }
    return render(request, "planning/compare.html", context)


def _changed_words(item: Difference) -> str:
    columns = {field.attname: field.verbose_name for field in InformationItem._meta.concrete_fields}
    return formats.enumeration(str(FIELD_WORDS.get(name, columns.get(name, name))) for name in item.fields)


@require_http_methods(["GET", "HEAD", "POST"])
def phases_page(request: HttpRequest) -> HttpResponse:
    """The market phases, dated, and the form of the next one."""
    actor, today = actor_of(request), timezone.localdate()
    form = PhaseForm(request.POST if request.method == "POST" else None, initial={"from_on": today})
    units = unit_names()
    form.fields["unit"].choices = [("", _("The whole house")), *((str(key), name) for key, name in units.items())]  # type: ignore[attr-defined]  # as above
    can_edit = may(actor, MarketPhase, Action.CREATE)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        unit_id = int(values["unit"]) if values["unit"] else None
        try:
            commands.set_market_phase(
                values["stage"],
                product_line=values["product_line"].strip(),
                unit_id=unit_id,
                from_on=values["from_on"],
                actor=actor,
            )
            return HttpResponseRedirect(reverse("market_phases"), status=303)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
    rows = sorted(plans.market_phases(), key=lambda row: row.from_on, reverse=True)
    lines = [
        (
            row.product_line or _("all product lines"),
            units.get(row.unit_id or 0, _("The whole house")),
            MarketStage(row.stage).label,
            formats.full_day(row.from_on),
        )
        for row in rows
    ]
    context = {"form": form, "lines": lines, "can_edit": can_edit, "purposes": Purpose.choices}
    return render(request, "planning/phases.html", context, status=422 if form.errors else 200)
