"""Reads an XLSX file quickly in a process of its own, which may fall without taking others with it.

The reader lays a sheet out as a full rectangle, and believes the counts in a file; when memory does not suffice it ends
its process. So it runs here, with limits of memory and time, and writes what it reads as lines of JSON: first the names
of the sheets, then blocks of rows, at last null. Days and instants are lists of their one ISO text.

This file is run as a script and imports nothing of its package.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineWorkbook

MOST_MEMORY = 1 << 30
MOST_SECONDS = 900
BLOCK = 200


def sheets_of(book: CalamineWorkbook) -> list[str]:
    """The names of the sheets with cells, in their order: no charts, hidden ones last."""
    sheets = [item for item in book.sheets_metadata if str(item.typ).endswith("WorkSheet")]
    return [item.name for item in sorted(sheets, key=lambda item: not str(item.visible).endswith(".Visible"))]


def written(value: object) -> object:
    """A value that JSON does not know: midnight is a day, times and durations are texts."""
    if isinstance(value, datetime):
        return [value.date().isoformat() if value.time() == time() else value.isoformat()]
    if isinstance(value, date):
        return [value.isoformat()]
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return value.isoformat() if isinstance(value, time) else str(value)


def main(path: str, sheet: str) -> None:
    """Write the names of the sheets and the rows of one; no rows for the name ""."""
    encode = json.JSONEncoder(default=written, ensure_ascii=False, check_circular=False).encode
    with Path(path).open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
        sys.stdout.write(encode(sheets_of(book)) + "\n")
        block = []
        for cells in book.get_sheet_by_name(sheet).iter_rows() if sheet else ():
            block.append(cells)
            if len(block) == BLOCK:
                sys.stdout.write(encode(block) + "\n")
                block = []
        sys.stdout.write(encode(block) + "\nnull\n")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    main(sys.argv[1], sys.argv[2])
