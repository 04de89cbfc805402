"""Taking answers of a round over into the draft: what is said of an item, what would change, and giving it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.facade import relation_name
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning import commands
from guanxi.planning.analyses.needs import LIMIT, NEEDS, WAY, Proposal, Said, proposals, summed
from guanxi.planning.choices import MarketStage, NeedValue, PlanState, Way
from guanxi.planning.models import InformationItem, InformationPlan, TakenNeed
from guanxi.planning.queries import needs, plans
from guanxi.planning.rules import read_need
from guanxi.planning.views.rounds import audience_names, item_line, round_name, to_round
from guanxi.planning.views.wording import item_name, plan_name
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.responses import leading_to


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One value that could be taken over: what it is, before and after, and who says so."""

    key: str
    item_id: int
    item: str
    what: str
    former: str
    value: str
    former_text: str
    value_text: str
    sources: str
    is_chosen: bool
    is_more: bool


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What one person says of an item about a party."""

    who: str
    audience: str
    party: str
    need: str
    need_label: str
    decision: str
    fresh: str
    way: str
    kept: str
    is_never_used: bool


def value_name(name: str) -> str:
    """What is taken over, in words: a column of the item, or whose need."""
    if name.startswith(NEEDS):
        key = read_need(name.removeprefix(NEEDS))
        parts = [
            audience_names().get(key.audience, key.audience),
            relation_name(key.party) if key.party else "",
            str(MarketStage(key.stage).label) if key.stage else "",
        ]
        return " · ".join(part for part in parts if part)
    return {LIMIT: _("Fresh for"), WAY: _("Comes in by")}.get(name, _("Decision"))


def value_text(name: str, text: str) -> str:
    """A value as an item keeps it, in words."""
    if name.startswith(NEEDS):
        return str(NeedValue(text).label) if text else _("not needed")
    if name == LIMIT:
        return formats.day_count(int(text)) if text else _("It does not age")
    if name == WAY:
        return str(Way(text).label)
    return text or formats.MISSING


@require_safe
def said_page(request: HttpRequest, round_id: int, item_id: int) -> HttpResponse:
    """What each person says of an item in a round."""
    actor = actor_of(request)
    asked, item = needs.round_of(round_id, actor), plans.item_of(item_id, actor)
    plan = plans.plan_of(asked.plan_id, actor)
    said = [row for row in needs.said_in(round_id) if row.item_id == item_id]
    changes = _changes(plan, [item], said)
    found = summed(said).get(item_id)
    context = {
        "round": asked,
        "item": item,
        "name": item_name(item),
        "title": round_name(asked),
        "version": plan_name(plan),
        "summary": item_line(item, found, len(changes)) if found else None,
        "lines": _answers(said),
        "changes": changes,
    }
    return render(request, "planning/said.html", context)


def _answers(said: Sequence[Said]) -> list[AnswerLine]:
    speaking = needs.speakers({row.sheet_id for row in said})
    named, audiences = people(speaking.values()), audience_names()
    lines = []
    for row in said:
        user_id = speaking.get(row.sheet_id, 0)
        lines.append(
            AnswerLine(
                who=named[user_id].name if user_id in named else "",
                audience=audiences.get(row.audience, row.audience),
                party=relation_name(row.party),
                need=row.need,
                need_label=str(NeedValue(row.need).label) if row.need else "",
                decision=row.decision,
                fresh=formats.day_count(row.fresh_days) if row.fresh_days else "",
                way=str(Way(row.way).label) if row.way else "",
                kept=formats.day_count(row.kept_days) if row.kept_days else "",
                is_never_used=row.is_never_used,
            )
        )
    return lines


def _changes(plan: InformationPlan, items: Sequence[InformationItem], said: Sequence[Said]) -> list[ChangeLine]:
    """What could be taken over into the draft; nothing once it is no draft any more."""
    if plan.state != PlanState.DRAFT:
        return []
    found = proposals(needs.drafted(items), said, stage=plan.stage)
    speaking = needs.speakers({sheet_id for row in found for sheet_id in row.sheet_ids})
    names = {user_id: person.name for user_id, person in people(speaking.values()).items()}
    items_by_id = {item.pk: item_name(item) for item in items}
    return [_change_line(row, items_by_id[row.item_id], speaking, names) for row in found]


def _change_line(row: Proposal, item: str, speaking: Mapping[int, int], names: Mapping[int, str]) -> ChangeLine:
    return ChangeLine(
        key=row.key,
        item_id=row.item_id,
        item=item,
        what=value_name(row.name),
        former=row.former,
        value=row.value,
        former_text=value_text(row.name, row.former),
        value_text=value_text(row.name, row.value),
        sources=formats.enumeration(names.get(speaking.get(sheet_id, 0), "") for sheet_id in row.sheet_ids),
        is_chosen=row.is_more,
        is_more=row.is_more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def take_page(request: HttpRequest, round_id: int) -> HttpResponse:
    """What would change in the draft, before and after, of all items or of one; what is ticked is taken over."""
    actor = actor_of(request)
    asked = needs.round_of(round_id, actor)
    plan = plans.plan_of(asked.plan_id, actor)
    refusal = ""
    if request.method == "POST":
        try:
            taken = commands.take_over(round_id, chosen=_chosen(request), actor=actor)
            words = ngettext("%(count)s value taken over.", "%(count)s values taken over.", len(taken))
            undo = f"{reverse('give_back_needs')}?{urlencode([('taken', pk) for pk in taken])}"
            messages.success(request, words % {"count": len(taken)}, extra_tags=undo)
            return to_round(round_id)
        except (RuleViolation, Conflict) as error:
            refusal = sentence_of(error)
    items = plans.items_of(plan.pk, actor)
    one = request.GET.get("item", "")
    shown = [item for item in items if not one or str(item.pk) == one]
    lines = _changes(plan, shown, needs.said_in(round_id))
    context = {
        "round": asked,
        "plan": plan,
        "name": round_name(asked),
        "version": plan_name(plan),
        "lines": lines,
        "weaker": sum(not line.is_more for line in lines),
        "refusal": refusal,
    }
    return render(request, "planning/take.html", context, status=422 if refusal else 200)


def _chosen(request: HttpRequest) -> list[commands.Chosen]:
    """What is ticked, with the values before and after that the page showed."""
    found = []
    for key in request.POST.getlist("take"):
        item_id, _colon, name = key.partition(":")
        if item_id.isascii() and item_id.isdecimal() and len(item_id) < 18:
            former, value = request.POST.get(f"former:{key}", ""), request.POST.get(f"value:{key}", "")
            found.append(commands.Chosen(int(item_id), name, former, value))
    return found


@require_POST
def give_back(request: HttpRequest) -> HttpResponse:
    """Set what was taken over back to what it was."""
    actor = actor_of(request)
    asked = [text for text in request.GET.getlist("taken") if text.isascii() and text.isdecimal() and len(text) < 18]
    ids = [int(text) for text in asked]
    rows = needs.taken_by_ids(ids)
    if not rows:
        return leading_to(request, reverse("plan"))
    count = commands.give_back(ids, actor=actor)
    words = ngettext("%(count)s value is as it was.", "%(count)s values are as they were.", count)
    messages.success(request, words % {"count": count})
    if request.GET.get("to") == "item":
        return leading_to(request, reverse("plan_item", args=[rows[0].item_id]))
    return leading_to(request, reverse("needs_round", args=[rows[0].round_id]))


def origins(item: InformationItem, *, can_edit: bool) -> list[tuple[str, str, str, str]]:
    """From which answers values of an item come, as (what, value, whose, where it is given back)."""
    rows: Sequence[TakenNeed] = needs.taken_of([item.pk])
    speaking = needs.speakers({sheet_id for row in rows for sheet_id in row.sheet_ids})
    names = {user_id: person.name for user_id, person in people(speaking.values()).items()}
    return [
        (
            value_name(row.name),
            value_text(row.name, row.value),
            formats.enumeration(names.get(speaking.get(sheet_id, 0), "") for sheet_id in row.sheet_ids),
            f"{reverse('give_back_needs')}?taken={row.pk}&to=item" if can_edit else "",
        )
        for row in rows
    ]
