"""Text files with delimiters: which delimiter, and their rows, one at a time.

A quote that is never closed would swallow the rest of the file. So a row that spans lines has to be well formed and of
bounded length; else its first line is split as it stands, marked as damaged, and reading goes on with the next line.
"""

import csv
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice
from math import log
from pathlib import Path
from typing import IO

from guanxi.platform.transfer.cells import (
    Format,
    Row,
    Source,
    empty,
    no_table,
    require_columns,
    unreadable,
)
from guanxi.platform.transfer.encodings import encoding_of
from guanxi.platform.transfer.headings import header_line_of

DELIMITERS = (",", ";", "\t", "|", "，")
SAMPLE_ROWS = 100
LONGEST_LINE = 1 << 24
MOST_LINES = 500
"""Lines of one row: a cell with more line breaks than that is an unclosed quote."""

CARD = "BEGIN:VCARD"


def sniff_text(path: Path, *, name: str) -> Source:
    """How a text file is read: as cards, or as a table with its delimiter and header.

    Raises: RuleViolation("import.empty" | "import.format" | "import.columns" | "import.unreadable").
    """
    encoding = encoding_of(path, name=name)
    with _opened(path, encoding) as file:
        sample = [line.replace("\0", "") for line in islice(_physical(file), SAMPLE_ROWS)]
    start = "".join(sample).lstrip("\ufeff \t\r\n")
    if not start:
        raise empty()
    if start[: len(CARD)].upper() == CARD:
        return Source(Format.VCARD, encoding=encoding)
    if start.startswith("<"):
        raise no_table(name)
    delimiter = delimiter_of(sample, tabs_first=name.casefold().endswith((".tsv", ".tab")))
    source = Source(Format.CSV, encoding=encoding, delimiter=delimiter, header_line=0)
    rows = list(islice(_rows(path, source), SAMPLE_ROWS))
    if not rows:
        raise empty()
    found = Source(Format.CSV, encoding=encoding, delimiter=delimiter, header_line=header_line_of(rows))
    require_columns(len(header_cells(path, found)))
    return found


def delimiter_of(lines: Sequence[str], *, tabs_first: bool = False) -> str:
    """The delimiter under which most lines have equally many cells, more than one; a comma when there is none."""
    if lines[0][:4].casefold() == "sep=" and lines[0][4:5] in DELIMITERS:
        return lines[0][4]
    order = ("\t", *DELIMITERS) if tabs_first else DELIMITERS
    scores = {delimiter: _evenness(lines, delimiter) for delimiter in order}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else order[0]


def _evenness(lines: Sequence[str], delimiter: str) -> float:
    """How even the rows are under a delimiter, weighted with their width: 0 when the usual row has one cell."""
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if cells]
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, count = Counter(widths).most_common(1)[0]
    share = count / len(widths)
    if width == 1 or (delimiter not in DELIMITERS[:4] and share < 1):
        return 0.0
    return share * share * log(width + 1) * (1 if widths[0] == width else 0.5)


def header_cells(path: Path, source: Source) -> tuple[str, ...]:
    """The cells of the header, trimmed; as many empty names as the first row has cells when there is no header."""
    for row in _rows(path, source, start=source.header_line):
        names = tuple(str(cell or "").strip().strip("\ufeff") for cell in fitted_header(row))
        return names if source.header_line else ("",) * len(names)
    return ()


def fitted_header(row: Row) -> Sequence[object]:
    """The cells of a row without the empty ones at its end."""
    end = len(row.cells)
    while end and row.cells[end - 1] is None:
        end -= 1
    return row.cells[:end]


def text_rows(path: Path, source: Source) -> Iterator[Row]:
    """The rows after the header, streamed; blank ones are left out."""
    return _rows(path, source, start=source.header_line + 1)


def _rows(path: Path, source: Source, *, start: int = 0) -> Iterator[Row]:
    with _opened(path, source.encoding) as file:
        for number, cells, is_damaged in _records(file, source.delimiter or ","):
            if number < start or not any(map(str.strip, cells)):
                continue
            yield Row(number, tuple([cell or None for cell in cells]), is_damaged)


def _opened(path: Path, encoding: str) -> IO[str]:
    return path.open(encoding=encoding, errors="replace", newline="")


def _physical(file: IO[str]) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise unreadable()
        yield line


class _Lines:
    """The lines of a file for a reader of CSV; `held` are those that it took for the present row."""

    __slots__ = ("held", "is_over", "lines", "waiting")

    def __init__(self, file: IO[str]) -> None:
        self.lines = _physical(file)
        self.waiting: deque[str] = deque()
        self.held: list[str] = []
        self.is_over = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.held) >= MOST_LINES:
            self.is_over = True
            raise StopIteration
        line = self.waiting.popleft() if self.waiting else next(self.lines, "")
        if not line:
            self.is_over = True
            raise StopIteration
        if "\0" in line:
            line = line.replace("\0", "")
        self.held.append(line)
        return line


def _records(file: IO[str], delimiter: str) -> Iterator[tuple[int, list[str], bool]]:
    """The line, the cells and the damage of each record."""
    lines = _Lines(file)
    held = lines.held
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    number = 1
    while True:
        held.clear()
        lines.is_over = False
        try:
            cells = next(reader, None)
        except csv.Error:
            cells = None
        if not held:
            return
        if cells is None or lines.is_over or (len(held) > 1 and not _is_well_formed(held, delimiter)):
            cells = held[0].rstrip("\r\n").split(delimiter)
            lines.waiting.extendleft(reversed(held[1:]))
            reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
            yield number, cells, True
            number += 1
            continue
        yield number, cells, "\ufffd" in held[0] or (len(held) > 1 and any("\ufffd" in line for line in held))
        number += len(held)


def _is_well_formed(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the lines are one row whose quotes stand where they must."""
    try:
        return len(list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))) == 1
    except csv.Error:
        return False
