"""Reading web services that answer in JSON: their pages, the rows in them, the lines in a row."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from time import sleep
from typing import Any
from urllib.parse import urljoin

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.ledger.adapters.json_service import JsonService, Patience, origin_of
from guanxi.ledger.adapters.sources import BLOCK_ROWS, SAMPLE_ROWS, Sample, SourceBlock, SourceRow
from guanxi.ledger.analyses.places import Place, Stamp
from guanxi.ledger.choices import Paging
from guanxi.ledger.models import Connection, Pull
from guanxi.platform.transfer.cells import Cell

MOST_PAGES = 100_000
Page = tuple[list[SourceRow], str]


class WebSource:
    """One pull's path of a web service. `pause` waits so many seconds before something is tried again."""

    def __init__(self, connection: Connection, pull: Pull, *, pause: Callable[[float], None] = sleep) -> None:
        self._pull = pull
        base = connection.address.rstrip("/") + "/"
        self._address = urljoin(base, pull.statement.strip().lstrip("/"))
        self._origin = origin_of(base)
        if origin_of(self._address) != self._origin:
            raise RuleViolation("pull.statement", "The path leads to another server.", field="statement")
        self._service = JsonService(
            header=connection.header,
            secret=str(connection.secret),
            timeout_seconds=float(connection.timeout_seconds),
            patience=Patience(pause=pause),
        )

    def __enter__(self) -> "WebSource":
        """Connections are opened when they are needed."""
        return self

    def __exit__(self, *details: object) -> None:
        """Close them."""
        self._service.close()

    def sample(self) -> Sample:
        """The first rows of the first page; the columns are those of all of them."""
        rows = tuple(next(self._pages({}))[:SAMPLE_ROWS])
        names = dict.fromkeys(name for row in rows for name in row)
        return Sample(tuple(names), rows)

    def tables(self) -> Sequence[str]:
        """Nobody can tell which paths there are."""
        return ()

    def blocks(self, start: Place) -> Iterator[SourceBlock]:
        """All rows since a place. Pages come in no order that counts, so the place moves with the last of them."""
        column, latest = self._pull.cursor_column, start.stamp
        for rows in self._pages(self._since(start)):
            stamps = [stamp for row in rows if (stamp := row.get(column)) is not None]
            latest = max([*stamps, *([latest] if latest is not None else [])], key=_order, default=None)
            for first in range(0, len(rows), BLOCK_ROWS):
                yield SourceBlock(tuple(rows[first : first + BLOCK_ROWS]), None)
        yield SourceBlock((), Place(stamp=latest))

    def all_keys(self) -> Iterator[Sequence[str]]:
        """The keys of all rows that there are."""
        for rows in self._pages({}):
            yield [str(key) for row in rows if (key := row.get(self._pull.key_column)) is not None]

    def _since(self, start: Place) -> dict[str, str]:
        if not self._pull.since_parameter or start.stamp is None:
            return {}
        stamp = start.stamp
        return {self._pull.since_parameter: stamp.isoformat() if isinstance(stamp, datetime) else str(stamp)}

    def _pages(self, parameters: Mapping[str, str]) -> Iterator[list[SourceRow]]:
        """The rows of page after page."""
        pull, address, asked = self._pull, self._address, dict(parameters)
        if pull.size_parameter:
            asked[pull.size_parameter] = str(pull.page_size)
        seen: set[str] = set()
        for number in range(1, MOST_PAGES):
            if pull.paging == Paging.PAGE:
                asked[pull.page_parameter or "page"] = str(number)
            body, link = self._service.answer(address, asked)
            rows = rows_of(body, pull.rows_path, pull.lines_path)
            yield rows
            following = self._next(body, link, number if rows else 0)
            if not following or following in seen:
                return
            seen.add(following)
            if pull.paging == Paging.TOKEN:
                asked[pull.page_parameter or "cursor"] = following
            elif pull.paging == Paging.LINK:
                address, asked = following, {}

    def _next(self, body: object, link: str, page: int) -> str:
        """By what the page after a filled one is asked for (its number, 0 for an empty one); "" after the last."""
        if self._pull.paging == Paging.PAGE:
            return str(page + 1) if page else ""
        if self._pull.paging == Paging.TOKEN:
            token = value_at(body, self._pull.token_path)
            return str(token) if token not in (None, "", False) else ""
        if self._pull.paging == Paging.LINK and link:
            address = urljoin(self._address, link)
            if origin_of(address) != self._origin:
                raise ExternalFailure("connection.elsewhere", "The next page would be on another server.")
            return address
        return ""


def rows_of(body: object, rows_path: str, lines_path: str) -> list[SourceRow]:
    """The rows in an answer, flat; with `lines_path` one for each line, its columns named after the path.

    Raises: ExternalFailure("connection.rows").
    """
    found = value_at(body, rows_path)
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        raise ExternalFailure("connection.rows", "The answer has no rows at “%(path)s”.", path=rows_path)
    rows = [entry for entry in found if isinstance(entry, dict)]
    if not lines_path:
        return [flat(row) for row in rows]
    made: list[SourceRow] = []
    for row in rows:
        lines = value_at(row, lines_path)
        head = flat({name: value for name, value in row.items() if name != lines_path.partition(".")[0]})
        for line in lines if isinstance(lines, list) else ():
            made.append({**head, **flat(line, under=f"{lines_path}.")})
    return made


def flat(row: Mapping[str, Any], *, under: str = "") -> dict[str, Cell]:
    """A row whose inner objects became columns, "customer.name"; lists stay as JSON."""
    found: dict[str, Cell] = {}
    for name, value in row.items() if isinstance(row, dict) else ():
        if isinstance(value, dict):
            found |= flat(value, under=f"{under}{name}.")
        elif isinstance(value, list):
            found[f"{under}{name}"] = json.dumps(value, ensure_ascii=False)
        else:
            found[f"{under}{name}"] = value
    return found


def value_at(body: object, path: str) -> object:
    """What stands at a path, "data.items.0.name"; the whole for "", None where it leads nowhere."""
    found = body
    for part in path.split(".") if path else ():
        if isinstance(found, list) and part.isascii() and part.isdecimal():
            found = found[int(part)] if int(part) < len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found


def _order(stamp: Stamp) -> tuple[int, float, str]:
    """Stamps in their order: moments and numbers by their size, other texts by their letters."""
    if isinstance(stamp, str):
        try:
            moment = datetime.fromisoformat(stamp)
        except ValueError:
            return 0, 0.0, stamp
        return 1, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp(), stamp
    return (1, float(stamp), "") if isinstance(stamp, int | float) else (0, 0.0, str(stamp))
