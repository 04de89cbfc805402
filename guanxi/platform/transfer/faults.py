"""What is wrong with rows, in words, and the faulty rows as a file in the layout of the one that was handed in."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.transfer import blocks, rows
from guanxi.platform.transfer.export import BYTE_ORDER_MARK, Echo, safe_text
from guanxi.platform.transfer.mapping import targets_of
from guanxi.platform.transfer.models import Import, ImportedRow, Outcome
from guanxi.platform.transfer.queries import file_rows_of, mapping_of
from guanxi.platform.transfer.reading import Cell
from guanxi.platform.transfer.values import Problem as Fault
from guanxi.platform.transfer.values import Repair

READ_AT_ONCE = 1_000
WORDS: dict[str, Label] = {
    rows.TOO_LONG: _l("is too long"),
    rows.RAGGED: _l("the row has more cells than there are columns"),
    rows.DAMAGED: _l("some letters could not be read"),
    blocks.UNKNOWN: _l("there is nobody and nothing of this name"),
    blocks.SEVERAL: _l("several have this name"),
    blocks.MISSING: _l("is missing"),
    blocks.DENIED: _l("is new, and your role makes no new records"),
    blocks.FULL: _l("goes to somebody who may look after no more"),
    blocks.FOREIGN: _l("is there already, and you may not change it"),
    rows.ALIKE: _l("looks like a record that is there already, or like an earlier row"),
    Fault.NOT_A_NUMBER: _l("is no number"),
    Fault.NOT_WHOLE: _l("is no whole number"),
    Fault.OUT_OF_RANGE: _l("is too large"),
    Fault.NOT_A_DATE: _l("is no day of the calendar"),
    Fault.NOT_YES_OR_NO: _l("is neither yes nor no"),
    Fault.UNKNOWN_CHOICE: _l("is none of the choices"),
    Fault.NOT_A_MAIL: _l("is no e-mail address"),
    Fault.NOT_A_PHONE: _l("is no phone number"),
    Fault.LOST_DIGITS: _l("was shortened by a spreadsheet, its last digits are lost"),
    Repair.PARTIAL_DATE: _l("read as the first day of that month or year"),
    Repair.SERIAL_DATE: _l("read as a day, as spreadsheets number them"),
    Repair.AMBIGUOUS_DATE: _l("day and month could be the other way round"),
    Repair.TIME_DROPPED: _l("read without its time"),
    Repair.SCIENTIFIC: _l("was written in powers of ten, read as a whole number"),
    Repair.ROUNDED: _l("has more decimals than are kept"),
    Repair.DECIMAL_COMMA: _l("its comma is read as the decimal point"),
    Repair.CURRENCY_DROPPED: _l("read without its currency"),
    Repair.UNIT_DROPPED: _l("read without its unit"),
    Repair.FIRST_OF_SEVERAL: _l("the first of several is taken"),
    Repair.MAIL_EXTRACTED: _l("the address is taken out of a longer text"),
    Repair.NOTHING_SAID: _l("read as nothing"),
}


def words_of(code: str, text: str) -> str:
    """A problem in words; a rule that refused a value says itself why."""
    return text if code in (blocks.REFUSED, blocks.PART) else str(WORDS.get(code, code))


def field_names(file: Import, view: View) -> dict[int, str]:
    """What the fields are called that columns go into, by the column's number."""
    labels = {target.key: str(target.label) for target in targets_of(listed_object(file.object_key), view)}
    return {number: labels.get(key, key) for number, key in mapping_of(file).items()}


def faulty_lines(file: Import, view: View) -> Iterator[str]:
    """The faulty rows as a CSV file: the columns of the file, and one before them that says what is wrong.

    Corrected there, the file can be handed in again: the first column is called as nothing is.
    """
    line = csv.writer(Echo())
    names = field_names(file, view)
    yield BYTE_ORDER_MARK + line.writerow([_("What is wrong"), *(safe_text(str(head)) for head in file.header)])
    left = _faulty(file)
    wanted = next(left, None)
    for row in file_rows_of(file):
        if wanted is None:
            return
        if row.number == wanted.number:
            yield line.writerow([safe_text(_sentence(wanted, names)), *map(_text, row.cells)])
            wanted = next(left, None)


def _faulty(file: Import) -> Iterator[ImportedRow]:
    found = ImportedRow.objects.filter(file=file, outcome=Outcome.ERROR).order_by("number")
    return found.iterator(chunk_size=READ_AT_ONCE)


def _sentence(row: ImportedRow, names: dict[int, str]) -> str:
    """All that is wrong with a row in one line."""
    return "; ".join(sentence_of(problem, names) for problem in row.problems)


def sentence_of(problem: Sequence[object], names: dict[int, str]) -> str:
    """One problem as it is kept, in words, with the field that it is about."""
    column, code, text = int(str(problem[0])), str(problem[1]), str(problem[2])
    words = words_of(code, text)
    if code == blocks.MISSING:
        return f"{names.get(column, text)}: {words}"
    shown = f" “{text}”" if text and words != text and code != rows.ALIKE else ""
    return f"{names[column]}{shown}: {words}" if column in names else f"{words}{shown}"


def _text(cell: Cell) -> str:
    """A cell as it stood in the file."""
    if cell is None:
        return ""
    if isinstance(cell, date | datetime):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return safe_text(str(cell))
