"""Asking a web service that answers in JSON: one question, with a time limit, tried again while it is busy."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from urllib.parse import urlsplit

import httpx

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.ledger.adapters.addresses import resolved
from guanxi.platform.transfer.cells import storable

MOST_BYTES = 50_000_000
MOST_TRIES = 5
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_ANSWER = 10
"""So many times the limit of one step an answer may take in all."""
PACKED, GZIP_BITS = "gzip", 31
NOT_STORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")
"""Where a zero character or half of a pair may be written."""
BUSY = frozenset({429, 500, 502, 503, 504})
PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a service is waited for: tries in all, the longest pause in seconds, what waits so many seconds, and
    what tells the seconds that pass."""

    tries: int = MOST_TRIES
    longest_pause_seconds: float = LONGEST_PAUSE_SECONDS
    pause: Callable[[float], None] = sleep
    clock: Callable[[], float] = monotonic


class JsonService:
    """A web service that carries its key in a heading; redirects are not followed.

    It is asked at the very address that was looked at: a name that leads elsewhere a moment later leads nowhere.
    """

    def __init__(
        self, *, header: str, secret: str, timeout_seconds: float, most_bytes: int = MOST_BYTES, patience: Patience
    ) -> None:
        headers = {"Accept": "application/json", "Accept-Encoding": PACKED, "User-Agent": "guanxi"}
        if secret:
            headers[header or "Authorization"] = secret
        self._most_bytes, self._patience = most_bytes, patience
        self._longest_seconds = timeout_seconds * LONGEST_ANSWER
        self._client = httpx.Client(headers=headers, timeout=timeout_seconds, trust_env=False)

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def answer(self, address: str, parameters: Mapping[str, str]) -> tuple[object, str]:
        """The body of an answer and its link to the next page; a busy service is asked again after a pause.

        Raises: ExternalFailure("connection.…"), RuleViolation("connection.address" | "connection.scheme").
        """
        question = self._question(address, parameters)
        for attempt in range(1, self._patience.tries + 1):
            try:
                found, wait = self._asked(question, attempt=attempt)
            except httpx.HTTPError as error:
                if attempt == self._patience.tries or not isinstance(error, httpx.TransportError):
                    raise ExternalFailure(
                        "connection.failed", "The service does not answer: %(reason)s", reason=type(error).__name__
                    ) from None
                found, wait = None, self._pause_of(attempt)
            if found is not None:
                return found
            self._patience.pause(wait)
        raise ExternalFailure(
            "connection.busy", "The service is busy; it was asked %(tries)s times.", tries=self._patience.tries
        )

    def _question(self, address: str, parameters: Mapping[str, str]) -> httpx.Request:
        """The question, led to the number that the name has now; its certificate must still be that of the name."""
        try:
            named = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise no_web_address() from error
        name = named.raw_host.decode("ascii")
        number = resolved(name, named.port or PORTS[named.scheme])
        return self._client.build_request(
            "GET",
            named.copy_with(host=number),
            params=dict(parameters) or None,
            headers={"Host": named.netloc.decode("ascii")},
            extensions={"sni_hostname": name},
        )

    def _asked(self, question: httpx.Request, *, attempt: int) -> tuple[tuple[object, str] | None, float]:
        """The answer, or None and how long to wait. Raises: ExternalFailure, httpx.HTTPError."""
        response = self._client.send(question, stream=True)
        with closing(response):
            if response.status_code in BUSY:
                return None, self._asked_pause(response) or self._pause_of(attempt)
            if response.status_code != 200:
                raise ExternalFailure(
                    "connection.status", "The service answered with status %(status)s.", status=response.status_code
                )
            link = str(response.links.get("next", {}).get("url", ""))
            return (self._parsed(response), link), 0.0

    def _parsed(self, response: httpx.Response) -> object:
        """The body as JSON. Raises: ExternalFailure("connection.size" | "connection.slow" | "connection.json")."""
        try:
            content = self._content(response)
            found = json.loads(content)
            return _cleaned(found) if NOT_STORABLE.search(content) else found
        except (ValueError, RecursionError, zlib.error) as error:
            raise ExternalFailure("connection.json", "The answer is no JSON.") from error

    def _content(self, response: httpx.Response) -> bytearray:
        """The body up to a size and a time; it is unpacked bit by bit, so that a little never becomes far too much."""
        packed = response.headers.get("Content-Encoding", "").strip().lower()
        if packed not in ("", "identity", PACKED):
            raise ExternalFailure("connection.json", "The answer is no JSON.")
        unpacking = zlib.decompressobj(wbits=GZIP_BITS) if packed == PACKED else None
        content, ends_at = bytearray(), self._patience.clock() + self._longest_seconds
        for piece in response.iter_raw():
            content += piece if unpacking is None else unpacking.decompress(piece, self._most_bytes + 1)
            if len(content) > self._most_bytes or (unpacking is not None and unpacking.unconsumed_tail):
                raise ExternalFailure(
                    "connection.size",
                    "The answer is larger than %(megabytes)s MB.",
                    megabytes=self._most_bytes // 1_000_000,
                )
            if self._patience.clock() > ends_at:
                raise ExternalFailure("connection.slow", "The service takes too long to answer.")
        return content

    def _pause_of(self, attempt: int) -> float:
        return min(2.0**attempt / 2, self._patience.longest_pause_seconds)

    def _asked_pause(self, response: httpx.Response) -> float:
        """How long the service itself asks to wait, in seconds or as a moment; 0 when it does not."""
        told = response.headers.get("Retry-After", "")
        if told.isdecimal():
            return min(float(told), self._patience.longest_pause_seconds)
        try:
            until = parsedate_to_datetime(told)
        except (TypeError, ValueError):
            return 0.0
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), self._patience.longest_pause_seconds)


def _cleaned(value: object) -> object:
    """What was read, with texts that the database takes."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(name): _cleaned(part) for name, part in value.items()}
        case list():
            return [_cleaned(part) for part in value]
        case _:
            return value


def origin_of(address: str) -> Origin:
    """Scheme, host and port. Raises: RuleViolation("connection.scheme")."""
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError:
        split, port = urlsplit(""), None
    if split.scheme not in PORTS or not split.hostname or split.username or split.password:
        raise no_web_address()
    return split.scheme, split.hostname, port or PORTS[split.scheme]


def no_web_address() -> RuleViolation:
    """The refusal of what is no address of a web service."""
    return RuleViolation(
        "connection.scheme", "The address begins with https:// or http:// and holds no password.", field="address"
    )
