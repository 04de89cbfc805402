"""The matrix as the page draws it: rows of display strings, made once for the whole table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.planning.choices import CUSTOMER_PARTY, BindingKind, Importance, Purpose, Way
from guanxi.planning.models import InformationItem, InformationPlan
from guanxi.planning.queries.plans import Counted, Place
from guanxi.planning.rules import NEXT_IMPORTANCE, hours_a_month, importance, varies
from guanxi.planning.views.wording import decision_of, group_name, item_name, origin_of, purposes_of
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics

READ_DAYS = 90
MOST_TAGS = 2
LOW_COMPLETENESS, LOW_FRESHNESS = 0.5, 0.6
ALL, UNUSED, STALE, RETIRED = "", "unused", "stale", "retired"


@dataclass(frozen=True, slots=True)
class Known:
    """What the matrix shows beside the plan: scores and reads, each read once. `reads` is None before reads count."""

    places: Mapping[int, Place]
    scores: Mapping[int, Counted]
    reads: Mapping[tuple[str, str], int] | None
    audiences: Mapping[str, str]
    party: str
    stage: str
    can_edit: bool
    can_retire: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its name with tags, purposes, origin, a cell for each audience, its bars and reads."""

    id: int
    name: str
    hint: str
    url: str
    tags: tuple[str, ...]
    origin: str
    cells: tuple[SafeString, ...]
    completeness: SafeString
    freshness: SafeString
    reads: SafeString
    is_unused: bool
    is_retired: bool
    is_stale: bool
    purposes: tuple[str, ...]
    restore_url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The rows under one heading."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice of rows with how many it shows."""

    key: str
    label: str
    count: int
    is_current: bool


def row_of(item: InformationItem, plan: InformationPlan, known: Known) -> Row:
    """One item as its row."""
    place = known.places.get(item.binding_id or 0)
    score = known.scores.get(item.binding_id or 0)
    reads = reads_of(place, known.reads)
    fresh = score.freshness if score else None
    return Row(
        id=item.pk,
        name=item_name(item),
        hint=decision_of(item),
        url=reverse("plan_item", args=[item.pk]),
        tags=_tags(item),
        origin=origin_of(item),
        cells=tuple(need_cell(item, key, plan=plan, known=known) for key in known.audiences),
        completeness=_bar(score.completeness if score else None, LOW_COMPLETENESS, item, "missing"),
        freshness=_bar(fresh, LOW_FRESHNESS, item, "stale"),
        reads=_reads(item, reads),
        is_unused=reads == 0 and not item.is_retired,
        is_retired=item.is_retired,
        is_stale=fresh is not None and fresh < LOW_FRESHNESS and not item.is_retired,
        purposes=tuple(item.purposes),
        restore_url=f"{reverse('restore_items')}?item={item.pk}" if item.is_retired and known.can_retire else "",
    )


def reads_of(place: Place | None, reads: Mapping[tuple[str, str], int] | None) -> int | None:
    """How often a place was read; None where nothing is counted: parts are shown on cards, where nobody counts."""
    if place is None or reads is None:
        return None
    found = reads.get((place.object_key, place.name), 0)
    return None if not found and place.kind == BindingKind.PART else found


def _tags(item: InformationItem) -> tuple[str, ...]:
    """The first two purposes, and how many there are besides."""
    words = purposes_of(item)
    return words if len(words) <= MOST_TAGS else (*words[:MOST_TAGS], f"+{len(words) - MOST_TAGS}")


def need_cell(item: InformationItem, audience: str, *, plan: InformationPlan, known: Known) -> SafeString:
    """How much an audience needs an item; in a draft a button that sets the next step."""
    value = importance(item.needs, audience, party=known.party, stage=known.stage)
    mark = need_mark(value)
    if varies(item.needs, audience):
        words = escape(_("differs by external party or market phase"))
        mark = SafeString(
            f'<span class="mx-mark" title="{words}">{mark}<span class="visually-hidden">, {words}</span></span>'
        )
    if not known.can_edit or item.is_retired:
        return mark
    shown = {
        "party": known.party if known.party != CUSTOMER_PARTY else "",
        "stage": known.stage if known.stage != plan.stage else "",
    }
    given = {"audience": audience, **{name: key for name, key in shown.items() if key}, "to": NEXT_IMPORTANCE[value]}
    address = f"{reverse('set_need', args=[item.pk])}?{urlencode(given)}"
    label = _("%(item)s for %(audience)s: %(importance)s. Change it.") % {
        "item": item_name(item),
        "audience": known.audiences[audience],
        "importance": Importance(value).label if value else _("not needed"),
    }
    url = escape(address)
    return SafeString(
        f'<button class="mx-cell" formaction="{url}" hx-post="{url}" hx-target="this" hx-swap="outerHTML"'
        f' aria-label="{escape(label)}">{mark}</button>'
    )


def need_mark(value: str) -> SafeString:
    """The mark of an importance: a dark tile, a light one, a dot."""
    if value == Importance.MUST:
        return SafeString(
            f'<span class="must" title="{escape(str(Importance.MUST.label))}">{pgettext("mark of a must", "M")}</span>'
        )
    if value == Importance.NEEDED:
        title = escape(str(Importance.NEEDED.label))
        return SafeString(f'<span class="need" title="{title}">{pgettext("mark of what is needed", "N")}</span>')
    return SafeString('<span class="none" aria-hidden="true">·</span>')


def _bar(share: float | None, low: float, item: InformationItem, gap: str) -> SafeString:
    if share is None:
        return SafeString(
            f'<span class="row-x">{graphics.bar(None)}<span class="num xs t3">{formats.MISSING}</span></span>'
        )
    tone = "awayf" if share < low else "fi"
    words = formats.percent(share, decimals=0)
    url = f"{reverse('account_list')}?{gap}={item.binding_id}"
    link = f'<a class="open num xs" href="{escape(url)}">{words}</a>'
    return SafeString(f'<span class="row-x">{graphics.bar(share * 100, tone)}{link}</span>')


def _reads(item: InformationItem, reads: int | None) -> SafeString:
    if reads is None:
        return SafeString(f'<span class="t3">{formats.MISSING}</span>')
    url = escape(reverse("plan_item", args=[item.pk]))
    return SafeString(f'<a class="open" href="{url}#reads">{formats.number(reads)}</a>')


def grouped(items: Sequence[InformationItem], rows: Sequence[Row], *, show: str) -> tuple[Group, ...]:
    """The rows that are shown, under the headings of their groups."""
    found: dict[str, list[Row]] = {}
    for item, row in zip(items, rows, strict=True):
        if is_shown(row, show):
            found.setdefault(group_name(item), []).append(row)
    return tuple(Group(name, tuple(sorted(held, key=lambda row: row.is_retired))) for name, held in found.items())


def is_shown(row: Row, show: str) -> bool:
    """Whether a row belongs to a choice."""
    if show == UNUSED:
        return row.is_unused
    if show == STALE:
        return row.is_stale
    if show == RETIRED:
        return row.is_retired
    return show == ALL or (show in row.purposes and not row.is_retired)


def chips(rows: Sequence[Row], *, show: str) -> tuple[Chip, ...]:
    """The choices of rows; those that would show nothing are left out."""
    labels = {
        ALL: _("All items"),
        **{str(purpose.value): str(purpose.label) for purpose in Purpose},
        UNUSED: _("Nobody uses"),
        STALE: _("Often stale"),
        RETIRED: _("No more collected"),
    }
    found = [Chip(key, label, sum(is_shown(row, key) for row in rows), key == show) for key, label in labels.items()]
    return tuple(chip for chip in found if chip.count or chip.key == ALL or chip.is_current)


def unused_hours(items: Sequence[InformationItem], rows: Sequence[Row], known: Known) -> float:
    """What typing the items that nobody uses costs a month, in hours."""
    typed = [
        known.scores[item.binding_id].written
        for item, row in zip(items, rows, strict=True)
        if row.is_unused and item.way == Way.TYPED and item.binding_id is not None and item.binding_id in known.scores
    ]
    return hours_a_month(sum(typed), days=READ_DAYS)
