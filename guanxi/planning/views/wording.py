"""The plan in words: names in the language of the page, purposes, ways, states."""

from django.utils.translation import gettext as _

from guanxi.planning.choices import MarketStage, PlanState, Way
from guanxi.planning.models import InformationItem, InformationPlan
from guanxi.planning.objects.topics import plan_name as plan_name
from guanxi.planning.objects.topics import version_name as version_name
from guanxi.planning.rules import purposes_in_order
from guanxi.platform.accounts.queries import unit_names
from guanxi.platform.preferences.locale import in_language


def item_name(item: InformationItem) -> str:
    """What an item is called in the language of the page."""
    return in_language(item.name_zh, item.name_en)


def group_name(item: InformationItem) -> str:
    """The group of an item."""
    return in_language(item.group_zh, item.group_en)


def decision_of(item: InformationItem) -> str:
    """The decision that an item serves."""
    return in_language(item.decision_zh, item.decision_en)


def origin_of(item: InformationItem) -> str:
    """Where an item comes from: supplier and way."""
    supplier = in_language(item.supplier_zh, item.supplier_en)
    way = str(Way(item.way).label)
    return f"{supplier} · {way}" if supplier else way


def purposes_of(item: InformationItem) -> tuple[str, ...]:
    """The purposes of an item in their usual order."""
    return purposes_in_order(item.purposes)


def version_facts(plan: InformationPlan) -> str:
    """A version with its line, unit, market phase and state in one line."""
    parts = [
        version_name(plan),
        plan.product_line or _("all product lines"),
        unit_names().get(plan.unit_id or 0, ""),
        str(MarketStage(plan.stage).label),
        str(PlanState(plan.state).label),
    ]
    return " · ".join(part for part in parts if part)
