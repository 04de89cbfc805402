"""What value contributes to the account: columns, filters, figures, panels, the grade."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor

from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from guanxi.customers.facade import group_of
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import (
    Figure,
    FigureSource,
    Label,
    ListColumn,
    ListFilter,
    Mark,
    Ordering,
    Panel,
    Rows,
    View,
    Visible,
)
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.navigation import NavigationEntry, SettingsEntry, register_navigation, register_settings
from guanxi.value.choices import FAMILY_NAMES, GRADE_NAMES, GRADES
from guanxi.value.models import ValueIndex, WeightSet
from guanxi.value.queries.indices import (
    FamilyPart,
    IndexParts,
    IndexRow,
    all_indices,
    compared_on,
    core_only,
    index_parts,
    index_rows,
    narrowed_by_change,
    narrowed_by_grade,
    ordered_by,
    trend_days,
)
from guanxi.value.rules import GRADE_DAYS

MEMO = "value.index_rows"
LEAST_CHANGE = 3.0
SMALLEST_EFFECT = 0.05
DEEPEST_SHOWN = 3
FACT_KINDS = {
    "steadfastness": "purchase",
    "coverage": "advocacy",
    "business": "purchase",
    "delivery": "interaction",
}


def rows_of(rows: Rows, view: View) -> dict[int, IndexRow]:
    """The indices of a page's accounts, read once per page."""
    if MEMO not in view.memo:
        view.memo[MEMO] = index_rows([row.pk for row in rows], view.actor)
    found: dict[int, IndexRow] = view.memo[MEMO]
    return found


def _column(render: Callable[[IndexRow], str]) -> Callable[[Rows, View], list[str]]:
    def cells(rows: Rows, view: View) -> list[str]:
        known = rows_of(rows, view)
        return [render(known[row.pk]) if row.pk in known else formats.MISSING for row in rows]

    return cells


def grade_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """The grades with their names."""
    return [(grade, f"{grade} {GRADE_NAMES[grade]}") for grade in GRADES]


def narrow_grade(visible: Visible, value: str, view: View) -> Visible:  # noqa: ARG001  # the shape of all filters
    """Accounts of some grades: "S" or "S,A"."""
    return narrowed_by_grade(visible, value.split(","))


def narrow_former_grade(visible: Visible, value: str, view: View) -> Visible:  # noqa: ARG001  # the shape of all filters
    """Accounts that had a grade so many days ago: "90.A"."""
    days, _, grade = value.partition(".")
    return narrowed_by_grade(visible, [grade], days=int(days) if days.isdecimal() else GRADE_DAYS[1])


def movement_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """Falling, rising, core."""
    return [
        ("falling", _l("Falling by 3 points or more")),
        ("rising", _l("Rising by 3 points or more")),
        ("core", _l("Core customers: 80% of the margin")),
    ]


def narrow_movement(visible: Visible, value: str, view: View) -> Visible:  # noqa: ARG001  # the shape of all filters
    """Accounts that fall or rise, or the core."""
    if value == "core":
        return core_only(visible)
    return narrowed_by_change(visible, least=LEAST_CHANGE, is_fall=value == "falling")


def grade_mark(record: models.Model, view: View) -> str:
    """The large grade beside a name."""
    row = rows_of([record], view).get(record.pk)
    return graphics.grade(row.grade, str(GRADE_NAMES[row.grade]), is_large=True) if row else ""


def index_figure(record: models.Model, view: View) -> Figure | None:
    """The main figure of a card."""
    row = rows_of([record], view).get(record.pk)
    if row is None:
        return Figure(_("Value index"), formats.MISSING, _("No facts yet"), is_main=True)
    note = _("vs 30 days ago · confidence %(share)s") % {"share": formats.percent(row.confidence, decimals=0)}
    value = formats.number(row.index, decimals=1)
    return Figure(_("Value index"), value, note, graphics.delta(row.change), url="#index", is_main=True)


def margin_figure(record: models.Model, view: View) -> Figure | None:
    """Margin, or revenue for somebody who may not read costs, of the last twelve months."""
    row = rows_of([record], view).get(record.pk)
    if row is None:
        return None
    bought = formats.day(row.last_purchase_on, today=view.today) if row.last_purchase_on else formats.MISSING
    url = f"/accounts/{record.pk}/facts/?kind=purchase"
    if row.margin:
        note = _("revenue %(amount)s · last purchase %(day)s") % {
            "amount": formats.money(row.amount),
            "day": bought,
        }
        return Figure(_("Margin, 12 months"), formats.money(row.margin), note, url=url)
    return Figure(
        _("Revenue, 12 months"),
        formats.money(row.amount),
        _("last purchase %(day)s") % {"day": bought},
        url=url,
    )


def parts_panel(record: models.Model, view: View) -> Mapping[str, object] | None:
    """What the index is made of and what moved it."""
    parts = parts_of(record, view)
    if parts is None:
        return None
    row = parts.row
    former = compared_on(row.as_of)
    names = {"from": formats.day(former, today=view.today), "to": formats.day(row.as_of, today=view.today)}
    return {
        "parts": parts,
        "families": [family_view(part, record.pk) for part in parts.families],
        "causes": causes(parts, record.pk),
        "missing": [str(FAMILY_NAMES[part.key]) for part in parts.families if part.score is None],
        "period": names,
        "steps": waterfall(parts, names=names),
        "frozen": formats.full_day(parts.frozen_on),
    }


def parts_of(record: models.Model, view: View) -> IndexParts | None:
    """An account's index with its families, read once per page."""
    key = f"value.parts.{record.pk}"
    if key not in view.memo:
        row = rows_of([record], view).get(record.pk)
        view.memo[key] = index_parts(row, view.actor) if row else None
    found: IndexParts | None = view.memo[key]
    return found


def family_view(part: FamilyPart, account_id: int) -> dict[str, object]:
    """One family as the panels show it."""
    return {
        "name": FAMILY_NAMES[part.key],
        "weight": formats.number(part.weight),
        "bar": graphics.bar(part.score, tick=part.median if part.score is not None else None),
        "score": formats.number(part.score) if part.score is not None else formats.MISSING,
        "delta": graphics.delta(part.effect) if part.score is not None else "",
        "is_applicable": part.score is not None,
        "url": facts_url(part.key, account_id),
    }


def facts_url(family: str, account_id: int) -> str:
    """The address of the facts behind a family."""
    return f"/accounts/{account_id}/facts/?kind={FACT_KINDS.get(family, family)}"


def causes(parts: IndexParts, account_id: int) -> list[dict[str, object]]:
    """The three strongest movements in words."""
    moved = sorted(
        (part for part in parts.families if abs(part.effect) >= SMALLEST_EFFECT),
        key=lambda part: -abs(part.effect),
    )
    lines: list[dict[str, object]] = [
        {
            "effect": formats.signed(part.effect),
            "tone": "closer" if part.effect > 0 else "away",
            "text": _cause_text(part),
            "url": facts_url(part.key, account_id),
        }
        for part in moved[:3]
    ]
    if abs(parts.row.applicability) >= SMALLEST_EFFECT:
        lines.append(
            {
                "effect": formats.signed(parts.row.applicability),
                "tone": "closer" if parts.row.applicability > 0 else "away",
                "text": _("Other indicators count than before"),
                "url": f"/accounts/{account_id}/facts/",
            }
        )
    return lines


def _cause_text(part: FamilyPart) -> str:
    values = {
        "family": FAMILY_NAMES[part.key],
        "faded": formats.signed(part.faded),
        "new": formats.signed(part.new),
    }
    if abs(part.new) < SMALLEST_EFFECT:
        return _("%(family)s: nothing new, earlier facts %(faded)s") % values
    if abs(part.faded) < SMALLEST_EFFECT:
        return _("%(family)s: new facts %(new)s") % values
    return _("%(family)s: new facts %(new)s, earlier ones %(faded)s") % values


def waterfall(parts: IndexParts, *, names: Mapping[str, str]) -> dict[str, object] | None:
    """The data of the chart "what moved it"; None when there was no index 30 days ago."""
    row = parts.row
    if row.index_before is None:
        return None
    others = row.applicability + row.weights_effect + row.reference_effect + row.peer_group_effect
    steps: list[tuple[str, float, bool]] = [(names["from"], row.index_before, True)]
    moved = [part for part in parts.families if abs(part.effect) >= SMALLEST_EFFECT]
    steps += [(str(FAMILY_NAMES[part.key]), part.effect, False) for part in sorted(moved, key=lambda part: part.effect)]
    if abs(others) >= SMALLEST_EFFECT:
        steps.append((_("Basis"), others, False))
    steps.append((names["to"], row.index, True))
    running, levels = row.index_before, [row.index_before, row.index]
    for _name, value, is_total in steps[1:]:
        running = value if is_total else running + value
        levels.append(running)
    low, high = floor(min(levels) - 3), ceil(max(levels) + 2)
    rounded = [[label, round(value, 2), is_total] for label, value, is_total in steps]
    return {"steps": rounded, "low": max(low, 0), "high": high}


def trend_panel(record: models.Model, view: View) -> Mapping[str, object] | None:
    """The index over twelve months."""
    row = rows_of([record], view).get(record.pk)
    if row is None or sum(value is not None for value in row.trend) < 2:
        return None
    pairs = [(day, value) for day, value in zip(trend_days(row.as_of), row.trend, strict=True) if value is not None]
    values = [round(value, 1) for _, value in pairs]
    return {
        "data": {
            "labels": [formats.day(day, today=view.today) for day, _ in pairs],
            "series": [{"name": _("Value index"), "values": values, "is_reference": False}],
            "low": floor(min(values) / 10) * 10,
            "high": ceil(max(values) / 10) * 10,
        },
        "label": _("The index went from %(first)s to %(last)s in twelve months.")
        % {"first": formats.number(values[0], decimals=1), "last": formats.number(values[-1], decimals=1)},
    }


def preview_panel(record: models.Model, view: View) -> Mapping[str, object] | None:
    """Index and families for the side panel."""
    parts = parts_of(record, view)
    if parts is None:
        return None
    return {
        "row": parts.row,
        "spark": graphics.spark(parts.row.spark, 88, 30),
        "delta": graphics.delta(parts.row.change),
        "families": [family_view(part, record.pk) for part in parts.families],
    }


def group_panel(record: models.Model, view: View) -> Mapping[str, object] | None:
    """The group that a company belongs to, with what its companies bought and the index of the whole.

    The index of a group is the mean of its companies' indices weighted by what they bought in twelve months; a company
    that bought nothing counts as one yuan, so that a group without purchases has a plain mean.
    """
    members = group_of(record.pk, view.actor)
    if not members:
        return None
    known = index_rows([member.id for member in members], view.actor)
    weights = {pk: max(row.amount, 1.0) for pk, row in known.items()}
    mean = sum(known[pk].index * weight for pk, weight in weights.items()) / (sum(weights.values()) or 1.0)
    return {
        "top_id": members[0].id,
        "members": [
            {
                "name": member.name,
                "url": f"/accounts/{member.id}/",
                "depth": min(member.depth, DEEPEST_SHOWN),
                "is_here": member.id == record.pk,
                "grade": graphics.grade(row.grade, str(GRADE_NAMES[row.grade])) if row else "",
                "amount": formats.money(row.amount) if row else formats.MISSING,
            }
            for member in members
            for row in (known.get(member.id),)
        ],
        "amount": formats.money(sum(row.amount for row in known.values())),
        "index": formats.number(mean, decimals=1) if known else formats.MISSING,
    }


def _margin_cell(row: IndexRow) -> str:
    return formats.money(row.margin if row.margin is not None else row.amount)


def _index_field(key: str, label: Label, kind: FieldType, *, column: str = "", digits: int = 0) -> ObjectField:
    """A column of the index table as a field of the account."""
    return ObjectField(
        key=key,
        label=label,
        kind=kind,
        column=column or key,
        model=ValueIndex,
        offered=grade_choices if key == "grade" else None,
        beside=all_indices,
        digits=digits,
    )


register_belongings(Belonging(ValueIndex, object_key="account", link="account", stays=True))
contribute(
    "account",
    fields=(
        _index_field("grade", _l("Grade"), FieldType.CHOICE),
        _index_field("index", _l("Value index"), FieldType.NUMBER, column="index_value", digits=1),
        _index_field("revenue", _l("Revenue, 12 months"), FieldType.MONEY, column="amount_12_months"),
        _index_field("margin", _l("Margin, 12 months"), FieldType.MONEY, column="margin_12_months"),
        _index_field("confidence", _l("Confidence"), FieldType.RATIO),
        _index_field("core", _l("Core customer"), FieldType.BOOLEAN, column="is_core"),
        _index_field("last_purchase", _l("Last purchase"), FieldType.DATE, column="last_purchase_on"),
    ),
    columns=(
        ListColumn(
            "grade",
            _l("Grade"),
            _column(lambda row: graphics.grade(row.grade, str(GRADE_NAMES[row.grade]))),
            position=10,
        ),
        ListColumn(
            "index",
            _l("Index"),
            _column(lambda row: SafeString(f"<b>{formats.number(row.index, decimals=1)}</b>")),
            Ordering(beside=ordered_by("index_value")),
            position=30,
            is_number=True,
            is_falling_first=True,
        ),
        ListColumn(
            "spark",
            _l("90 days"),
            _column(lambda row: graphics.spark(row.spark, 52, 18)),
            position=31,
            is_shown_on_phone=False,
        ),
        ListColumn(
            "change",
            pgettext_lazy("of an index", "Change"),
            _column(lambda row: graphics.delta(row.change)),
            Ordering(beside=ordered_by("change")),
            position=32,
            is_number=True,
        ),
        ListColumn(
            "margin",
            _l("12 months"),
            _column(_margin_cell),
            Ordering(beside=ordered_by("margin_12_months")),
            position=70,
            is_number=True,
            is_falling_first=True,
            is_shown_on_phone=False,
        ),
    ),
    filters=(
        ListFilter("grade", _l("Grade"), grade_choices, narrow_grade, position=5),
        ListFilter("moves", _l("Movement"), movement_choices, narrow_movement, position=6),
        ListFilter("was", _l("Former grade"), lambda view: (), narrow_former_grade, position=7, is_offered=False),
    ),
    figures=(FigureSource("index", index_figure, 10), FigureSource("margin", margin_figure, 40)),
    panels=(
        Panel("index", _l("What it is made of, what moved it"), "value/_parts.html", parts_panel, "main", 10),
        Panel("group", _l("Group"), "value/_group.html", group_panel, "side", 16),
        Panel("trend", _l("Trend"), "value/_trend.html", trend_panel, "side", 90),
        Panel("index_preview", _l("Value index"), "value/_preview.html", preview_panel, "preview", 10),
    ),
    marks=(Mark("grade", grade_mark, 10),),
)
register_navigation(
    NavigationEntry(
        "pyramid",
        _l("Pyramid"),
        "pyramid",
        "pyramid",
        _l("Customers"),
        30,
        3,
        "p",
        is_shown=lambda actor: may(actor, ValueIndex, Action.VIEW),
    ),
    NavigationEntry(
        "weights",
        _l("Value weights"),
        "adjustments",
        "weights",
        _l("Analysis"),
        60,
        is_shown=lambda actor: may(actor, WeightSet, Action.VIEW),
    ),
)
register_settings(
    SettingsEntry(
        "weights",
        _l("Value weights"),
        _l("How much each family counts in the value index, and what a change would do."),
        "adjustments",
        "weights",
        group=_l("For the house"),
        order=60,
        is_shown=lambda actor: may(actor, WeightSet, Action.EDIT),
    )
)
