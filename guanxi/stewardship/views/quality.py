"""The scoreboard of quality: one explained score, its trend, and every number leading to its customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import own_id, people, unit_names
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.desk import desk_sources
from guanxi.platform.objects.spec import Label
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship.jobs.desk import COUNT_JOB
from guanxi.stewardship.queries.quality import QualityPoint, QualityRow, Scoreboard
from guanxi.stewardship.queries.quality import scoreboard as counted
from guanxi.stewardship.rules.quality import Part

COMPARE_DAYS = 28
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One number in words and where it opens: the share, how many, and a bar of the share."""

    share: str
    count: str
    bar: SafeString
    url: str


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part of a score in words: what it takes, and the number that opens."""

    label: Label
    cell: Cell
    taken: str


@dataclass(frozen=True, slots=True)
class Line:
    """A unit or an owner: the score, its change, its numbers in the order of the kinds of work."""

    name: str
    url: str
    customers: str
    score: str
    change: SafeString
    cells: tuple[Cell, ...]


@require_safe
def scoreboard(request: HttpRequest) -> HttpResponse:
    """The quality of the customers that the person sees, as it was last counted."""
    actor = actor_of(request)
    found = counted(actor, compare_days=COMPARE_DAYS)
    if found is None:
        return render(request, "stewardship/quality.html", {"board": None})
    names = _names(found)
    labels = {source.key: source.label for source in desk_sources()}
    context = {
        "board": found,
        "labels": list(labels.values()),
        "score": _score(found.whole),
        "change": graphics.delta(found.whole.change) if found.compared else "",
        "parts": [
            PartLine(labels[part.measure], _cell(part, {}), formats.signed(-part.taken)) for part in found.whole.parts
        ],
        "groups": [
            (_("Departments"), [_line(row, names, kind="in_unit") for row in found.units[:MOST_ROWS]]),
            (_("Owners"), [_line(row, names, kind="owner") for row in found.owners[:MOST_ROWS]]),
        ],
        "trend": _trend(found.trend) if len(found.trend) > 1 else None,
    }
    return render(request, "stewardship/quality.html", context)


@require_POST
def count_now(request: HttpRequest) -> HttpResponse:
    """Count the quality of today in the background."""
    actor: Actor = actor_of(request)
    start_run(COUNT_JOB, title=_("Counting the quality of records"), started_by_id=own_id(actor))
    messages.success(request, _("It is being counted. The bell tells when it is over."))
    return leading_to(request, reverse("quality"))


def _names(found: Scoreboard) -> Mapping[tuple[str, int], str]:
    owners = {("owner", key): person.name for key, person in people(row.id for row in found.owners if row.id).items()}
    return owners | {("in_unit", key): name for key, name in unit_names().items()}


def _line(row: QualityRow, names: Mapping[tuple[str, int], str], *, kind: str) -> Line:
    nobody = _("Nobody") if kind == "owner" else _("No department")
    value = str(row.id) if row.id or kind == "in_unit" else "nobody"
    narrowed = {kind: value}
    return Line(
        name=names.get((kind, row.id), nobody),
        url=_address(narrowed),
        customers=formats.number(row.customers),
        score=_score(row),
        change=graphics.delta(row.change),
        cells=tuple(_cell(part, narrowed) for part in row.parts),
    )


def _cell(part: Part, narrowed: Mapping[str, str]) -> Cell:
    share = part.share
    return Cell(
        share=formats.percent(share) if share is not None else formats.MISSING,
        count=formats.number(part.affected),
        bar=graphics.bar(share * 100 if share is not None else None, "awayf" if share else "fi"),
        url=_address({**narrowed, "fault": part.measure}),
    )


def _address(parameters: Mapping[str, str]) -> str:
    return f"{reverse('account_list')}?{urlencode(parameters)}"


def _score(row: QualityRow) -> str:
    return formats.number(row.score, decimals=1) if row.score is not None else formats.MISSING


def _trend(points: tuple[QualityPoint, ...]) -> Mapping[str, object]:
    today = timezone.localdate()
    scores = [round(point.score, 1) for point in points]
    return {
        "data": {
            "labels": [formats.day(point.day, today=today) for point in points],
            "series": [{"name": _("Score"), "values": scores, "is_reference": False}],
            "low": max(0, int(min(scores) // 10 * 10)),
            "high": min(100, int(max(scores) // 10 * 10 + 10)),
        },
        "label": _("The score went from %(first)s to %(last)s.")
        % {"first": formats.number(scores[0], decimals=1), "last": formats.number(scores[-1], decimals=1)},
    }
