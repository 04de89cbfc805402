"""Who needs an item by market phase, for one external party at a time: a small grid that is saved as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.customers.facade import relation_names
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning import commands
from guanxi.planning.choices import Importance, MarketStage, PlanState
from guanxi.planning.models import InformationItem
from guanxi.planning.queries import plans
from guanxi.planning.rules import NeedKey, importance
from guanxi.planning.views.rounds import audience_names
from guanxi.planning.views.wording import item_name, plan_name
from guanxi.platform.access.urls import actor_of
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version, version_after

OTHERWISE, NOT = "", "not"
STAGES = ("", *MarketStage.values)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One choice: its name in the form, what is chosen, and the choices with their words."""

    name: str
    label: str
    chosen: str
    choices: tuple[tuple[str, str], ...]


@require_http_methods(["GET", "HEAD", "POST"])
def needs_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """The needs of an item of a draft about one external party, or about all of them."""
    actor = actor_of(request)
    item = plans.item_of(item_id, actor)
    plan = plans.plan_of(item.plan_id, actor)
    parties = _parties(item)
    asked = request.POST.get("party") if request.method == "POST" else request.GET.get("party")
    party = asked if asked in parties else ""
    refusal, version, typed = "", item.version, None
    if request.method == "POST":
        version = posted_version(request) or item.version
        typed = {name: request.POST[name] for name in _names() if name in request.POST}
        try:
            needs = {_key(name, party): _importance(text) for name, text in typed.items()}
            commands.set_needs(item_id, needs=needs, version=posted_version(request), actor=actor)
            return HttpResponseRedirect(_address(item_id, party), status=303)
        except (RuleViolation, Conflict) as error:
            refusal, version = sentence_of(error), version_after(error, version)
    context = {
        "item": item,
        "plan": plan,
        "name": item_name(item),
        "version_name": plan_name(plan),
        "version": version,
        "party": party,
        "tabs": [(_address(item_id, key), name, key == party) for key, name in parties.items()],
        "stages": [_("Any phase"), *(str(stage.label) for stage in MarketStage)],
        "rows": _rows(item, party, typed or {}),
        "is_draft": plan.state == PlanState.DRAFT and not item.is_retired,
        "refusal": refusal,
    }
    return render(request, "planning/item_needs.html", context, status=422 if refusal else 200)


def _parties(item: InformationItem) -> dict[str, str]:
    """The external parties that the item is asked of, after all of them together."""
    named = {key: in_language(*names) for key, names in relation_names().items()}
    return {
        "": _("All parties"),
        **{key: name for key, name in named.items() if not item.relations or key in item.relations},
    }


def _address(item_id: int, party: str) -> str:
    address = reverse("plan_item_needs", args=[item_id])
    return f"{address}?{urlencode({'party': party})}" if party else address


def _names() -> list[str]:
    return [f"{audience}|{stage}" for audience in plans.audiences() for stage in STAGES]


def _key(name: str, party: str) -> NeedKey:
    audience, _bar, stage = name.partition("|")
    return NeedKey(audience, party, stage)


def _importance(text: str) -> str | None:
    return None if text == OTHERWISE else "" if text == NOT else text


def _rows(item: InformationItem, party: str, typed: Mapping[str, str]) -> list[tuple[str, list[GridCell]]]:
    return [
        (name, [_cell(item, NeedKey(key, party, stage), name, typed) for stage in STAGES])
        for key, name in audience_names().items()
    ]


def _cell(item: InformationItem, key: NeedKey, audience: str, typed: Mapping[str, str]) -> GridCell:
    words = {"must": str(Importance.MUST.label), "needed": str(Importance.NEEDED.label), "": _("not needed")}
    others = {text: value for text, value in item.needs.items() if text != key.text}
    inherited = words[importance(others, key.audience, party=key.party, stage=key.stage)]
    is_general = not key.party and not key.stage
    otherwise = [] if is_general else [(OTHERWISE, _("as otherwise: %(importance)s") % {"importance": inherited})]
    kept = item.needs.get(key.text)
    present = (NOT if is_general else OTHERWISE) if kept is None else kept or NOT
    name = f"{key.audience}|{key.stage}"
    stage = str(MarketStage(key.stage).label) if key.stage else _("Any phase")
    return GridCell(
        name=name,
        label=f"{audience}, {stage}",
        chosen=typed.get(name, present),
        choices=(*otherwise, ("must", words["must"]), ("needed", words["needed"]), (NOT, words[""])),
    )
