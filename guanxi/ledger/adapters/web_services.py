"""Reading web services that answer in JSON: their pages, the rows in them, the lines in a row."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.ledger.adapters.addresses import require_reachable, resolved
from guanxi.ledger.adapters.sources import BLOCK_ROWS, SAMPLE_ROWS, Sample, SourceBlock, SourceRow
from guanxi.ledger.analyses.places import Place, Stamp
from guanxi.ledger.choices import Paging
from guanxi.ledger.models import Connection, Pull
from guanxi.platform.transfer.cells import Cell

MOST_BYTES = 50_000_000
MOST_PAGES = 100_000
MOST_TRIES = 5
LONGEST_PAUSE_SECONDS = 60.0
BUSY = frozenset({429, 500, 502, 503, 504})
PORTS = {"http": 80, "https": 443}
Page = tuple[list[SourceRow], str]


class WebSource:
    """One pull's path of a web service. `pause` waits so many seconds before something is tried again."""

    def __init__(self, connection: Connection, pull: Pull, *, pause: Callable[[float], None] = sleep) -> None:
        self._pull, self._pause = pull, pause
        base = connection.address.rstrip("/") + "/"
        self._address = urljoin(base, pull.statement.strip().lstrip("/"))
        self._origin = _origin(base)
        if _origin(self._address) != self._origin:
            raise RuleViolation("pull.statement", "The path leads to another server.", field="statement")
        self._header = connection.header or "Authorization"
        headers = {"Accept": "application/json", "User-Agent": "guanxi"}
        if connection.secret:
            headers[self._header] = str(connection.secret)
        self._client = httpx.Client(headers=headers, timeout=float(connection.timeout_seconds), trust_env=False)

    def __enter__(self) -> "WebSource":
        """Connections are opened when they are needed."""
        return self

    def __exit__(self, *details: object) -> None:
        """Close them."""
        self._client.close()

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
            body, link = self._answer(address, asked)
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
            if _origin(address) != self._origin:
                raise ExternalFailure("connection.elsewhere", "The next page would be on another server.")
            return address
        return ""

    def _answer(self, address: str, parameters: Mapping[str, str]) -> tuple[object, str]:
        """The body of an answer and its link to the next page; a busy service is asked again after a pause."""
        split = urlsplit(address)
        resolved(split.hostname or "", split.port or PORTS[split.scheme])
        for attempt in range(1, MOST_TRIES + 1):
            try:
                found, wait = self._asked(address, parameters, attempt=attempt)
            except httpx.HTTPError as error:
                if attempt == MOST_TRIES or not isinstance(error, httpx.TransportError):
                    raise ExternalFailure(
                        "connection.failed", "The service does not answer: %(reason)s", reason=type(error).__name__
                    ) from None
                found, wait = None, _pause_of(attempt)
            if found is not None:
                return found
            self._pause(wait)
        raise ExternalFailure("connection.busy", "The service is busy; it was asked %(tries)s times.", tries=MOST_TRIES)

    def _asked(
        self, address: str, parameters: Mapping[str, str], *, attempt: int
    ) -> tuple[tuple[object, str] | None, float]:
        """The answer, or None and how long to wait. Raises: ExternalFailure, httpx.HTTPError."""
        with self._client.stream("GET", address, params=dict(parameters) or None) as response:
            self._require_outside(response)
            if response.status_code in BUSY:
                return None, _asked_pause(response) or _pause_of(attempt)
            if response.status_code != 200:
                raise ExternalFailure(
                    "connection.status", "The service answered with status %(status)s.", status=response.status_code
                )
            link = str(response.links.get("next", {}).get("url", ""))
            return (_parsed(response), link), 0.0

    def _require_outside(self, response: httpx.Response) -> None:
        """The machine that really answered may be another one than the name led to before."""
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if peer:
            require_reachable(str(peer[0]), port=int(peer[1]))


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
    """What stands at a path, "data.items"; the whole for "", None where it leads nowhere."""
    found = body
    for part in path.split(".") if path else ():
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _parsed(response: httpx.Response) -> object:
    """The body as JSON, up to a size. Raises: ExternalFailure("connection.size" | "connection.json")."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > MOST_BYTES:
            raise ExternalFailure(
                "connection.size", "The answer is larger than %(megabytes)s MB.", megabytes=MOST_BYTES // 1_000_000
            )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ExternalFailure("connection.json", "The answer is no JSON.") from error


def _origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises: RuleViolation("connection.scheme")."""
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError:
        split, port = urlsplit(""), None
    if split.scheme not in PORTS or not split.hostname or split.username or split.password:
        raise RuleViolation(
            "connection.scheme", "The address begins with https:// or http:// and holds no password.", field="address"
        )
    return split.scheme, split.hostname, port or PORTS[split.scheme]


def _pause_of(attempt: int) -> float:
    return min(2.0**attempt / 2, LONGEST_PAUSE_SECONDS)


def _asked_pause(response: httpx.Response) -> float:
    """How long the service itself asks to wait, in seconds or as a moment; 0 when it does not."""
    told = response.headers.get("Retry-After", "")
    if told.isdecimal():
        return min(float(told), LONGEST_PAUSE_SECONDS)
    try:
        until = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return 0.0
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), LONGEST_PAUSE_SECONDS)


def _order(stamp: Stamp) -> tuple[int, float, str]:
    """Stamps in their order: moments and numbers by their size, other texts by their letters."""
    if isinstance(stamp, str):
        try:
            moment = datetime.fromisoformat(stamp)
        except ValueError:
            return 0, 0.0, stamp
        return 1, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp(), stamp
    return (1, float(stamp), "") if isinstance(stamp, int | float) else (0, 0.0, str(stamp))
