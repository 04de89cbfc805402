"""What planning contributes to accounts: completeness and freshness, what is missing and stale; and its ways in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.fields import FieldType
from guanxi.planning.choices import CUSTOMER_PARTY, BindingKind
from guanxi.planning.models import Completeness, InformationItem, InformationPlan, Verification
from guanxi.planning.queries.needs import has_sheets, waiting_sheets
from guanxi.planning.queries.plans import Place, asked_items, owed_fields, places, waiting_for
from guanxi.planning.queries.scores import account_scores, all_scores, narrowed_by_gap
from guanxi.planning.queries.sources import is_readable
from guanxi.planning.rules import purposes_in_order, weight
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import FormGuidance, Label, ListFilter, Panel, View, Visible
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation

MOST_LINES = 6
PART_PAGES = {
    "contact_point": "contact_point_new",
    "trait": "trait_new",
    "important_date": "important_date_new",
    "contact": "contact_new",
}


@dataclass(frozen=True, slots=True)
class GapLine:
    """One thing that is missing or stale: why it is asked, and where it is filled; "" where it comes in by itself."""

    binding_id: int
    name: str
    why: str
    purposes: str
    fill_url: str
    is_must: bool


def gaps_panel(record: models.Model, view: View) -> Mapping[str, object] | None:
    """What a customer's record owes and what of it is stale, the weightiest first."""
    score = account_scores([record.pk], view.actor).get(record.pk)
    if score is None or (not score.missing and not score.stale):
        return None
    items = asked_items([*score.missing, *score.stale])
    known = {key: place for key, place in places().items() if is_readable(place, view.actor)}

    def lines(bindings: Sequence[int]) -> list[GapLine]:
        shown = (key for key in bindings if key in items and key in known)
        return [gap_line(record.pk, items[key], known[key]) for key in shown]

    missing, stale = lines(score.missing), lines(score.stale)
    if not missing and not stale:
        return None
    share = score.completeness
    return {
        "missing": missing[:MOST_LINES],
        "stale": stale[:MOST_LINES],
        "more": max(0, len(missing) - MOST_LINES) + max(0, len(stale) - MOST_LINES),
        "completeness": formats.percent(share, decimals=0) if share is not None else formats.MISSING,
        "bar": graphics.bar(share * 100 if share is not None else None),
        "freshness": formats.percent(score.freshness, decimals=0) if score.freshness is not None else "",
        "can_edit": may_act_on(view.actor, record, Action.EDIT),
    }


def gap_line(account_id: int, item: InformationItem, place: Place) -> GapLine:
    """One missing or stale thing in words."""
    name = in_language(item.name_zh, item.name_en)
    why = in_language(item.decision_zh, item.decision_en)
    purposes = formats.enumeration(purposes_in_order(item.purposes))
    is_must = "must" in item.needs.values()
    return GapLine(place.id, name, why, purposes, _fill_url(account_id, place), is_must)


def _fill_url(account_id: int, place: Place) -> str:
    if place.kind == BindingKind.FIELD and place.object_key == "account":
        return f"{reverse('account_edit', args=[account_id])}#id_{place.name}"
    if place.kind == BindingKind.FIELD:
        return f"{reverse('account_card', args=[account_id])}#contacts"
    name = PART_PAGES.get(place.object_key, "")
    return reverse(name, args=[account_id]) if name else ""


def asked_fields(record: models.Model | None, view: View) -> Mapping[str, str] | None:  # noqa: ARG001  # as all guidance
    """Which fields the plan asks for of an account, or of a new one whatever its kind, and for which decision."""
    return _asked("account", str(getattr(record, "kind", "")), str(getattr(record, "relation_id", "")))


def asked_contact_fields(record: models.Model | None, view: View) -> Mapping[str, str] | None:  # noqa: ARG001  # as above
    """Which fields the plan asks for of a contact."""
    return _asked("contact", "", "")


def _asked(object_key: str, kind: str, relation: str) -> Mapping[str, str] | None:
    owed = [item for item in owed_fields() if item.object_key == object_key]
    if not owed:
        return None
    return {
        item.field: in_language(item.decision_zh, item.decision_en)
        for item in owed
        if (not kind or item.account_kind in ("", kind))
        and (not relation or not item.relations or relation in item.relations)
        and weight(dict(item.needs), party=relation or CUSTOMER_PARTY, stage=item.stage)
    }


def no_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """The places are many; addresses of the plan name them."""
    return ()


def narrow_missing(visible: Visible, value: str, view: View) -> Visible:
    """Accounts that miss what stands in a place, by its number."""
    return _narrowed(visible, value, view, column="missing")


def narrow_stale(visible: Visible, value: str, view: View) -> Visible:
    """Accounts whose value in a place is past its limit, by its number."""
    return _narrowed(visible, value, view, column="stale")


def _narrowed(visible: Visible, value: str, view: View, *, column: str) -> Visible:
    place = places().get(int(value)) if value.isascii() and value.isdigit() and len(value) < 5 else None
    if place is None or not is_readable(place, view.actor):
        return visible.none()
    return narrowed_by_gap(visible, column=column, binding_id=place.id)


def _score_field(key: str, label: Label) -> ObjectField:
    return ObjectField(
        key=key, label=label, kind=FieldType.RATIO, column=key, model=Completeness, beside=all_scores, digits=0
    )


register_belongings(
    Belonging(Completeness, object_key="account", link="account", stays=True),
    Belonging(Verification, object_key="account", link="account"),
)
contribute(
    "account",
    fields=(_score_field("completeness", _l("Completeness")), _score_field("freshness", _l("Freshness"))),
    filters=(
        ListFilter("missing", _l("Missing information"), no_choices, narrow_missing, position=80, is_offered=False),
        ListFilter("stale", _l("Stale information"), no_choices, narrow_stale, position=81, is_offered=False),
    ),
    panels=(Panel("gaps", _l("Missing and stale"), "planning/_gaps.html", gaps_panel, "side", 70),),
    guidance=(FormGuidance("plan", asked_fields),),
)
contribute("contact", guidance=(FormGuidance("plan", asked_contact_fields),))
register_navigation(
    NavigationEntry(
        "plan",
        _l("Information plan"),
        "table",
        "plan",
        _l("Information"),
        80,
        count=lambda actor: waiting_for(actor) or None,
        is_shown=lambda actor: may(actor, InformationPlan, Action.VIEW),
    ),
    NavigationEntry(
        "own_needs",
        _l("What I need to know"),
        "clipboard-list",
        "own_needs",
        _l("Information"),
        81,
        count=lambda actor: waiting_sheets(actor, today=timezone.localdate()) or None,
        is_shown=has_sheets,
    ),
)
