"""The page that says whether the classes of a scheme differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guanxi.care.adapters.differences import ClassFigures, Comparison, Difference, Summary, compared_classes
from guanxi.care.analyses.differences import LEAST_MEMBERS
from guanxi.care.choices import Measure, Strength
from guanxi.care.views.classes import class_url
from guanxi.customers.facade import class_name, scheme_name
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import Label
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics

TONES: Mapping[Strength, str] = {Strength.STRONG: "ok", Strength.CLEAR: "ok", Strength.WEAK: "away"}
SMALLEST_CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a class and the list behind it: the mean, the median as a hint, of how many customers."""

    figure: str
    hint: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class with its customers and a figure for each measure."""

    name: str
    customers: str
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TestLine:
    """What the test says of one measure: the words, the share of the spread that classes explain, the chance."""

    measure: Label
    strength: Label
    tone: str
    effect: str
    bar: str
    chance: str
    statistic: str
    count: str
    left_out: str


@require_safe
def differences_page(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """The classes of a scheme side by side, and in what they differ. Raises: NotFound."""
    found = compared_classes(scheme_id, today=timezone.localdate(), actor=actor_of(request))
    context = {
        "scheme": scheme_name(scheme_id),
        "customers": formats.number(found.customers),
        "has_customers": found.customers > 0,
        "sentences": sentences(found.differences),
        "verdict": verdict(found.differences),
        "measures": [str(measure.label) for measure in Measure],
        "lines": [_class_line(found, item) for item in found.classes],
        "tests": [_test_line(found, item) for item in found.differences],
        "least": LEAST_MEMBERS,
    }
    return render(request, "care/differences.html", context)


def sentences(differences: Sequence[Difference]) -> list[str]:
    """In what the classes differ, one sentence for each strength, the strongest first."""
    words: Mapping[Strength, str] = {
        Strength.STRONG: _("The classes differ strongly in %(measures)s."),
        Strength.CLEAR: _("The classes differ clearly in %(measures)s."),
        Strength.WEAK: _("The classes differ a little in %(measures)s."),
        Strength.NONE: _("The classes do not differ in %(measures)s."),
        Strength.UNKNOWN: _("There are too few customers to tell about %(measures)s."),
    }
    named = {
        strength: [str(item.measure.label) for item in differences if item.strength == strength] for strength in words
    }
    return [
        words[strength] % {"measures": formats.enumeration(measures)}
        for strength, measures in named.items()
        if measures
    ]


def verdict(differences: Sequence[Difference]) -> str:
    """What follows for the scheme."""
    found = {item.strength for item in differences}
    if found & {Strength.STRONG, Strength.CLEAR}:
        return _("The scheme tells customers apart. Treating its classes differently makes sense.")
    if Strength.WEAK in found:
        return _("The scheme hardly tells customers apart. Ask whether it is worth the work of sorting.")
    if Strength.NONE in found:
        return _("A scheme whose classes do not differ is not worth keeping: sort by something else, or drop it.")
    return _("Sort more customers into the classes, then look again.")


def _class_line(found: Comparison, item: ClassFigures) -> ClassLine:
    return ClassLine(
        name=class_name(found.scheme_id, item.key),
        customers=formats.number(item.customers),
        url=class_url(found.scheme_id, item.key),
        cells=tuple(_cell(found.scheme_id, item.key, measure, item.summaries[measure]) for measure in Measure),
    )


def _cell(scheme_id: int, key: str, measure: Measure, summary: Summary) -> Cell:
    if summary.mean is None or summary.median is None:
        return Cell(formats.MISSING, _("not known of anybody"), "", "")
    written = _WRITTEN[measure]
    is_share = measure == Measure.RETENTION
    hint = "" if is_share else _("median %(figure)s") % {"figure": written(summary.median)}
    return Cell(
        figure=written(summary.mean),
        hint=hint,
        count=_("of %(count)s") % {"count": formats.number(summary.count)},
        url=class_url(scheme_id, key, **_BEHIND[measure]),
    )


_WRITTEN: Mapping[Measure, Callable[[float], str]] = {
    Measure.INDEX: lambda value: formats.number(value, decimals=1),
    Measure.CONTACTS: lambda value: formats.number(value, decimals=2),
    Measure.REVENUE: formats.money,
    Measure.RETENTION: lambda value: formats.percent(value, decimals=0),
}
_BEHIND: Mapping[Measure, Mapping[str, str]] = {
    Measure.INDEX: {"sort": "-index"},
    Measure.CONTACTS: {},
    Measure.REVENUE: {},
    Measure.RETENTION: {"stayed": "yes"},
}
"""How the list behind a figure is narrowed or sorted."""


def _test_line(found: Comparison, item: Difference) -> TestLine:
    test = item.test
    names = [class_name(found.scheme_id, key) for key in item.left_out]
    return TestLine(
        measure=item.measure.label,
        strength=item.strength.label,
        tone=TONES.get(item.strength, ""),
        effect=formats.percent(test.effect) if test else formats.MISSING,
        bar=graphics.bar(100 * test.effect) if test else graphics.bar(None),
        chance=_chance(test.chance) if test else formats.MISSING,
        statistic=f"{formats.number(test.statistic, decimals=1)} ({test.degrees})" if test else formats.MISSING,
        count=formats.number(test.count) if test else formats.MISSING,
        left_out=formats.enumeration(names) if names else "",
    )


def _chance(chance: float) -> str:
    return f"< {formats.percent(SMALLEST_CHANCE)}" if chance < SMALLEST_CHANCE else formats.percent(chance)
