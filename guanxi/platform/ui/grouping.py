"""A list summed up by a field: how many records each of its values has, and the totals of the numbers shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from guanxi.kernel.fields import FieldType
from guanxi.platform.objects.conditions import NUMBERS, Condition, Group, Operator, parse_where, where_text
from guanxi.platform.objects.fields import ObjectField, readable
from guanxi.platform.objects.listing import Found, Selection, grouped_rows
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.amounts import amount_of
from guanxi.platform.ui.list_query import ListQuery
from guanxi.platform.ui.values import texts

MOST_GROUPS = 200
GROUPED = frozenset({FieldType.CHOICE, FieldType.LINK, FieldType.BOOLEAN, FieldType.TEXT})


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One value with its records: `count` and `totals` in words, `url` lists them; `bar` draws their share of all."""

    label: str
    count: str
    bar: SafeString
    totals: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """A list summed up. `totals` are the labels of the summed fields; `is_cut` says that there are more values."""

    field: Label
    totals: tuple[Label, ...]
    rows: tuple[GroupRow, ...]
    is_cut: bool


def groupable(spec: ObjectSpec, view: View) -> tuple[ObjectField, ...]:
    """The fields by which the person may sum the list up."""
    return tuple(item for item in readable(fields_of(spec), view.actor) if item.kind in GROUPED and not item.is_sealed)


def grouped(
    spec: ObjectSpec, query: ListQuery, selection: Selection, *, found: Found | None, view: View
) -> Grouped | None:
    """The list summed up as the address asks; None when it does not ask, or for a field it may not use. One query."""
    field = next((item for item in groupable(spec, view) if item.key == query.group), None)
    if field is None:
        return None
    sums = tuple(item for item in readable(fields_of(spec), view.actor) if item.kind in NUMBERS and is_summed(item))
    rows = grouped_rows(selection, found, field=field, sums=sums, limit=MOST_GROUPS + 1)
    labels = texts(field, [row[0] for row in rows], view)
    whole = sum(row[1] for row in rows) or 1
    return Grouped(
        field=field.label,
        totals=tuple(item.label for item in sums),
        rows=tuple(
            GroupRow(
                label=label,
                count=formats.number(row[1]),
                bar=graphics.bar(100 * row[1] / whole),
                totals=_totals(sums, row[2:], view.today),
                url=_narrowed_url(query, field, row[0]),
            )
            for label, row in list(zip(labels, rows, strict=True))[:MOST_GROUPS]
        ),
        is_cut=len(rows) > MOST_GROUPS,
    )


def is_summed(item: ObjectField) -> bool:
    """Whether a sum of the field means something: amounts and counts do, shares and indices do not."""
    return item.kind in {FieldType.MONEY, FieldType.INTEGER}


def _totals(sums: Sequence[ObjectField], values: Sequence[Any], today: date) -> tuple[str, ...]:
    return tuple(
        amount_of(value, today=today).markup if item.kind is FieldType.MONEY else formats.number(value)
        for item, value in zip(sums, values, strict=True)
    )


def _narrowed_url(query: ListQuery, field: ObjectField, value: object) -> str:
    """The address of the records of one value."""
    is_empty = value in (None, "")
    answer = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    own = Condition(field.key, Operator.EMPTY) if is_empty else Condition(field.key, Operator.IS, (answer,))
    where = parse_where(query.where)
    return query.address(group="", where=where_text(Group(False, (where, own)) if where else Group(False, (own,))))
