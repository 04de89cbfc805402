"""Small pieces of markup that pages repeat many times: icons, grades, changes, sparks, bars, avatars, charts.

Plain string building without a template, for a list page draws hundreds of them. All return safe HTML.
"""

import json
from collections.abc import Sequence
from functools import cache

from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.platform.ui.format import MISSING, initials, kept, number

FLAT_BELOW = 0.05
SPARK_TURN = 1.5
ARROW_UP = '<svg viewBox="0 0 8 8" aria-hidden="true"><path d="M4 1l3.6 6H.4z"/></svg>'
ARROW_DOWN = '<svg viewBox="0 0 8 8" aria-hidden="true"><path d="M4 7L.4 1h7.2z"/></svg>'
UNKNOWN_DELTA = SafeString(f'<span class="delta flat">{MISSING}</span>')
EMPTY_BAR = SafeString('<svg class="bar" aria-hidden="true"><rect class="na" width="99%" height="5" rx="3"/></svg>')
JSON_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@cache
def icon(name: str, classes: str = "") -> SafeString:
    """Return the icon `name` of the sprite; it says nothing to a screen reader."""
    sprite = static("vendor/icons.svg")
    more = f" {escape(classes)}" if classes else ""
    return SafeString(f'<svg class="ti{more}" aria-hidden="true"><use href="{sprite}#{escape(name)}"/></svg>')


@cache
def grade(letter: str, name: str = "", *, is_large: bool = False) -> SafeString:
    """Return the mark of a grade; the large one writes its name as well. Without a grade, a dash."""
    if not letter:
        return SafeString(f'<span class="t3">{MISSING}</span>')
    letter, name = escape(letter), escape(name)
    if is_large:
        return SafeString(f'<span class="grade {letter} lg">{letter} {name}</span>')
    return SafeString(f'<span class="grade {letter}" title="{name}">{letter}</span>')


def delta(value: float | None, unit: str = "", *, is_fall_good: bool = False) -> SafeString:
    """Return a change: the arrow is its direction, the colour says if it is good for the relationship."""
    if value is None:
        return UNKNOWN_DELTA
    if abs(value) < FLAT_BELOW:
        return _flat()
    return _moved(number(abs(value), decimals=1), unit, rises=value > 0, is_good=(value > 0) != is_fall_good)


@kept
def _flat() -> SafeString:
    return SafeString(f'<span class="delta flat">{gettext("flat")}</span>')


@kept
def _moved(figure: str, unit: str, *, rises: bool, is_good: bool) -> SafeString:
    arrow, word = (ARROW_UP, gettext("up")) if rises else (ARROW_DOWN, gettext("down"))
    tone = "up" if is_good else "down"
    return SafeString(f'<span class="delta {tone}">{arrow}<span class="vh">{word} </span>{figure}{escape(unit)}</span>')


def spark(values: Sequence[float], width: int = 56, height: int = 20) -> SafeString:
    """Return a line through the values, oldest first; nothing for fewer than two."""
    if len(values) < 2:
        return SafeString("")
    low = min(values)
    scale = (height - 6) / ((max(values) - low) or 1)
    step = (width - 6) / (len(values) - 1)
    points = [f"{2 + place * step:.1f},{height - 3 - (value - low) * scale:.1f}" for place, value in enumerate(values)]
    change = values[-1] - values[0]
    tone = " up" if change > SPARK_TURN else " down" if change < -SPARK_TURN else ""
    last_x, last_y = points[-1].split(",")
    return SafeString(
        f'<svg class="spark{tone}" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' aria-hidden="true">'
        f'<polyline points="{" ".join(points)}"/><circle cx="{last_x}" cy="{last_y}" r="2"/></svg>'
    )


def bar(
    share: float | None,
    tone: str = "fi",
    *,
    tick: float | None = None,
    behind: float | None = None,
    size: str = "",
) -> SafeString:
    """Return a bar filled to `share` per cent; None draws the dashed bar of "not applicable".

    `tick` marks the median of peers, `behind` is a paler second part, per cent; `size` is "", "h8" or "h10".
    """
    if share is None:
        return EMPTY_BAR
    parts = ['<rect class="tr" width="100%" height="100%" rx="3"/>']
    if behind is not None:
        parts.append(f'<rect class="fi2" width="{_per_cent(behind)}" height="100%" rx="3"/>')
    parts.append(f'<rect class="{escape(tone)}" width="{_per_cent(share)}" height="100%" rx="3"/>')
    if tick is not None:
        tall = {"h8": 12, "h10": 14}.get(size, 10)
        parts.append(f'<rect class="tick" x="{_per_cent(tick)}" y="-2" width="2" height="{tall}" rx="1"/>')
    return SafeString(f'<svg class="bar {escape(size)}" aria-hidden="true">{"".join(parts)}</svg>')


def _per_cent(value: float) -> str:
    return f"{min(100.0, max(0.0, value)):.4g}%"


def avatar(name: str, classes: str = "") -> SafeString:
    """Return the initials of a name on a tile; the name itself stands beside it."""
    return SafeString(f'<span class="gx-ava {escape(classes)}" aria-hidden="true">{escape(initials(name))}</span>')


def edit_link(url: str, target: str, name: str) -> SafeString:
    """Return the pencil of a row: it puts the form of `name` into `target`, and is a link to its page all the same."""
    return place_link(url, target, "pencil", gettext("Change %(name)s") % {"name": name})


def place_link(url: str, target: str, icon_name: str, label: str) -> SafeString:
    """Return an icon that fetches a form into `target`, a selector of htmx; as a link it leads to the form's page."""
    address, words = escape(url), escape(label)
    return SafeString(
        f'<a class="btn btn-q btn-s btn-i" href="{address}" hx-get="{address}" hx-target="{escape(target)}"'
        f' hx-swap="innerHTML" aria-label="{words}" title="{words}">{icon(icon_name)}</a>'
    )


def chart(kind: str, data: object, *, label: str, size: str = "h160") -> SafeString:
    """Return a chart that `charts.js` draws from `data`, with a sentence for screen readers and a table.

    `kind` names a builder of `charts.js`; the shape of `data` is documented there. `size` is a height class.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(JSON_ESCAPES)
    switch = (
        f'<button type="button" class="btn btn-q btn-s btn-i chart-switch" aria-pressed="false"'
        f' aria-label="{escape(gettext("Show as a table"))}">{icon("table")}</button>'
    )
    return SafeString(
        f'<div class="chart-box" data-view="chart">{switch}'
        f'<div class="chart {escape(size)}" role="img" aria-label="{escape(label)}"'
        f' data-chart="{escape(kind)}"></div>'
        f'<script type="application/json">{text}</script></div>'
    )
