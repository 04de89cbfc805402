"""What a table file is made of for an import: its format, its rows and their cells."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from guanxi.kernel.errors import RuleViolation

Cell = str | int | float | Decimal | bool | date | datetime | None

MOST_COLUMNS = 1_000


class Format(StrEnum):
    """The kinds of files that hold tables; text with any delimiter counts as CSV."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    VCARD = "vcard"


@dataclass(frozen=True, slots=True)
class Source:
    """How a file is read.

    `encoding` and `delimiter` are of text files; `sheet` is the one that is read of the workbook's `sheets`.
    `header_line` is the line with the names of the columns, counted from 1; 0 when the file has none.
    """

    format: Format
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_line: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` is its line in the file or its row in the sheet, counted from 1, as a person sees it.

    There are as many cells as columns have names, or more where the row has more. `is_damaged` says that bytes could
    not be read (they are U+FFFD), that a quote was never closed, or that the row was cut.
    """

    number: int
    cells: tuple[Cell, ...]
    is_damaged: bool = False


def storable(text: str) -> str:
    """A text that the database takes: without zero characters and halves of pairs, which files of others can hold."""
    if text.isprintable():
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def fitted(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    """The cells brought to the width of the header: short rows are filled, empty cells beyond it are left out."""
    if len(cells) < width:
        return cells + (None,) * (width - len(cells))
    end = len(cells)
    while end > width and cells[end - 1] is None:
        end -= 1
    return cells if end == len(cells) else cells[:end]


def require_columns(count: int) -> None:
    """Raises: RuleViolation("import.columns") for more columns than a table of customers can have."""
    if count > MOST_COLUMNS:
        raise RuleViolation(
            "import.columns",
            "The file has more than %(most)s columns. Remove those that are not needed and try again.",
            most=MOST_COLUMNS,
        )


def empty() -> RuleViolation:
    """The refusal of a file that holds nothing."""
    return RuleViolation("import.empty", "The file is empty.")


def no_table(name: str) -> RuleViolation:
    """The refusal of a file that is something else than a table."""
    return RuleViolation(
        "import.format",
        "“%(name)s” is not a table. Save it as CSV, XLSX, XLS or vCard and try again.",
        name=name,
    )


def unreadable() -> RuleViolation:
    """The refusal of a file that is broken or locked."""
    return RuleViolation(
        "import.unreadable",
        "The file is damaged or protected by a password. Save it again without a password and try again.",
    )
