"""Files of facts as a stream of batches: CSV, NDJSON (one JSON object a line) and Parquet, told apart by
content.

Memory does not grow with the file: text is decoded block by block, and each batch holds at most `BATCH_ROWS`
rows.
"""

import csv
import difflib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.adapters.encodings import Utf8Stream, detect_encoding
from guanxi.ledger.rules import PAYLOAD_FIELDS, SHARED_BY_NAME

BATCH_ROWS = 100_000
BATCH_BYTES = 24 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
MOST_MENDED = 20
NO_DELIMITER = "\x1f"
KNOWN_COLUMNS = frozenset({*SHARED_BY_NAME, *PAYLOAD_FIELDS, "payload"})

Progress = Callable[[int, int], None]


class FileFormat(StrEnum):
    """The formats that can be read."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that cannot even be split into fields; `code` is a reason of the vocabulary."""

    line: int
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows of a file: `line` (int64, as an editor counts) and a text column per field, or one JSON
    column `row`.
    """

    table: pyarrow.Table
    broken: tuple[BrokenRow, ...] = ()


def read_batches(path: Path, *, progress: Progress) -> Iterator[RowBatch]:
    """The rows of a file. `progress(done, total)` is told how many bytes have been read.

    Raises: RuleViolation("file.unreadable" | "file.format" | "file.columns" | "file.columns_twice").
    """
    match detect_format(path):
        case FileFormat.PARQUET:
            return gathered(_parquet_batches(path, progress=progress))
        case FileFormat.NDJSON:
            return gathered(json_line_batches(_opened(path, progress=progress)))
        case FileFormat.CSV:
            return gathered(_csv_batches(_opened(path, progress=progress)))


def detect_format(path: Path) -> FileFormat:
    """The format of a file, by its first bytes.

    Raises: RuleViolation("file.unreadable" | "file.format").
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise RuleViolation("file.unreadable", "%(file)s cannot be read.", file=path.name) from error
    if head.startswith(b"PAR1"):
        return FileFormat.PARQUET
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")):
        raise RuleViolation(
            "file.format",
            "%(file)s is packed or a workbook; save it as CSV, NDJSON or Parquet.",
            file=path.name,
        )
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return FileFormat.NDJSON if text.startswith(b"{") else FileFormat.CSV


def gathered(batches: Iterator[RowBatch]) -> Iterator[RowBatch]:
    """The same rows in batches of about `BATCH_ROWS` rows or `BATCH_BYTES` bytes."""
    waiting: list[RowBatch] = []
    for batch in batches:
        for piece in _sliced(batch):
            rows = sum(part.table.num_rows for part in waiting) + piece.table.num_rows
            size = sum(part.table.nbytes for part in waiting) + piece.table.nbytes
            if waiting and (rows > BATCH_ROWS or size > BATCH_BYTES):
                yield _joined(waiting)
                waiting = []
            waiting.append(piece)
    if waiting:
        yield _joined(waiting)


def _sliced(batch: RowBatch) -> Iterator[RowBatch]:
    if batch.table.num_rows <= BATCH_ROWS:
        yield batch
        return
    for start in range(0, batch.table.num_rows, BATCH_ROWS):
        yield RowBatch(batch.table.slice(start, BATCH_ROWS), batch.broken if start == 0 else ())


def _joined(batches: Sequence[RowBatch]) -> RowBatch:
    table = pyarrow.concat_tables([batch.table for batch in batches])
    return RowBatch(table, tuple(row for batch in batches for row in batch.broken))


def _opened(path: Path, *, progress: Progress) -> io.BufferedReader:
    total = path.stat().st_size
    stream = Utf8Stream(path, encoding=detect_encoding(path), on_read=lambda done: progress(done, total))
    return io.BufferedReader(stream, BLOCK_BYTES)


def _parquet_batches(path: Path, *, progress: Progress) -> Iterator[RowBatch]:
    try:
        file = pyarrow.parquet.ParquetFile(path, memory_map=True)
    except (pyarrow.ArrowException, OSError) as error:
        raise RuleViolation("file.unreadable", "%(file)s cannot be read.", file=path.name) from error
    total, row_total = path.stat().st_size, max(file.metadata.num_rows, 1)
    require_columns(file.schema_arrow.names)
    line = 1
    for part in file.iter_batches(batch_size=BATCH_ROWS // 4):
        yield RowBatch(_with_lines(pyarrow.Table.from_batches([part]), first=line))
        line += part.num_rows
        progress(total * (line - 1) // row_total, total)


def json_line_batches(stream: io.BufferedIOBase) -> Iterator[RowBatch]:
    """Each line of a UTF-8 stream as one text column `row`; blank lines are dropped but counted."""
    layout = _Layout(("row",), NO_DELIMITER, quote="")
    with stream:
        for batch in _split_stream(stream, layout=layout, line=1):
            yield _without_blank(batch)


def _csv_batches(stream: io.BufferedIOBase) -> Iterator[RowBatch]:
    """The rows below the heading; the delimiter is the one that makes most known names out of the heading."""
    with stream:
        line, heading = 1, stream.readline().decode()
        while heading and not heading.strip():
            line, heading = line + 1, stream.readline().decode()
        delimiter = max(DELIMITERS, key=lambda mark: len(KNOWN_COLUMNS.intersection(_heading(heading, mark))))
        layout = _Layout(tuple(_heading(heading, delimiter)), delimiter, quote='"')
        require_columns(layout.names)
        for batch in _split_stream(stream, layout=layout, line=line + 1):
            yield _without_blank(_trimmed(batch))


def _without_blank(batch: RowBatch) -> RowBatch:
    """The batch without rows in which every value is empty."""
    first, *others = (batch.table[name] for name in batch.table.column_names if name != "line")
    is_blank = pyarrow.compute.equal(pyarrow.compute.utf8_trim_whitespace(first), "")
    if not pyarrow.compute.any(is_blank).as_py():
        return batch
    for column in others:
        is_blank = pyarrow.compute.and_(is_blank, pyarrow.compute.equal(column, ""))
    return RowBatch(batch.table.filter(pyarrow.compute.invert(is_blank)), batch.broken)


def _trimmed(batch: RowBatch) -> RowBatch:
    """The batch without blanks around its values."""
    columns = {
        name: column if name == "line" else pyarrow.compute.utf8_trim_whitespace(column)
        for name, column in zip(batch.table.column_names, batch.table.columns, strict=True)
    }
    return RowBatch(pyarrow.table(columns), batch.broken)


def _heading(line: str, delimiter: str) -> list[str]:
    return [name.strip().lower() for name in next(csv.reader([line.strip("\r\n")], delimiter=delimiter), [])]


def require_columns(names: Sequence[str]) -> None:
    """Check the columns of a file.

    Raises: RuleViolation("file.columns") naming those that no fact has, or that stand there twice.
    """
    strange = [name for name in names if name not in KNOWN_COLUMNS]
    if strange:
        close = difflib.get_close_matches(strange[0], KNOWN_COLUMNS, n=1)
        raise RuleViolation(
            "file.columns",
            "No fact has the columns %(columns)s. Known names close to the first one: %(close)s.",
            columns=", ".join(strange),
            close=", ".join(close) or "–",
        )
    twice = {name for name in names if list(names).count(name) > 1}
    if twice:
        raise RuleViolation(
            "file.columns_twice",
            "The columns %(columns)s stand there twice.",
            columns=", ".join(sorted(twice)),
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the rows of a text file are split into columns."""

    names: tuple[str, ...]
    delimiter: str
    quote: str


def _split_stream(stream: io.BufferedIOBase, *, layout: _Layout, line: int) -> Iterator[RowBatch]:
    """The rows of a stream of text whose first line is `line`, piece by piece.

    A quotation mark that is opened and never closed would swallow the rows below it. Steps: 1 cut a piece
    where a row ends, at a line break before which the marks are even, 2 split it, 3 where values have line
    breaks or the marks do not come out even, a strict reading finds the first row that is wrong, 4 the rows
    before it are kept, its first line is refused, and cutting begins anew below it. A piece with more such
    rows is split line by line.
    """
    rest, is_ended, mended = b"", False, 0
    while rest or not is_ended:
        if len(rest) <= BLOCK_BYTES and not is_ended:
            block = stream.read(BLOCK_BYTES)
            rest, is_ended = rest + block, not block
        end = _piece_end(rest, quote=layout.quote.encode(), is_last=is_ended)
        if not end:
            continue
        text, rest = rest[:end], rest[end:]
        batch, torn = (None, None) if mended == MOST_MENDED else _split(text, layout=layout, line=line)
        if batch is None:
            batch, mended = _rows_of_lines(text.decode().splitlines(), layout=layout, first=line), 0
        elif torn is None:
            mended = 0
        else:
            mended += 1
            text, rest = text[: torn.stop], text[torn.stop :] + rest
        yield batch
        line += text.count(b"\n")


def _piece_end(text: bytes, *, quote: bytes, is_last: bool) -> int:
    """Where to cut: after the last row that ends in the text, else, in the last or a too long text, after a
    line.
    """
    if is_last:
        return len(text)
    end = _last_row_end(text, quote=quote)
    if end or len(text) <= BLOCK_BYTES:
        return end
    return text.rfind(b"\n") + 1 or len(text)


def _last_row_end(text: bytes, *, quote: bytes) -> int:
    """The place after the last line break before which the quotation marks are even; 0 when there is none."""
    end = text.rfind(b"\n") + 1
    if not quote:
        return end
    is_odd = text.count(quote, 0, end) % 2 == 1
    while end and is_odd:
        earlier = text.rfind(b"\n", 0, end - 1) + 1
        is_odd ^= text.count(quote, earlier, end) % 2 == 1
        end = earlier
    return end


def _split(text: bytes, *, layout: _Layout, line: int) -> tuple[RowBatch, slice | None]:
    """The rows of a piece; with a row that a quotation mark tore open, the rows before it and where its line
    lies.
    """
    refused: list[pyarrow.csv.InvalidRow] = []
    table = _parsed(text, layout=layout, refused=refused)
    heights = _heights(table)
    is_tall = heights is not None or any("\n" in row.text for row in refused)
    if layout.quote and (is_tall or text.count(layout.quote.encode()) % 2 == 1):
        torn = _torn_line(text, layout=layout)
        if torn is not None:
            before, _ = _split(text[: torn.start], layout=layout, line=line) if torn.start else (_no_rows(layout), None)
            number = line + text.count(b"\n", 0, torn.start)
            broken = BrokenRow(number, text[torn].decode().rstrip("\r\n"), "row.quotes")
            return RowBatch(before.table, (*before.broken, broken)), torn
    return _numbered(table, heights=heights, refused=refused, first=line), None


def _no_rows(layout: _Layout) -> RowBatch:
    return _rows_of_lines((), layout=layout, first=1)


def _torn_line(text: bytes, *, layout: _Layout) -> slice | None:
    """The first line of the first row whose quotation marks do not close where a value ends; None when all
    do.
    """
    reader = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=layout.delimiter, strict=True)
    height = 0
    try:
        for _ in reader:
            height = reader.line_num
    except csv.Error:
        start = 0
        for _ in range(height):
            start = text.index(b"\n", start) + 1
        end = text.find(b"\n", start) + 1
        return slice(start, end or len(text))
    return None


def _parsed(text: bytes, *, layout: _Layout, refused: list[pyarrow.csv.InvalidRow]) -> pyarrow.Table:
    """The rows as text columns; rows with too few or too many values go to `refused`."""

    def refuse(row: pyarrow.csv.InvalidRow) -> str:
        refused.append(row)
        return "skip"

    return pyarrow.csv.read_csv(
        pyarrow.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(
            column_names=list(layout.names), block_size=len(text) + 1, use_threads=False
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char=layout.quote or False,
            double_quote=bool(layout.quote),
            newlines_in_values=bool(layout.quote),
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(layout.names, pyarrow.string()), strings_can_be_null=False
        ),
    )


def _numbered(
    table: pyarrow.Table,
    *,
    heights: Sequence[int] | None,
    refused: Sequence[pyarrow.csv.InvalidRow],
    first: int,
) -> RowBatch:
    """The batch with the line of each row, refused rows and rows of several lines counted in."""
    if not refused and heights is None:
        return RowBatch(_with_lines(table, first=first))
    waiting = list(reversed(refused))
    lines: list[int] = []
    broken: list[BrokenRow] = []
    line = first
    for number in range(1, table.num_rows + len(refused) + 1):
        if waiting and waiting[-1].number == number:
            row = waiting.pop()
            broken.append(BrokenRow(line, row.text, "row.columns"))
            line += 1 + row.text.count("\n")
        else:
            height = 1 if heights is None else heights[len(lines)]
            lines.append(line)
            line += height
    return RowBatch(table.add_column(0, "line", pyarrow.array(lines, pyarrow.int64())), tuple(broken))


def _heights(table: pyarrow.Table) -> Sequence[int] | None:
    """How many lines each row takes, or None when each takes one."""
    if table.num_rows == 0:
        return None
    first, *others = (pyarrow.compute.count_substring(column, "\n") for column in table.columns)
    for more in others:
        first = pyarrow.compute.add(first, more)
    if pyarrow.compute.max(first).as_py() == 0:
        return None
    return [1 + count for count in first.to_pylist()]


def _rows_of_lines(lines: Sequence[str], *, layout: _Layout, first: int) -> RowBatch:
    """Each line taken as one row, whatever its quotation marks say."""
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    broken: list[BrokenRow] = []
    for number, line in enumerate(lines, start=first):
        values = _values(line, delimiter=layout.delimiter)
        if len(values) == len(layout.names):
            rows.append(tuple(values))
            numbers.append(number)
        else:
            broken.append(BrokenRow(number, line, "row.columns" if values else "row.quotes"))
    columns = list(zip(*rows, strict=True)) or [()] * len(layout.names)
    texts = {name: pyarrow.array(column, pyarrow.string()) for name, column in zip(layout.names, columns, strict=True)}
    table = pyarrow.table({"line": pyarrow.array(numbers, pyarrow.int64()), **texts})
    return RowBatch(table, tuple(broken))


def _values(line: str, *, delimiter: str) -> list[str]:
    """The values of one line; none when a quotation mark is not closed in it."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _with_lines(table: pyarrow.Table, *, first: int) -> pyarrow.Table:
    return table.add_column(0, "line", pyarrow.array(range(first, first + table.num_rows), pyarrow.int64()))
