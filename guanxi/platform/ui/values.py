"""Values of fields in words: what a column, a panel or an export shows of a field, for many records at once."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.masking import masked
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.conditions import NUMBERS
from guanxi.platform.objects.fields import ObjectField, is_person
from guanxi.platform.objects.spec import ListColumn, Ordering, Rows, View
from guanxi.platform.ui import format as formats

LAST_POSITION = 1_000


def field_column(item: ObjectField) -> ListColumn:
    """The column that shows a field of the object itself."""
    return ListColumn(
        key=item.key,
        label=item.label,
        cells=partial(cells, item),
        ordering=Ordering((item.column,)),
        field=item.protected_name,
        position=LAST_POSITION,
        is_number=item.kind in NUMBERS,
        is_shown_on_phone=False,
    )


def cells(item: ObjectField, rows: Rows, view: View) -> list[str]:
    """The field of each record in words, masked where the person may not read it whole."""
    values = [getattr(row, item.column) for row in rows]
    access = item.access(view.actor)
    if access <= FieldAccess.HIDDEN:
        return [""] * len(values)
    found = texts(item, values, view)
    if access >= FieldAccess.READ:
        return found
    kind = protection_of(item.model).sensitivities.get(item.protected_name, "")
    return [masked(text, sensitivity=kind) if text != formats.MISSING else text for text in found]


def texts(item: ObjectField, values: Sequence[Any], view: View) -> list[str]:
    """Values of one field in words; a missing value is "—"."""
    if is_person(item):
        names = people(value for value in values if value)
        return [names[value].name if value in names else formats.MISSING for value in values]
    if item.offered is not None:
        labels = {key: str(label) for key, label in item.offered(view)}
        return [labels.get(str(value), str(value)) if value not in (None, "") else formats.MISSING for value in values]
    return [text(item, value, today=view.today) for value in values]


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
        case FieldType.NUMBER | FieldType.MONEY:
            return formats.number(value, decimals=item.digits)
        case FieldType.RATIO:
            return formats.percent(value)
        case _:
            return str(value)
