"""Which line of a table holds the names of its columns."""

import re
from collections.abc import Sequence
from datetime import date

from guanxi.platform.transfer.cells import Cell, Row

MOST_TITLES = 20
LONGEST_NAME = 80
VALUE = re.compile(
    r"\s*(?:[^@\s]+@[^@\s]+\.\w+|\+?[\d\s().-]{7,}|\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?.*|-?[\d,.]+%?)\s*"
)
CERTAIN_VALUE = re.compile(r"\s*(?:[^@\s]+@[^@\s]+\.\w+|(?:\+?86[ -]?)?1[3-9]\d{9}|\d{4}[-/]\d{1,2}[-/]\d{1,2}.*)\s*")
NOTE = re.compile(r".{1,12}(?:：|: ).+")


def header_line_of(rows: Sequence[Row]) -> int:
    """The number of the header among the first rows of a file; 0 when the table begins with its values.

    Method: titles, notes and the merged headings of groups fill few columns. The header is the first row that fills
    most of them with short texts; a first such row with a mobile number, an e-mail address or a day is no header.
    """
    if not rows:
        return 1
    filled = sorted(_count(row) for row in rows)
    usual = filled[min(len(filled) - 1, 4 * len(filled) // 5)]
    wide = [row for row in rows[: MOST_TITLES + 1] if _count(row) >= max(min(usual, 2), 0.6 * usual)]
    for row in wide[:3]:
        if _is_heading(row):
            return row.number
    if not wide:
        return rows[0].number
    return 0 if any(_is_value(cell) for cell in wide[0].cells) else wide[0].number


def _count(row: Row) -> int:
    return sum(cell is not None for cell in row.cells)


def _is_value(cell: Cell) -> bool:
    """Whether no column would be called so."""
    return isinstance(cell, date) or (isinstance(cell, str) and CERTAIN_VALUE.fullmatch(cell) is not None)


def _is_heading(row: Row) -> bool:
    """Whether nearly all filled cells look like names, and few of them are the same."""
    cells = [cell for cell in row.cells if cell is not None]
    if any(_is_value(cell) for cell in cells):
        return False
    names = {str(cell).strip().casefold() for cell in cells if _is_name(cell)}
    return len(names) >= 0.8 * len(cells)


def _is_name(cell: Cell) -> bool:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return 1900 <= cell <= 2100
    if not isinstance(cell, str):
        return False
    return len(cell) <= LONGEST_NAME and not VALUE.fullmatch(cell) and not NOTE.fullmatch(cell)
