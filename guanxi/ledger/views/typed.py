"""The share of facts that nobody typed, and what typing the rest costs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from math import floor

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guanxi.customers.facade import account_rows
from guanxi.kernel.actor import Actor
from guanxi.ledger.queries.typed import MINUTES_EACH, TypedCount, TypedFact, typed_counts, typed_facts
from guanxi.ledger.rules import FACT_KINDS
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people, unit_names
from guanxi.platform.preferences.registry import preference
from guanxi.platform.ui import format as formats

DAYS = 90
SHOWN_FACTS = 50


@require_safe
def typed_page(request: HttpRequest) -> HttpResponse:
    """By kind and by department: all facts of the last 90 days, those that came by themselves, what the rest cost."""
    actor = actor_of(request)
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    counts = typed_counts(actor, since)
    units = unit_names()
    kinds: Mapping[object, str] = {kind.name: _(kind.label) for kind in FACT_KINDS.values()}
    kind, unit = request.GET.get("kind", ""), request.GET.get("unit", "")
    unit_id = int(unit) if unit.isdecimal() and len(unit) < 19 else None
    is_open = kind in kinds or unit_id is not None or "all" in request.GET
    facts = (
        typed_facts(actor, since, kind=kind if kind in kinds else "", unit_id=unit_id, limit=SHOWN_FACTS)
        if is_open
        else ()
    )
    by_unit: list[tuple[int | None, str]] = [(None, _("No department")), *units.items()]
    context = {
        "days": DAYS,
        "minutes": preference(MINUTES_EACH),
        "whole": _line(_("All"), counts, query="all=1"),
        "kinds": [
            _line(label, of_kind, query=f"kind={key}")
            for key, label in kinds.items()
            if (of_kind := [item for item in counts if item.kind == key])
        ],
        "units": [
            _line(label, of_unit, query=f"unit={key}" if key is not None else "all=1")
            for key, label in by_unit
            if (of_unit := [item for item in counts if item.unit_id == key])
        ],
        "is_open": is_open,
        "facts": _facts(actor, facts),
    }
    return render(request, "ledger/typed.html", context)


def _line(label: str, counts: Iterable[TypedCount], *, query: str) -> dict[str, object]:
    """One line of figures; hours are what typing took."""
    found = list(counts)
    total, typed = sum(item.total for item in found), sum(item.typed for item in found)
    return {
        "label": label,
        "query": query,
        "total": formats.number(total),
        "typed": formats.number(typed),
        "has_typed": typed > 0,
        "share": formats.percent(floor(1000 * (total - typed) / total) / 1000) if total else formats.MISSING,
        "hours": formats.number(typed * preference(MINUTES_EACH) / 60, decimals=1),
    }


def _facts(actor: Actor, facts: Sequence[TypedFact]) -> list[dict[str, object]]:
    """The typed facts with the names of customers and colleagues."""
    accounts = account_rows(actor, [fact.account_id for fact in facts])
    names = people(fact.user_id for fact in facts if fact.user_id)
    today = timezone.localdate()
    return [
        {
            "account_id": fact.account_id,
            "account": accounts[fact.account_id].label if fact.account_id in accounts else formats.MISSING,
            "what": _(sub_kind.label) if (sub_kind := FACT_KINDS[fact.kind].sub_kind(fact.sub_kind)) else fact.sub_kind,
            "day": formats.day(timezone.localtime(fact.occurred_at).date(), today=today),
            "who": names[fact.user_id].name if fact.user_id in names else formats.MISSING,
        }
        for fact in facts
    ]
