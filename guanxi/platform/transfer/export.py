"""A list as a file: what is seen, row by row, for those who may take it out of the house.

The rows are those that the right to export reaches; fields are masked or left out as on the page. Text that a
spreadsheet would run as a formula is marked as text.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_safe
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.workbook.child import INVALID_TITLE_REGEX

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant
from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.access.masking import MASK, masked
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.conditions import parse_where, where_text, without_numbers
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.listing import page_ids, searched
from guanxi.platform.objects.reads import EXPORT, note_uses
from guanxi.platform.objects.registry import fields_of, listed_object
from guanxi.platform.objects.rollups import RolledField, rolled_fields, rolled_values
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.records.sealing import may_be_number
from guanxi.platform.ui.list_columns import chosen_columns
from guanxi.platform.ui.list_query import ListQuery, read_query, selection_of
from guanxi.platform.ui.values import texts

MOST_ROWS = 200_000
BLOCK = 1_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What begins a formula; spreadsheets of East Asia read the wide signs as the narrow ones."""
BYTE_ORDER_MARK = "\ufeff"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
IN_WORDS = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.LINK, FieldType.BOOLEAN, FieldType.FILE})


@dataclass(frozen=True, slots=True)
class Export:
    """A list to be written: the fields that are its columns, the ids of its rows in their order.

    `rolled` are the roll-ups among the fields, by key.
    """

    spec: ObjectSpec
    fields: tuple[ObjectField, ...]
    ids: Sequence[int]
    permission: Grant[Any]
    view: View
    rolled: Mapping[str, RolledField]


@require_safe
def export_list(request: HttpRequest, key: str) -> HttpResponseBase:
    """The list of this address as a CSV file, or as a workbook with `format=xlsx`.

    Raises: NotFound("object.not_found"), AccessDenied without the right to export or beyond the limit of the
    day, RuleViolation("list.where").
    """
    spec = listed_object(key)
    actor = actor_of(request)
    permission = grant(actor, spec.model, Action.EXPORT)
    view = View(actor, timezone.localdate())
    found = export_of(spec, read_query(request.GET, spec), permission=permission, view=view)
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    asked = f"{kind} {_asked(spec, request.GET)}"[:500]
    count_reads(actor, ReadKind.EXPORT, amount=len(found.ids))
    begin_entry(actor, action="export", object_key=spec.key, record_count=len(found.ids), reason=asked)
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    if kind == "xlsx":
        write_workbook(found, file)
    else:
        file.writelines(line.encode() for line in csv_lines(found))
    file.seek(0)
    name = f"{spec.key}-{view.today.isoformat()}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])


def _asked(spec: ObjectSpec, parameters: QueryDict) -> str:
    """The address of the list as the audit trail keeps it: without numbers that are encrypted elsewhere."""
    kept = parameters.copy()
    where = parse_where(kept.get("where", ""))
    if where is not None:
        kept["where"] = where_text(without_numbers(where, fields={item.key: item for item in fields_of(spec)}))
    if may_be_number(kept.get("q", "")):
        kept["q"] = MASK
    return kept.urlencode()


def export_of(spec: ObjectSpec, query: ListQuery, *, permission: Grant[Any], view: View) -> Export:
    """What a list is as a file: the columns on the page that are fields and not hidden, its rows up to the most."""
    found = searched(spec, query.words, view)
    selection = selection_of(spec, query, permission=permission, found=found)
    known = {item.key: item for item in fields_of(spec) if item.access(view.actor) > FieldAccess.HIDDEN}
    rolled = {item.item.key: item for item in rolled_fields(spec, view.actor, action=Action.EXPORT)}
    known |= {key: item.item for key, item in rolled.items()}
    shown = [column.key for column in chosen_columns(spec, query.columns, permission=permission)]
    fields = tuple(known[key] for key in shown if key in known)
    note_uses(spec.key, [item.key for item in fields], use=EXPORT)
    return Export(spec, fields, page_ids(selection, found, offset=0, limit=MOST_ROWS), permission, view, rolled)


def rows_of(export: Export) -> Iterator[list[Any]]:
    """The rows, block by block, so that memory does not grow with the list."""
    for start in range(0, len(export.ids), BLOCK):
        ids = list(export.ids[start : start + BLOCK])
        columns = [_column(item, ids, export) for item in export.fields]
        yield from ([column[record_id] for column in columns] for record_id in ids)


def _column(item: ObjectField, ids: list[int], export: Export) -> dict[int, Any]:
    """The values of one field by record id; one query."""
    if item.key in export.rolled:
        return rolled_values(export.rolled[item.key], ids, export.view.actor, action=Action.EXPORT)
    table = export.permission.queryset() if item.beside is None else item.beside()
    known = dict(table.filter(Among("pk", ids)).order_by().values_list("pk", item.column))
    values = [item.opened(known.get(record_id)) for record_id in ids]
    if item.access(export.view.actor) < FieldAccess.READ:
        values = [masked(str(value), sensitivity=item.mask) if value not in (None, "") else "" for value in values]
    elif item.kind in IN_WORDS:
        values = list(texts(item, values, export.view))
    return dict(zip(ids, values, strict=True))


def csv_lines(export: Export) -> Iterator[str]:
    """The file as text with a byte order mark, by which spreadsheets know that it is UTF-8."""
    line = csv.writer(Echo())
    yield BYTE_ORDER_MARK + line.writerow([safe_text(str(item.label)) for item in export.fields])
    for row in rows_of(export):
        yield line.writerow([_csv_value(value) for value in row])


class Echo:
    """A file that gives each line back instead of keeping it."""

    def write(self, value: str) -> str:
        return value


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float | Decimal) else safe_text(str(value))


def safe_text(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def write_workbook(export: Export, file: IO[bytes]) -> None:
    """Write the list as a workbook; numbers and days are numbers and days, text is never a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(INVALID_TITLE_REGEX.sub(" ", str(export.spec.plural))[:31])
    sheet.freeze_panes = "A2"
    heads = []
    for item in export.fields:
        head = _text_cell(sheet, str(item.label))
        head.font = Font(bold=True)
        heads.append(head)
    sheet.append(heads)
    for row in rows_of(export):
        sheet.append([_cell(sheet, value) for value in row])
    book.save(file)


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    return _text_cell(sheet, str(value))


def _text_cell(sheet: Any, text: str) -> Any:
    """A cell that is never a formula."""
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell
