"""The page of the plan: the matrix of a version, what stands beside it, and what is pressed in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from guanxi.customers.facade import relation_names
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.planning import commands
from guanxi.planning.choices import CUSTOMER_PARTY, OPEN_OR_IN_FORCE, MarketStage, PlanState, SignoffState
from guanxi.planning.models import InformationItem, InformationPlan, Signoff
from guanxi.planning.queries import plans
from guanxi.planning.rules import pressed_key, read_need, varies
from guanxi.planning.views import matrix
from guanxi.planning.views.wording import item_name, plan_name, version_facts
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people, unit_names, unit_paths
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.responses import is_fragment_request, leading_to, with_toast

LEAST_DAYS_OF_READS = 30
NOT_NEEDED = "not"
"""What an address says for a need that is expressly none, beside one that is not named at all."""


@dataclass(frozen=True, slots=True)
class SignoffLine:
    """What one unit says, in words; `can_sign` for who may say it for the unit."""

    id: int
    unit: str
    state: str
    label: str
    who: str
    when: str
    comment: str
    can_sign: bool


@require_safe
def plan_page(request: HttpRequest) -> HttpResponse:
    """The matrix of the version that is asked for, or of the one that matters now."""
    actor, today = actor_of(request), timezone.localdate()
    versions = plans.plan_versions(actor)
    asked = request.GET.get("version", "")
    plan = plans.chosen_version(versions, int(asked) if _is_id(asked) else None)
    can_edit = may(actor, InformationPlan, Action.EDIT)
    if plan is None:
        return render(request, "planning/start.html", {"can_start": may(actor, InformationPlan, Action.CREATE)})
    items = plans.items_of(plan.pk, actor)
    party, stage = _party(request), _stage(request, plan)
    known = known_of(plan, party=party, stage=stage, can_edit=can_edit, today=today)
    rows = [matrix.row_of(item, plan, known) for item in items]
    show = request.GET.get("show", "")
    unused_rows = [row for row in rows if row.is_unused]
    context = {
        "plan": plan,
        "facts": version_facts(plan),
        "versions": [(plan_name(item), item, str(PlanState(item.state).label)) for item in versions],
        "groups": matrix.grouped(items, rows, show=show),
        "chips": [(chip, _address(plan, party, stage, chip.key)) for chip in matrix.chips(rows, show=show)],
        "parties": [(name, _address(plan, key, stage, show), key == party) for key, name in _parties().items()],
        "stages": [(item.label, _address(plan, party, item, show), item == stage) for item in MarketStage],
        "has_marks": any(varies(item.needs, key) for item in items for key in known.audiences),
        "audiences": list(known.audiences.values()),
        "columns": len(known.audiences) + 6,
        "marks": (matrix.need_mark("must"), matrix.need_mark("needed")),
        "signing": _signing(plan, actor, today=today),
        "counting_too": _counting_too(plan, versions),
        "can_edit": can_edit and plan.state == PlanState.DRAFT,
        "steps": _steps(plan, versions, can_edit=can_edit),
        "receipt": _receipt(plan, actor),
        "unused": _unused(items, rows, known) if unused_rows and plan.state in OPEN_OR_IN_FORCE else None,
        "can_retire": known.can_retire,
        "has_scores": bool(known.scores),
    }
    return render(request, "planning/plan.html", context)


def known_of(plan: InformationPlan, *, party: str, stage: str, can_edit: bool, today: date) -> matrix.Known:
    """What the matrix shows beside the items of a version."""
    since = plans.counted_since()
    is_judged = since is not None and (today - since).days >= LEAST_DAYS_OF_READS
    return matrix.Known(
        places=plans.places(),
        scores=plans.latest_item_scores(),
        reads=plans.reads_by_name(today, days=matrix.READ_DAYS) if is_judged else None,
        audiences={key: in_language(*names) for key, names in plans.audiences().items()},
        party=party,
        stage=stage,
        can_edit=can_edit and plan.state == PlanState.DRAFT,
        can_retire=can_edit and plan.state in OPEN_OR_IN_FORCE,
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _parties() -> dict[str, str]:
    return {key: in_language(*names) for key, names in relation_names().items()}


def _party(request: HttpRequest) -> str:
    asked = request.GET.get("party", CUSTOMER_PARTY)
    return asked if asked in relation_names() else CUSTOMER_PARTY


def _stage(request: HttpRequest, plan: InformationPlan) -> str:
    asked = request.GET.get("stage", "")
    return asked if asked in MarketStage.values else plan.stage


def _address(plan: InformationPlan, party: str, stage: str, show: str) -> str:
    given = {
        "version": str(plan.pk),
        "party": "" if party == CUSTOMER_PARTY else party,
        "stage": "" if stage == plan.stage else str(stage),
        "show": show,
    }
    return "?" + urlencode({key: value for key, value in given.items() if value})


def _steps(plan: InformationPlan, versions: Sequence[InformationPlan], *, can_edit: bool) -> Mapping[str, object]:
    """What can be done with the version now, by name."""
    former = next((item for item in versions if item.pk == plan.former_id), None)
    has_open = any(
        item.state in (PlanState.DRAFT, PlanState.SIGN_OFF)
        and (item.product_line, item.unit_id) == (plan.product_line, plan.unit_id)
        for item in versions
    )
    return {
        "compare": _compare_words(plan, former) if former else "",
        "rounds": can_edit,
        "submit": can_edit and plan.state == PlanState.DRAFT,
        "take_back": can_edit and plan.state == PlanState.SIGN_OFF,
        "publish": can_edit and plan.state == PlanState.SIGN_OFF,
        "begin": can_edit and plan.state == PlanState.PUBLISHED and not has_open,
        "elsewhere": can_edit and bool(unit_names()),
    }


def _compare_words(plan: InformationPlan, former: InformationPlan) -> str:
    """What leads to the comparison: of the same line and department the number says enough."""
    if (plan.product_line, plan.unit_id) == (former.product_line, former.unit_id):
        return _("Compare with version %(number)s") % {"number": former.number}
    return _("Compare with its origin")


def _counting_too(plan: InformationPlan, versions: Sequence[InformationPlan]) -> list[tuple[int, str]]:
    """The versions in force of other scopes that count for the customers of a version too, as (id, name)."""
    path = unit_paths().get(plan.unit_id or 0, ()) if plan.unit_id is not None else ()
    return [
        (item.pk, plan_name(item))
        for item in versions
        if item.state == PlanState.PUBLISHED and plan.state in OPEN_OR_IN_FORCE
        if (item.product_line, item.unit_id) != (plan.product_line, plan.unit_id)
        if item.unit_id is None or item.unit_id in path
    ]


def _signing(plan: InformationPlan, actor: Actor, *, today: date) -> Mapping[str, object] | None:
    """How far the sign-off is, and what each unit says; None where nobody was asked."""
    signoffs = plans.signoffs_of(plan.pk, actor)
    if not signoffs or plan.state == PlanState.DRAFT:
        return None
    agreed = sum(item.state == SignoffState.AGREED for item in signoffs)
    units = unit_names()
    waiting = [units.get(item.unit_id, "") for item in signoffs if item.state != SignoffState.AGREED]
    named = people(item.signed_by_id for item in signoffs if item.signed_by_id)
    lines = [
        SignoffLine(
            id=item.pk,
            unit=units.get(item.unit_id, ""),
            state=item.state,
            label=str(SignoffState(item.state).label),
            who=named[item.signed_by_id].name if item.signed_by_id in named else "",
            when=formats.day(timezone.localtime(item.signed_at).date(), today=today) if item.signed_at else "",
            comment=item.comment,
            can_sign=plan.state == PlanState.SIGN_OFF and may_act_on(actor, item, Action.EDIT),
        )
        for item in signoffs
    ]
    return {
        "lines": lines,
        "agreed": agreed,
        "asked": len(signoffs),
        "bar": graphics.bar(agreed / len(signoffs) * 100, size="h8"),
        "waiting": formats.enumeration(waiting),
        "due": formats.day(plan.due_on, today=today) if plan.due_on else "",
        "is_open": plan.state == PlanState.SIGN_OFF,
        "is_complete": agreed == len(signoffs),
        "is_mine": any(line.can_sign and line.state != SignoffState.AGREED for line in lines),
    }


def _receipt(plan: InformationPlan, actor: Actor) -> Mapping[str, object] | None:
    """Whether the person has still to confirm the version, and how many did."""
    if plan.state != PlanState.PUBLISHED or actor.user_id is None:
        return None
    confirmed, told = plans.receipt_counts(plan.pk)
    return {"is_open": plans.open_receipt(actor.user_id, plan.pk), "confirmed": confirmed, "told": told}


def _unused(items: Sequence[InformationItem], rows: Sequence[matrix.Row], known: matrix.Known) -> Mapping[str, object]:
    return {
        "ids": [row.id for row in rows if row.is_unused],
        "hours": formats.number(matrix.unused_hours(items, rows, known), decimals=1),
    }


@require_POST
def set_need(request: HttpRequest, item_id: int) -> HttpResponse:
    """Set how much an audience needs an item; the cell as it now is, with an undo."""
    actor = actor_of(request)
    audience, value = request.GET.get("audience", "")[:30], request.GET.get("to", "")[:10]
    item = plans.item_of(item_id, actor)
    plan = plans.plan_of(item.plan_id, actor)
    party, stage = _party(request), _stage(request, plan)
    if "need" in request.GET:  # an undo names the very need, and what it was
        needs = {read_need(request.GET["need"][:80]): "" if value == NOT_NEEDED else value or None}
        commands.set_needs(item_id, needs=needs, actor=actor)
        return leading_to(request, f"{reverse('plan')}{_address(plan, party, stage, '')}")
    for_party, for_stage = party != CUSTOMER_PARTY, stage != plan.stage
    key = pressed_key(item.needs, audience, party=party, stage=stage, for_party=for_party, for_stage=for_stage)
    former = item.needs.get(key.text)
    commands.set_need(item_id, need=key, value=value, actor=actor)
    item = plans.item_of(item_id, actor)
    shown = f"{reverse('plan')}{_address(plan, party, stage, '')}"
    if not is_fragment_request(request):
        return leading_to(request, shown)
    known = known_of(plan, party=party, stage=stage, can_edit=True, today=timezone.localdate())
    cell = HttpResponse(matrix.need_cell(item, audience, plan=plan, known=known))
    given = {"need": key.text, "to": NOT_NEEDED if former == "" else former or "", "party": party, "stage": stage}
    back = f"{request.path}?{urlencode(given)}"
    return with_toast(cell, _("%(item)s: saved in the draft.") % {"item": item_name(item)}, undo_url=back)


@require_POST
def retire_items(request: HttpRequest) -> HttpResponse:
    """Collect some items no more; the values stay."""
    return _collecting(request, is_retired=True)


@require_POST
def restore_items(request: HttpRequest) -> HttpResponse:
    """Take the collecting of some items up again."""
    return _collecting(request, is_retired=False)


def _collecting(request: HttpRequest, *, is_retired: bool) -> HttpResponse:
    actor = actor_of(request)
    asked = request.POST.getlist("item") or request.GET.getlist("item")
    ids = [int(text) for text in asked if _is_id(text)]
    if not ids:
        raise RuleViolation("item.none", "No items were chosen.")
    verb = commands.retire_items if is_retired else commands.restore_items
    changed = verb(ids, actor=actor)
    told = (
        ngettext("%(count)s item is collected no more.", "%(count)s items are collected no more.", len(changed))
        if is_retired
        else ngettext("%(count)s item is collected again.", "%(count)s items are collected again.", len(changed))
    ) % {"count": len(changed)}
    back = reverse("restore_items" if is_retired else "retire_items")
    plan_id = plans.item_of(ids[0], actor).plan_id
    if not is_fragment_request(request):
        messages.success(request, told)
        return HttpResponseRedirect(f"{reverse('plan')}?version={plan_id}", status=303)
    response = HttpResponse(status=204)
    response.headers["HX-Refresh"] = "true"
    undo_url = f"{back}?{urlencode([('item', item_id) for item_id in changed])}"
    return with_toast(response, told, undo_url=undo_url)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin with the ready plan."""
    plan = commands.start_ready_plan(timezone.localdate(), actor=actor_of(request))
    return HttpResponseRedirect(f"{reverse('plan')}?version={plan.pk}", status=303)


@require_POST
def begin(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Begin the next version."""
    draft = commands.begin_draft(plan_id, today=timezone.localdate(), actor=actor_of(request))
    return HttpResponseRedirect(f"{reverse('plan')}?version={draft.pk}", status=303)


@require_POST
def take_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Take a version out of sign-off."""
    commands.take_back(plan_id, actor=actor_of(request))
    messages.success(request, _("It is a draft again."))
    return HttpResponseRedirect(f"{reverse('plan')}?version={plan_id}", status=303)


@require_POST
def publish(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Put a version in force."""
    plan = commands.publish_plan(plan_id, actor=actor_of(request))
    messages.success(request, _("%(version)s is in force.") % {"version": plan_name(plan)})
    return HttpResponseRedirect(f"{reverse('plan')}?version={plan_id}", status=303)


@require_POST
def confirm(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Say that one has read a published version."""
    commands.confirm_briefing(plan_id, actor=actor_of(request))
    return HttpResponseRedirect(f"{reverse('plan')}?version={plan_id}", status=303)


@require_POST
def sign(request: HttpRequest, signoff_id: int) -> HttpResponse:
    """Agree for a unit, or object with a word why."""
    actor = actor_of(request)
    is_agreed = request.POST.get("answer") == "agree"
    comment = request.POST.get("comment", "").replace("\x00", "")
    signoff: Signoff = commands.sign_off(signoff_id, is_agreed=is_agreed, comment=comment, actor=actor)
    return HttpResponseRedirect(f"{reverse('plan')}?version={signoff.plan_id}", status=303)


def default_due(today: date) -> date:
    """The day until which departments are asked to sign off, a week from now."""
    return today + timedelta(days=7)
