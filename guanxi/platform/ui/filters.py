"""The filter builder: conditions as rows of a form, a live count, and the conditions in force as chips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.conditions import (
    BARE,
    DAYS,
    LISTS,
    NUMBERS,
    OF_DAYS,
    Condition,
    Group,
    Operator,
    Span,
    Where,
    operators_of,
    parse_where,
    where_text,
)
from guanxi.platform.objects.fields import ObjectField, readable
from guanxi.platform.objects.listing import COUNT_CAP, counted, searched
from guanxi.platform.objects.registry import fields_of, listed_object
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.list_query import ListQuery, read_query, selection_of
from guanxi.platform.ui.responses import leading_to, list_form

WORDS: Mapping[Operator, Label] = {
    Operator.IS: pgettext_lazy("condition", "is"),
    Operator.IS_NOT: pgettext_lazy("condition", "is not"),
    Operator.CONTAINS: pgettext_lazy("condition", "contains"),
    Operator.STARTS: pgettext_lazy("condition", "begins with"),
    Operator.AT_LEAST: pgettext_lazy("condition", "at least"),
    Operator.AT_MOST: pgettext_lazy("condition", "at most"),
    Operator.BEFORE: pgettext_lazy("condition", "before"),
    Operator.AFTER: pgettext_lazy("condition", "after"),
    Operator.IN_LAST: pgettext_lazy("condition", "in the last … days"),
    Operator.IN_NEXT: pgettext_lazy("condition", "in the next … days"),
    Operator.LONGER_AGO: pgettext_lazy("condition", "at least … days ago"),
    Operator.WITHIN: pgettext_lazy("condition", "lies in"),
    Operator.EMPTY: pgettext_lazy("condition", "is empty"),
    Operator.FILLED: pgettext_lazy("condition", "is filled in"),
}
LIST_WORDS: Mapping[Operator, Label] = {
    Operator.IS: pgettext_lazy("condition", "is any of"),
    Operator.IS_NOT: pgettext_lazy("condition", "is none of"),
}
SPAN_WORDS: Mapping[Span, Label] = {
    Span.THIS_WEEK: _l("this week"),
    Span.LAST_WEEK: _l("last week"),
    Span.THIS_MONTH: _l("this month"),
    Span.LAST_MONTH: _l("last month"),
    Span.NEXT_MONTH: _l("next month"),
    Span.THIS_QUARTER: _l("this quarter"),
    Span.LAST_QUARTER: _l("last quarter"),
    Span.NEXT_QUARTER: _l("next quarter"),
    Span.THIS_YEAR: _l("this year"),
    Span.LAST_YEAR: _l("last year"),
    Span.NEXT_YEAR: _l("next year"),
}
ANSWERS: tuple[tuple[str, Label], ...] = (("yes", _l("Yes")), ("no", _l("No")))
MOST_ROWS = 40
BETWEEN_NUMBERS = ", "


@dataclass(frozen=True, slots=True)
class Row:
    """One condition of the form; `group` 0 stands at the top, the others in a group of their own."""

    field: str
    operator: str
    values: tuple[str, ...]
    group: int = 0


@dataclass(frozen=True, slots=True)
class Builder:
    """The form: rows in their order, and of each group whether any one of its rows is enough."""

    rows: tuple[Row, ...]
    joins: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """The field of a row in which the value is given: `kind` is "none", "list", "number", "date" or "text".

    `offered` are (value, label, whether chosen).
    """

    kind: str
    value: str = ""
    offered: tuple[tuple[str, Label, bool], ...] = ()

    @property
    def chosen(self) -> str:
        """What is chosen of the list, in words."""
        return formats.enumeration(str(label) for _key, label, is_chosen in self.offered if is_chosen)


@dataclass(frozen=True, slots=True)
class RowView:
    """One row as the template draws it.

    `joiner` is "alone" (the only one of its group), "first", "choose" (the first "and/or") or "word". `is_fresh` marks
    the row that was just added, to which the keyboard goes.
    """

    number: int
    group: int
    joiner: str
    is_any: bool
    fields: tuple[tuple[str, Label, bool], ...]
    operators: tuple[tuple[str, Label, bool], ...]
    control: Control
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in force in words; `clear_url` shows the list without it."""

    text: str
    clear_url: str


@require_safe
def filter_builder(request: HttpRequest, key: str) -> HttpResponse:
    """The form of conditions, changed as its buttons ask; "apply" leads to the list.

    Raises: NotFound("object.not_found"), AccessDenied.
    """
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    query = read_query(request.GET, spec)
    fields = filterable(spec, view)
    do = request.GET.get("do", "")
    builder = changed(read_builder(request.GET), do=do, fields=fields) if do else read_where(parse_where(query.where))
    asked = replace(query, where=where_text(where_of(builder, fields=fields)))
    if do == "apply":
        return leading_to(request, spec.list_url + asked.address())
    context = {
        "spec": spec,
        "groups": shown_groups(builder, fields=fields, view=view),
        "kept": [(name, value) for name, value in query.parameters.items() if name != "where"],
        "count": count_words(spec, asked, view=view),
        "clear_url": spec.list_url + query.address(where=""),
    }
    if do == "count":
        return render(request, "ui/_filter_count.html", context)
    return list_form(request, fragment="ui/_filter.html", title=_("Filter"), context=context)


def is_complete(builder: Builder, *, fields: Mapping[str, ObjectField]) -> bool:
    """Whether each row says a whole condition."""
    return all(_condition(row, fields) is not None for row in builder.rows)


def filterable(spec: ObjectSpec, view: View) -> Mapping[str, ObjectField]:
    """The fields by which the person may filter, by key."""
    return {item.key: item for item in readable(fields_of(spec), view.actor) if operators_of(item)}


def count_words(spec: ObjectSpec, query: ListQuery, *, view: View) -> str:
    """How many records meet the conditions, or what is wrong with them."""
    try:
        permission = grant(view.actor, spec.model)
        found = searched(spec, query.words, view)
        total = counted(selection_of(spec, query, permission=permission, found=found), found)
    except GuanxiError:
        return _("Something is missing in a condition.")
    if total.is_capped:
        return _("More than %(count)s match") % {"count": formats.number(COUNT_CAP)}
    return _("%(count)s match") % {"count": formats.number(total.count)}


def read_builder(parameters: QueryDict) -> Builder:
    """The form as it was sent: `f3`, `o3`, `v3` and `g3` are row 3, `j1` is how group 1 is joined."""
    rows = tuple(
        Row(
            field=parameters.get(f"f{number}", ""),
            operator=parameters.get(f"o{number}", ""),
            values=tuple(value for value in parameters.getlist(f"v{number}") if value),
            group=_small(parameters.get(f"g{number}", "")),
        )
        for number in range(MOST_ROWS)
        if f"f{number}" in parameters
    )
    last = max((row.group for row in rows), default=0)
    return Builder(rows, tuple(parameters.get(f"j{group}") == "any" for group in range(last + 1)))


def _small(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 0


def changed(builder: Builder, *, do: str, fields: Mapping[str, ObjectField]) -> Builder:
    """The form after one of its buttons: "add" (to group n: "add.2"), "group", "field.3", "remove.3"."""
    verb, _dot, number = do.partition(".")
    fresh = Row(next(iter(fields), ""), "", ())
    match verb:
        case "add":
            return replace(builder, rows=(*builder.rows, replace(fresh, group=_small(number)))[:MOST_ROWS])
        case "group":
            group = max((row.group for row in builder.rows), default=0) + 1
            joins = (*builder.joins, *[True] * (group + 1 - len(builder.joins)))
            return Builder((*builder.rows, replace(fresh, group=group))[:MOST_ROWS], joins)
        case "field":  # another field begins with its own first comparison
            rows = tuple(
                replace(row, operator="", values=()) if place == _small(number) else row
                for place, row in enumerate(builder.rows)
            )
            return replace(builder, rows=rows)
        case "remove":
            return replace(
                builder, rows=tuple(row for place, row in enumerate(builder.rows) if place != _small(number))
            )
        case _:
            return builder


def read_where(where: Where | None) -> Builder:
    """The form of conditions; what is nested deeper than one group is shown in the group it stands in."""
    if where is None:
        return Builder((), (False,))
    top = where if isinstance(where, Group) else Group(False, (where,))
    rows: list[Row] = []
    joins = [top.is_any]
    for part in top.parts:
        if isinstance(part, Condition):
            rows.append(Row(part.field, part.operator.value, part.values))
            continue
        joins.append(part.is_any)
        rows += [Row(item.field, item.operator.value, item.values, len(joins) - 1) for item in _flat(part)]
    return Builder(tuple(rows), tuple(joins))


def _flat(group: Group) -> list[Condition]:
    found: list[Condition] = []
    for part in group.parts:
        found += [part] if isinstance(part, Condition) else _flat(part)
    return found


def where_of(builder: Builder, *, fields: Mapping[str, ObjectField]) -> Where | None:
    """The conditions of the rows that are complete; None when there is none."""
    parts: list[Where] = []
    for group in sorted({row.group for row in builder.rows}):
        found: tuple[Where, ...] = tuple(
            condition
            for row in builder.rows
            if row.group == group and (condition := _condition(row, fields)) is not None
        )
        is_any = group < len(builder.joins) and builder.joins[group]
        if group and found:
            parts.append(Group(is_any, found))
        else:
            parts.extend(found)
    return Group(bool(builder.joins and builder.joins[0]), tuple(parts)) if parts else None


def _condition(row: Row, fields: Mapping[str, ObjectField]) -> Condition | None:
    item = fields.get(row.field)
    if item is None:
        return None
    operator = _operator(row, item)
    if operator in BARE:
        return Condition(item.key, operator)
    if operator is Operator.WITHIN:
        return Condition(item.key, operator, (_span(row.values).value,))
    values = row.values if item.kind in LISTS else row.values[:1]
    if item.is_sealed:
        values = tuple(part.strip() for text in values for part in text.replace("，", ",").split(",") if part.strip())
    return Condition(item.key, operator, values) if values else None


def _operator(row: Row, item: ObjectField) -> Operator:
    """The operator of a row, or the first of its field when it has none of the field's."""
    known = operators_of(item)
    return Operator(row.operator) if row.operator in known else known[0]


def _span(values: Sequence[str]) -> Span:
    """The chosen span, or the first when another comparison's value still stands there."""
    return next((Span(value) for value in values if value in set(Span)), Span.THIS_WEEK)


def shown_groups(
    builder: Builder, *, fields: Mapping[str, ObjectField], view: View
) -> tuple[tuple[int, tuple[RowView, ...]], ...]:
    """The rows by group, the top first, as the template draws them; the top always stands there."""
    numbers = sorted({0, *(row.group for row in builder.rows)})
    return tuple(
        (
            group,
            tuple(
                _row_view(row, number, place, builder=builder, fields=fields, view=view)
                for place, (number, row) in enumerate(
                    (number, row) for number, row in enumerate(builder.rows) if row.group == group
                )
            ),
        )
        for group in numbers
    )


def _row_view(
    row: Row, number: int, place: int, *, builder: Builder, fields: Mapping[str, ObjectField], view: View
) -> RowView:
    item = fields.get(row.field) or next(iter(fields.values()))
    operator = _operator(row, item)
    is_alone = sum(other.group == row.group for other in builder.rows) == 1
    words = LIST_WORDS if item.kind in LISTS or item.is_sealed else {}
    return RowView(
        number=number,
        group=row.group,
        joiner="alone" if is_alone else ("first", "choose")[place] if place < 2 else "word",
        is_any=row.group < len(builder.joins) and builder.joins[row.group],
        fields=tuple((key, other.label, key == item.key) for key, other in fields.items()),
        operators=tuple(
            (known.value, words.get(known, WORDS[known]), known is operator) for known in operators_of(item)
        ),
        control=_control(item, operator, row.values, view=view),
        is_fresh=number == len(builder.rows) - 1 and not row.operator,
    )


def _control(item: ObjectField, operator: Operator, values: Sequence[str], *, view: View) -> Control:
    value = (BETWEEN_NUMBERS.join(values) if item.is_sealed else values[0]) if values else ""
    if operator in BARE:
        return Control("none")
    if item.kind in LISTS and item.offered is not None:
        offered = tuple((key, label, key in values) for key, label in item.offered(view))
        return Control("list", value, offered)
    if item.kind is FieldType.BOOLEAN:
        return Control("answer", value, tuple((key, label, key == value) for key, label in ANSWERS))
    if operator is Operator.WITHIN:
        chosen = _span(values)
        return Control("answer", chosen.value, tuple((key.value, SPAN_WORDS[key], key is chosen) for key in Span))
    if operator in OF_DAYS or item.kind in NUMBERS:
        return Control("number", value)
    return Control("date" if item.kind in DAYS else "text", value)


def chips(spec: ObjectSpec, query: ListQuery, *, view: View) -> tuple[Chip, ...]:
    """The conditions in force in words, those of a group in one."""
    where = parse_where(query.where)
    if where is None:
        return ()
    fields = filterable(spec, view)
    top = where if isinstance(where, Group) else Group(False, (where,))
    found = []
    for place, part in enumerate(top.parts):
        rest = tuple(other for number, other in enumerate(top.parts) if number != place)
        left = where_text(Group(top.is_any, rest)) if rest else ""
        found.append(Chip(where_words(part, fields=fields, view=view), query.address(where=left)))
    return tuple(found)


def joiner_word(group: Group) -> str:
    """The word between the conditions of a group, with what stands around it."""
    return pgettext("between conditions", " or ") if group.is_any else pgettext("between conditions", " and ")


def where_words(where: Where, *, fields: Mapping[str, ObjectField], view: View) -> str:
    """Conditions in one line of words."""
    if isinstance(where, Group):
        joiner = joiner_word(where)
        found = ((part, where_words(part, fields=fields, view=view)) for part in where.parts)
        return joiner.join(f"({words})" if isinstance(part, Group) else words for part, words in found)
    item = fields.get(where.field)
    if item is None:
        return where.field
    shown = formats.enumeration(_value_words(item, where, view=view))
    verb = str((LIST_WORDS if item.kind in LISTS or item.is_sealed else {}).get(where.operator, WORDS[where.operator]))
    if where.operator in OF_DAYS:
        return f"{item.label} {verb.replace('…', shown)}"
    return f"{item.label} {verb} {shown}".strip()


def _value_words(item: ObjectField, condition: Condition, *, view: View) -> list[str]:
    if item.kind is FieldType.BOOLEAN:
        return [str(dict(ANSWERS).get(value, value)) for value in condition.values]
    if item.kind in LISTS and item.offered is not None:
        labels = dict(item.offered(view))
        return [str(labels.get(value, value)) for value in condition.values]
    if condition.operator is Operator.WITHIN:
        return [str(SPAN_WORDS.get(Span(value), value)) for value in condition.values if value in set(Span)]
    if item.kind in DAYS and condition.operator not in OF_DAYS:
        return [formats.full_day(date.fromisoformat(value)) for value in condition.values]
    return list(condition.values)
