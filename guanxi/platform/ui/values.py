"""Values of fields in words: what a column, a panel or an export shows of a field, for many records at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from html import escape
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.masking import masked
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.queries import people
from guanxi.platform.files.queries import file_rows
from guanxi.platform.objects.conditions import NUMBERS
from guanxi.platform.objects.fields import ObjectField, is_person
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.rollups import RolledField, rolled_ordering, rolled_values
from guanxi.platform.objects.spec import ListColumn, ObjectSpec, Ordering, Rows, View
from guanxi.platform.preferences.locale import is_english
from guanxi.platform.preferences.rates import house_currency
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.amounts import Amount, amount_of
from guanxi.platform.ui.graphics import icon
from guanxi.platform.ui.tag_chips import tag_cells

LAST_POSITION = 1_000


def column_of_field(spec: ObjectSpec, item: ObjectField) -> ListColumn:
    """The column that shows a field of the object itself; the one that says what a record is called leads to it."""
    is_title = item.column == spec.title and spec.detail_url is not None
    return ListColumn(
        key=item.key,
        label=item.label,
        cells=partial(_title_cells, spec, item) if is_title else partial(marked_cells, item),
        ordering=Ordering(spec.orders.get(item.key, (item.column,))) if item.is_ordered else None,
        field=item.protected_name,
        position=LAST_POSITION,
        is_number=item.kind in NUMBERS and item.offered is None,
        is_shown_on_phone=is_title or item.is_tags,
    )


def _title_cells(spec: ObjectSpec, item: ObjectField, rows: Rows, view: View) -> list[str]:
    """Names as links to the cards."""
    if spec.detail_url is None:
        return cells(item, rows, view)
    named = zip(rows, _titles(spec, item, rows, view), strict=True)
    marked = ((spec.detail_url(row.pk), escape(name), formats.language_mark(name)) for row, name in named)
    return [
        SafeString(f'<a class="clip nm who" data-open href="{url}" title="{name}"{mark}>{name}</a>')
        for url, name, mark in marked
    ]


def marked_cells(item: ObjectField, rows: Rows, view: View) -> list[str]:
    """The field of each record as a list shows it: amounts with what stands behind them, files as links to them."""
    is_drawn = item.is_tags or item.kind in (FieldType.MONEY, FieldType.FILE)
    if not is_drawn or item.access(view.actor) < FieldAccess.READ:
        return cells(item, rows, view)
    if item.is_tags:
        return tag_cells(protection_of(item.model).key, rows)
    if item.kind is FieldType.FILE:
        return _file_cells(item, rows, view)
    return [amount_in(item, item.value_of(row), view).markup for row in rows]


def _file_cells(item: ObjectField, rows: Rows, view: View) -> list[str]:
    """Names of files as links to them."""
    key, mark = protection_of(item.model).key, icon("paperclip")
    return [
        format_html('<a class="file-link clip" href="{}" title="{}">{}{}</a>', url, name, mark, name)
        if name != formats.MISSING
        else name
        for url, name in zip((file_url(key, row.pk, item.key) for row in rows), cells(item, rows, view), strict=True)
    ]


def file_url(object_key: str, record_id: int, field: str) -> str:
    """The address of the file that a field of a record holds."""
    return reverse("record_file", args=[object_key, record_id, field])


def amount_in(item: ObjectField, value: Any, view: View) -> Amount:
    """A value of a field of amounts as the reader sees it."""
    return amount_of(value, today=view.today, decimals=item.digits)


def _titles(spec: ObjectSpec, item: ObjectField, rows: Rows, view: View) -> list[str]:
    """What records are called in the language of the page."""
    names = cells(item, rows, view)
    if not spec.title_en or not is_english():
        return names
    return [str(getattr(row, spec.title_en)) or name for row, name in zip(rows, names, strict=True)]


def cells(item: ObjectField, rows: Rows, view: View) -> list[str]:
    """The field of each record in words, masked where the person may not read it whole; amounts as they are kept."""
    values = [item.value_of(row) for row in rows]
    access = item.access(view.actor)
    if access <= FieldAccess.HIDDEN:
        return [""] * len(values)
    found = texts(item, values, view)
    if access >= FieldAccess.READ:
        return found
    return [masked(text, sensitivity=item.mask) if text != formats.MISSING else text for text in found]


def column_of_rolled(rolled: RolledField, actor: Actor) -> ListColumn:
    """The column that shows a roll-up to a person."""
    return ListColumn(
        key=rolled.item.key,
        label=rolled.item.label,
        cells=partial(rolled_cells, rolled),
        ordering=None if rolled.missing else rolled_ordering(rolled, actor),
        is_falling_first=True,
        position=LAST_POSITION,
        is_number=rolled.item.kind in NUMBERS,
        is_shown_on_phone=False,
    )


def rolled_cells(rolled: RolledField, rows: Rows, view: View) -> list[str]:
    """The roll-up of each record in words; of one that shows nothing, why."""
    if rolled.missing:
        return [format_html('<span title="{}">{}</span>', rolled.problem, formats.MISSING)] * len(rows)
    found = rolled_values(rolled, [row.pk for row in rows], view.actor)
    values = [found[row.pk] for row in rows]
    if rolled.item.kind is FieldType.MONEY:
        return [amount_in(rolled.item, value, view).markup for value in values]
    return texts(rolled.item, values, view)


def texts(item: ObjectField, values: Sequence[Any], view: View) -> list[str]:
    """Values of one field in words; a missing value is "—"."""
    if is_person(item):
        names = people(value for value in values if value)
        return [names[value].name if value in names else formats.MISSING for value in values]
    if item.target:
        titles = linked_names(item.target, {value for value in values if value}, view)
        return [titles.get(value, formats.MISSING) for value in values]
    if item.kind is FieldType.FILE:
        files = file_rows([value for value in values if value])
        return [files[value].name if value in files else formats.MISSING for value in values]
    if item.offered is not None:
        labels = {key: str(label) for key, label in item.offered(view)}
        return [_labelled(value, labels) for value in values]
    return [text(item, value, today=view.today) for value in values]


def _labelled(value: Any, labels: Mapping[str, str]) -> str:
    """What was chosen in words, one or several; a value that is offered no more as it stands."""
    chosen = value if isinstance(value, list) else [value]
    known = [labels.get(str(key), str(key)) for key in chosen if key not in (None, "")]
    return formats.enumeration(known) if known else formats.MISSING


def linked_names(target: str, ids: Collection[int], view: View) -> dict[int, str]:
    """The names of the records of an object that a person may see; of the others nothing is told."""
    spec = object_spec(target)
    if not ids or not may(view.actor, spec.model, Action.VIEW):
        return {}
    found = _NAMES(_Named(grant(view.actor, spec.model), title_columns(spec)), ids=list(ids))
    return {pk: title_of(*names) for pk, *names in found}


def title_columns(spec: ObjectSpec) -> tuple[str, ...]:
    """The columns that say what a record is called in the language of the page, the first that is filled counts."""
    return (spec.title_en, spec.title) if spec.title_en and is_english() else (spec.title,)


def title_of(*names: object) -> str:
    """What a record is called, of the values of its title columns."""
    return str(next((name for name in names if name), ""))


@dataclass(frozen=True, slots=True)
class _Named:
    """What records are called: the rows by a Grant, the columns of the name."""

    permission: Grant[Any]
    titles: tuple[str, ...]


_NAMES: Prepared[_Named] = Prepared(
    lambda asked: asked.permission.queryset().filter(Among("pk", "ids")).values_list("pk", *asked.titles)
)


def text(item: ObjectField, value: Any, *, today: date) -> str:
    """One value in words, by the type of its field."""
    if value in (None, ""):
        return formats.MISSING
    match item.kind:
        case FieldType.BOOLEAN:
            return gettext("Yes") if value else gettext("No")
        case FieldType.DATE:
            return formats.day(value, today=today)
        case FieldType.DATETIME:
            moment: datetime = localtime(value)
            return f"{formats.day(moment.date(), today=today)} {formats.clock(moment)}"
        case FieldType.INTEGER:
            return formats.number(value)
        case FieldType.MONEY:
            return formats.money_full(value, currency=house_currency(), decimals=item.digits)
        case FieldType.NUMBER:
            return formats.number(value, decimals=item.digits)
        case FieldType.RATIO:
            return formats.percent(value)
        case _:
            return str(value)
