"""How complete and fresh customers are: trend, owners, departments, relations, grades; and one customer's gaps."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.customers.facade import relation_name
from guanxi.planning import commands
from guanxi.planning.choices import GroupKind
from guanxi.planning.queries import scores
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people, unit_names
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.responses import is_fragment_request, with_toast, with_trigger

COMPARE_DAYS = 30
KINDS = (GroupKind.OWNER, GroupKind.UNIT, GroupKind.RELATION, GroupKind.GRADE)


@dataclass(frozen=True, slots=True)
class Line:
    """A group in display strings; `url` opens its customers, "" where no list does."""

    name: str
    url: str
    accounts: str
    completeness: str
    bar: str
    change: str
    freshness: str
    fresh_bar: str


@require_safe
def scores_page(request: HttpRequest) -> HttpResponse:
    """The scores of all groups on the last day they were computed."""
    day = scores.last_scored_on()
    if day is None:
        return render(request, "planning/scores.html", {"day": None})
    compared = scores.day_before(day, days=COMPARE_DAYS)
    found = {kind: scores.group_rows(kind, day, compared=compared) for kind in (GroupKind.ALL, *KINDS)}
    names = _names(found[GroupKind.OWNER])
    points = scores.trend(day)
    context = {
        "day": day,
        "whole": _line(found[GroupKind.ALL][0], GroupKind.ALL, names) if found[GroupKind.ALL] else None,
        "kinds": [(kind.label, [_line(row, kind, names) for row in found[kind]]) for kind in KINDS],
        "trend": _trend(points) if len(points) > 1 else None,
    }
    return render(request, "planning/scores.html", context)


def _names(owners: tuple[scores.GroupRow, ...]) -> Mapping[tuple[str, str], str]:
    ids = [int(row.key) for row in owners if row.key]
    found = {(str(GroupKind.OWNER), str(key)): person.name for key, person in people(ids).items()}
    return found | {(str(GroupKind.UNIT), str(key)): name for key, name in unit_names().items()}


def _line(row: scores.GroupRow, kind: GroupKind, names: Mapping[tuple[str, str], str]) -> Line:
    share, fresh = row.completeness, row.freshness
    filters = {GroupKind.OWNER: "owner", GroupKind.RELATION: "relation", GroupKind.GRADE: "grade"}
    name = names.get((str(kind), row.key), relation_name(row.key) if kind == GroupKind.RELATION else row.key)
    url = (
        f"{reverse('account_list')}?{filters[kind]}={row.key}&sort=completeness" if kind in filters and row.key else ""
    )
    return Line(
        name=name or _("none"),
        url=url,
        accounts=formats.number(row.accounts),
        completeness=formats.percent(share) if share is not None else formats.MISSING,
        bar=graphics.bar(share * 100 if share is not None else None),
        change=graphics.delta(row.change) if row.change is not None else "",
        freshness=formats.percent(fresh) if fresh is not None else formats.MISSING,
        fresh_bar=graphics.bar(fresh * 100 if fresh is not None else None, "closerf"),
    )


def _trend(points: tuple[scores.TrendPoint, ...]) -> Mapping[str, object]:
    today = timezone.localdate()
    complete = [round(point.completeness * 100, 1) for point in points]
    fresh = [round((point.freshness or 0) * 100, 1) for point in points]
    values = [*complete, *fresh]
    return {
        "data": {
            "labels": [formats.day(point.day, today=today) for point in points],
            "series": [
                {"name": _("Completeness"), "values": complete, "is_reference": False},
                {"name": _("Freshness"), "values": fresh, "is_reference": True},
            ],
            "low": max(0, int(min(values) // 10 * 10)),
            "high": min(100, int(max(values) // 10 * 10 + 10)),
        },
        "label": _("Completeness went from %(first)s to %(last)s per cent.")
        % {"first": formats.number(complete[0], decimals=1), "last": formats.number(complete[-1], decimals=1)},
    }


@require_POST
def verify(request: HttpRequest, account_id: int, binding_id: int) -> HttpResponse:
    """Say that something known of a customer is still right."""
    commands.verify_item(account_id, binding_id=binding_id, actor=actor_of(request))
    if not is_fragment_request(request):
        return HttpResponseRedirect(f"{reverse('account_card', args=[account_id])}#gaps", status=303)
    response = with_trigger(HttpResponse(status=204), "panel-gaps")
    return with_toast(response, _("Noted as still right today."))
