"""Workbooks as rows: XLSX and old XLS. Formulas give their stored results, macros are never run.

The quick reader of XLSX runs in a process of its own, with limits; what it cannot hold is streamed by the slow reader.
"""

import json
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from os import devnull
from pathlib import Path
from shutil import copyfileobj
from subprocess import DEVNULL, PIPE, Popen
from tempfile import NamedTemporaryFile
from typing import IO, Any, Literal
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import xlrd
from openpyxl import load_workbook as open_streamed
from openpyxl.utils.exceptions import InvalidFileException
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.transfer import workbook_process
from guanxi.platform.transfer.cells import (
    Cell,
    Format,
    Row,
    Source,
    empty,
    no_table,
    require_columns,
    storable,
    unreadable,
)
from guanxi.platform.transfer.headings import header_line_of

SAMPLE_ROWS = 100
BLOCK = 1 << 20
MOST_BYTES = 1 << 30
MOST_MEMBERS = 2_000
LARGE_MEMBER = 50 << 20
MOST_RATIO = 200
LAST_ROW = 1_048_576
"""The last row that a sheet can have."""

BROKEN = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    XLRDError,
    CompDocError,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
)
"""What the readers of workbooks raise for files that are damaged, or made to harm."""


def sniff_workbook(path: Path, *, name: str, sheet: str = "") -> Source:
    """How an XLSX or XLS file is read: its sheets, the one with this name or the first that holds rows, its header.

    Raises: RuleViolation("import.bomb" | "import.unreadable" | "import.format" | "import.columns" | "import.empty").
    """
    kind = Format.XLS
    if _starts_as_zip(path):
        kind = Format.XLSX
        _require_workbook(path, name=name)
    sheets = _sheet_names(path, kind)
    for title in [sheet] if sheet in sheets else sheets:
        rows = list(islice(_rows(path, kind, title, is_sample=True), SAMPLE_ROWS))
        if rows:
            source = Source(kind, sheet=title, sheets=sheets, header_line=header_line_of(rows))
            require_columns(len(sheet_header(path, source)))
            return source
    raise empty()


def sheet_header(path: Path, source: Source) -> tuple[str, ...]:
    """The names in the header, trimmed; as many empty ones as the first row has cells when there is no header."""
    for row in _rows(path, source.format, source.sheet, is_sample=True):
        if row.number >= source.header_line:
            names = tuple(" ".join(str("" if cell is None else cell).split()) for cell in row.cells)
            return names if source.header_line else ("",) * len(names)
    return ()


def sheet_rows(path: Path, source: Source, *, is_sample: bool = False) -> Iterator[Row]:
    """The rows after the header; blank ones are left out. A sample ends early: it is quick for the first rows."""
    found = _rows(path, source.format, source.sheet, is_sample=is_sample)
    return (row for row in found if row.number > source.header_line)


def _starts_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _require_workbook(path: Path, *, name: str) -> None:
    """Raises: RuleViolation("import.bomb" | "import.format" | "import.unreadable") for zips that are no workbooks."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except BROKEN as error:
        raise unreadable() from error
    large = (item for item in members if item.file_size > LARGE_MEMBER)
    if (
        len(members) > MOST_MEMBERS
        or sum(item.file_size for item in members) > MOST_BYTES
        or any(item.file_size > MOST_RATIO * max(item.compress_size, 1) for item in large)
    ):
        raise _bomb()
    if "xl/workbook.xml" not in {item.filename for item in members}:
        raise no_table(name)


def _bomb() -> RuleViolation:
    return RuleViolation(
        "import.bomb",
        "The workbook is refused because it unpacks to far more than it seems to hold. Save it as CSV and try again.",
    )


def _sheet_names(path: Path, kind: Format) -> tuple[str, ...]:
    """The names of the sheets with cells, in their order: no charts, hidden ones last."""
    try:
        if kind is Format.XLS:
            with _opened_xls(path) as old:
                return tuple(old.sheet_names())
        for names in _blocks(path, ""):
            return tuple(names)
        with path.open("rb") as file:
            return tuple(open_streamed(file, read_only=True).sheetnames)
    except BROKEN as error:
        raise unreadable() from error


def _rows(path: Path, kind: Format, sheet: str, *, is_sample: bool = False) -> Iterator[Row]:
    """All rows of a sheet that are not blank, as wide as they are filled."""
    try:
        for number, cells in _listed(path, kind, sheet, is_sample=is_sample):
            end = len(cells)
            while end and cells[end - 1] is None:
                end -= 1
            if end:
                yield Row(number, cells[:end])
    except BROKEN as error:
        raise unreadable() from error


def _listed(path: Path, kind: Format, sheet: str, *, is_sample: bool) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    if kind is Format.XLS:
        yield from _xls_rows(path, sheet)
    elif is_sample:
        with _head_of(path) as head:
            yield from _xlsx_rows(head, sheet)
    else:
        yield from _xlsx_rows(path, sheet)


def _xlsx_rows(path: Path, sheet: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows by the quick reader; by the slow one if that falls before it has any."""
    blocks = _blocks(path, sheet)
    next(blocks, None)
    number = 0
    for block in blocks:
        if block is None:
            return
        for number, cells in enumerate(block, start=number + 1):  # noqa: B020  # goes on counting
            yield number, tuple([cell if type(cell) is float else _json_cell(cell) for cell in cells])
    if number:
        raise unreadable()
    yield from _streamed_rows(path, sheet)


def _blocks(path: Path, sheet: str) -> Iterator[Any]:
    """What the process of the quick reader writes."""
    command = [sys.executable, "-P", "-X", "utf8", workbook_process.__file__, str(path), sheet]
    with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL) as process:  # noqa: S603
        try:
            yield from map(json.loads, process.stdout or ())
        finally:
            process.kill()


def _json_cell(cell: object) -> Cell:
    if isinstance(cell, list):
        text = str(cell[0])
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    return _cell(cell)


@contextmanager
def _head_of(path: Path) -> Iterator[Path]:
    """A workbook with the first rows of each sheet alone, which opens at once however long the sheets are."""
    with NamedTemporaryFile(suffix=".xlsx") as head:
        with ZipFile(path) as whole, ZipFile(head, "w") as cut:
            for member in whole.namelist():
                if member.endswith((".xml", ".rels")):
                    with whole.open(member) as source, cut.open(member, "w") as target:
                        _copy_head(source, target)
        head.flush()
        yield Path(head.name)


def _copy_head(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy the first rows of a sheet, and the whole of anything else."""
    start = source.read(BLOCK)
    end = start.rfind(b"</row>")
    if b"<sheetData" in start and end > 0:
        target.write(start[:end] + b"</row></sheetData></worksheet>")
    else:
        target.write(start)
        copyfileobj(source, target, BLOCK)


def _streamed_rows(path: Path, sheet: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    with path.open("rb") as file:
        found = open_streamed(file, read_only=True, data_only=True)[sheet]
        found.reset_dimensions()
        rows = islice(found.iter_rows(values_only=True), LAST_ROW)
        yield from ((number, tuple([_cell(cell) for cell in cells])) for number, cells in enumerate(rows, start=1))


def _cell(cell: object) -> Cell:
    """A cell as the readers give it: empty texts and errors are nothing, midnight is a day, durations are texts."""
    if isinstance(cell, str):
        return None if cell.startswith(ERRORS) else storable(cell) or None
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else cell
    if cell is None or isinstance(cell, bool | int | float | Decimal | date):
        return cell
    if isinstance(cell, timedelta):
        return _clock(cell)
    return cell.isoformat() if isinstance(cell, time) else str(cell)


ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!")


def _clock(duration: timedelta) -> str:
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _opened_xls(path: Path) -> xlrd.book.Book:
    with Path(devnull).open("w") as silence:
        return xlrd.open_workbook(str(path), logfile=silence, on_demand=True, ragged_rows=True)


def _xls_rows(path: Path, sheet: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    with _opened_xls(path) as book:
        found = book.sheet_by_name(sheet)
        for index in range(found.nrows):
            yield index + 1, tuple([_xls_cell(cell, book.datemode) for cell in found.row(index)])


def _xls_cell(cell: xlrd.sheet.Cell, mode: Literal[0, 1]) -> Cell:
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return float(cell.value)
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return _cell(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _xls_day(float(cell.value), mode)
    return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else None


def _xls_day(value: float, mode: Literal[0, 1]) -> Cell:
    """A day or instant of an old workbook; numbers that are no day stay numbers, fractions of a day are times."""
    if 0 <= value < 1:
        return _clock(timedelta(days=value))
    try:
        return _cell(xlrd.xldate_as_datetime(value, mode))
    except (ValueError, OverflowError):
        return value
