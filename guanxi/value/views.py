"""Pages of value: pyramid with migration, weights with what-if."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.responses import page_or_fragment
from guanxi.value import commands
from guanxi.value.choices import FAMILY_HINTS, FAMILY_NAMES, GRADE_NAMES, GRADES
from guanxi.value.models import WeightSet
from guanxi.value.queries import indices as queries
from guanxi.value.queries.whatif import MovedRow, what_if
from guanxi.value.rules import GRADE_DAYS, family_shares

LAYER_WIDTHS = {"S": 34, "A": 50, "B": 66, "C": 83, "D": 100}
DARK_LAYERS = "SA"
STRONG_MOVE = 0.1


@dataclass(frozen=True, slots=True)
class MoveCell:
    """One cell of the migration table: accounts, class of its colour, the list behind it."""

    text: str
    css: str
    url: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """The accounts that had one grade, by their grade now."""

    grade: SafeString
    cells: tuple[MoveCell, ...]


@require_safe
def pyramid_page(request: HttpRequest) -> HttpResponse:
    """Grades, what each brings, who went where, who moved most."""
    actor = actor_of(request)
    spans = {str(span): span for span in GRADE_DAYS}
    days = spans.get(request.GET.get("days", ""), GRADE_DAYS[1])
    found = queries.pyramid(actor, days=days)
    context = {
        "pyramid": found,
        "layers": [_layer(layer) for layer in found.layers],
        "moves": move_rows(found.moves, days=days),
        "grades": [graphics.grade(grade, str(GRADE_NAMES[grade])) for grade in GRADES],
        "spans": [(span, _("%(days)s days") % {"days": span}, span == days) for span in GRADE_DAYS],
        "movers": [
            {
                "title": _("Rose most"),
                "icon": "trending-up",
                "tone": "closer",
                "url": "?moves=rising&sort=-change",
                "rows": _movers(request, is_fall=False),
            },
            {
                "title": _("Fell most"),
                "icon": "trending-down",
                "tone": "away",
                "url": "?moves=falling&sort=change",
                "rows": _movers(request, is_fall=True),
            },
        ],
    }
    return render(request, "value/pyramid.html", context)


def move_rows(moves: Mapping[tuple[str, str], int], *, days: int) -> tuple[MoveRow, ...]:
    """The migration table; rows were, columns are. Colour: closer, away, unchanged; stronger from 10 % of the row."""
    rows = []
    for place, old in enumerate(GRADES):
        whole = sum(moves.get((old, new), 0) for new in GRADES) or 1
        cells = []
        for column, new in enumerate(GRADES):
            count = moves.get((old, new), 0)
            is_strong = count / whole >= STRONG_MOVE
            direction = "hs" if column == place else ("up" if column < place else "dn")
            css = direction if direction == "hs" else f"{direction}{0 if not count else 2 if is_strong else 1}"
            url = f"{reverse('account_list')}?was={days}.{old}&grade={new}" if count and days else ""
            cells.append(MoveCell(formats.number(count) if count else "·", css, url))
        rows.append(MoveRow(graphics.grade(old, str(GRADE_NAMES[old])), tuple(cells)))
    return tuple(rows)


def _layer(layer: queries.GradeCount) -> dict[str, object]:
    width = LAYER_WIDTHS[layer.grade]
    tone = "l" if layer.grade in DARK_LAYERS else "d"
    count = formats.number(layer.accounts)
    shape = format_html(
        '<svg class="pv" role="img" aria-label="{} {}"><rect class="p-{}" x="{}%" width="{}%" height="36" rx="4"/>'
        '<text class="{} {}" x="50%" y="18">{}</text></svg>',
        *(GRADE_NAMES[layer.grade], count, layer.grade, (100 - width) / 2, width, layer.grade, tone, count),
    )
    change = (layer.accounts - layer.before) / layer.before * 100 if layer.before else None
    return {
        "grade": graphics.grade(layer.grade, str(GRADE_NAMES[layer.grade])),
        "name": GRADE_NAMES[layer.grade],
        "shape": shape,
        "share": formats.percent(layer.share),
        "bar": graphics.bar(layer.margin_share * 100),
        "margin_share": formats.percent(layer.margin_share, decimals=0),
        "change": graphics.delta(change, "%"),
        "url": f"{reverse('account_list')}?grade={layer.grade}",
    }


def _movers(request: HttpRequest, *, is_fall: bool) -> list[dict[str, object]]:
    return [
        {
            "id": row.account_id,
            "name": name,
            "grade": graphics.grade(row.grade, str(GRADE_NAMES[row.grade])),
            "why": _("mostly %(family)s") % {"family": FAMILY_NAMES[family]},
            "spark": graphics.spark(row.spark, 64, 20),
            "index": formats.number(row.index, decimals=1),
            "delta": graphics.delta(row.change),
        }
        for row, name, family in queries.movers(actor_of(request), is_fall=is_fall)
    ]


@require_safe
def weights_page(request: HttpRequest) -> HttpResponse:
    """Weights on the left, what they would change on the right; for htmx the right side alone."""
    actor = actor_of(request)
    known = queries.weights_in_force()
    if known is None:
        return render(request, "value/weights_empty.html")
    weights, name = known
    kind = request.GET.get("kind", "person")
    group = f"customer.{kind}" if kind in {"person", "organisation"} else "customer.person"
    now = family_shares("customer", weights=weights)
    shares = read_shares(request.GET, now)
    effect = what_if(actor, group=group, shares=shares) if abs(sum(shares.values()) - 100) < 0.01 else None
    context: dict[str, object] = {
        "families": [_family(key, now=now[key], draft=shares[key]) for key in now],
        "name": name,
        "kind": kind,
        "kinds": [("organisation", _("Organisations")), ("person", _("Persons"))],
        "total": sum(shares.values()),
        "changed": sum(abs(shares[key] - now[key]) > 0.5 for key in now),
        "effect": effect,
        "can_publish": may(actor, WeightSet, Action.ADMINISTER),
        "grades": [graphics.grade(grade, str(GRADE_NAMES[grade])) for grade in GRADES],
    }
    if effect is not None:
        context["moves"] = move_rows(effect.moves, days=0)
        context["rows"] = [_moved(row) for row in effect.rows]
    return page_or_fragment(request, page="value/weights.html", fragment="value/_whatif.html", context=context)


def read_shares(values: Mapping[str, str], now: Mapping[str, float]) -> dict[str, float]:
    """Family weights from a form; what is missing or no number stays as it is now."""
    shares = {}
    for key, weight in now.items():
        text = values.get(f"w_{key}", "")
        is_number = text.isascii() and text.isdigit() and len(text) < 4
        shares[key] = float(text) if is_number and int(text) <= 100 else round(weight)
    return shares


@require_POST
def publish_weights(request: HttpRequest) -> HttpResponse:
    """Save the weights as a draft and put them in force."""
    actor = actor_of(request)
    known = queries.weights_in_force()
    if known is not None:
        shares = read_shares(request.POST, family_shares("customer", weights=known[0]))
        today = timezone.localdate()
        name = request.POST.get("name", "").replace("\x00", "").strip()[:60] or f"{today:%Y-%m-%d}"
        draft = commands.draft_weights(name, relation="customer", shares=shares, actor=actor)
        commands.publish_weights(draft.pk, as_of=today, actor=actor)
        commands.request_refresh(actor=actor)
    response = HttpResponseRedirect(reverse("jobs"))
    response.status_code = 303
    return response


def _moved(row: MovedRow) -> dict[str, object]:
    mark = {grade: graphics.grade(grade, str(GRADE_NAMES[grade])) for grade in (row.grade_now, row.grade_draft)}
    return {
        "account_id": row.account_id,
        "name": row.name,
        "now": formats.number(row.now, decimals=1),
        "draft": formats.number(row.draft, decimals=1),
        "delta": graphics.delta(row.draft - row.now),
        "grade_now": mark[row.grade_now],
        "grade_draft": mark[row.grade_draft] if row.grade_draft != row.grade_now else "",
        "why": f"{FAMILY_NAMES[row.family]} {formats.number(row.score)}",
    }


def _family(key: str, *, now: float, draft: float) -> dict[str, object]:
    return {
        "key": key,
        "name": FAMILY_NAMES[key],
        "hint": FAMILY_HINTS[key],
        "now": formats.number(now),
        "draft": int(draft),
    }
