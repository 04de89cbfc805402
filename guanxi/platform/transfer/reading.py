"""Any table file as rows of cells: what it is, is seen by its content; rows are streamed."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from guanxi.platform.transfer.cards import HEADER, card_rows
from guanxi.platform.transfer.cells import MOST_COLUMNS, fitted
from guanxi.platform.transfer.cells import Cell as Cell
from guanxi.platform.transfer.cells import Format as Format
from guanxi.platform.transfer.cells import Row as Row
from guanxi.platform.transfer.cells import Source as Source
from guanxi.platform.transfer.delimited import header_cells, sniff_text, text_rows
from guanxi.platform.transfer.workbooks import sheet_header, sheet_rows, sniff_workbook

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def sniff(path: Path, name: str, *, sheet: str = "") -> Source:
    """How a file is read. `name` is what the person calls it; `sheet` the wished sheet of a workbook.

    Raises: RuleViolation("import.empty" | "import.format" | "import.columns" | "import.bomb" | "import.unreadable").
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(WORKBOOKS):
        return sniff_workbook(path, name=name, sheet=sheet)
    return sniff_text(path, name=name)


def header_of(path: Path, source: Source) -> tuple[str, ...]:
    """The names of the columns, trimmed; "" where there is none, the same name twice where it stands twice.

    Cards have fixed names, the keys of their parts.
    """
    match source.format:
        case Format.VCARD:
            return HEADER
        case Format.CSV:
            return header_cells(path, source)
        case _:
            return sheet_header(path, source)


def rows_of(path: Path, source: Source) -> Iterator[Row]:
    """The rows after the header, streamed; blank rows are left out, short ones filled with None.

    Raises: RuleViolation("import.unreadable") when the file turns out to be broken on the way.
    """
    return _rows(path, source, is_sample=False)


def first_rows(path: Path, source: Source, count: int) -> list[Row]:
    """The first rows after the header, as `rows_of` gives them, without reading on: for a preview."""
    return list(islice(_rows(path, source, is_sample=True), count))


def _rows(path: Path, source: Source, *, is_sample: bool) -> Iterator[Row]:
    if source.format is Format.VCARD:
        yield from card_rows(path, source)
        return
    width = len(header_of(path, source))
    is_text = source.format is Format.CSV
    for row in text_rows(path, source) if is_text else sheet_rows(path, source, is_sample=is_sample):
        if len(row.cells) == width:
            yield row
        else:
            is_cut = len(row.cells) > MOST_COLUMNS
            yield Row(row.number, fitted(row.cells[:MOST_COLUMNS], width), row.is_damaged or is_cut)
