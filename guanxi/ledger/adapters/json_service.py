"""Asking a web service that answers in JSON: one question, with a time limit, tried again while it is busy."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep
from urllib.parse import urlsplit

import httpx

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.ledger.adapters.addresses import require_reachable, resolved

MOST_BYTES = 50_000_000
MOST_TRIES = 5
LONGEST_PAUSE_SECONDS = 60.0
BUSY = frozenset({429, 500, 502, 503, 504})
PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a service is waited for: tries in all, the longest pause in seconds, and what waits so many seconds."""

    tries: int = MOST_TRIES
    longest_pause_seconds: float = LONGEST_PAUSE_SECONDS
    pause: Callable[[float], None] = sleep


class JsonService:
    """A web service that carries its key in a heading; redirects are not followed."""

    def __init__(
        self, *, header: str, secret: str, timeout_seconds: float, most_bytes: int = MOST_BYTES, patience: Patience
    ) -> None:
        headers = {"Accept": "application/json", "User-Agent": "guanxi"}
        if secret:
            headers[header or "Authorization"] = secret
        self._most_bytes, self._patience = most_bytes, patience
        self._client = httpx.Client(headers=headers, timeout=timeout_seconds, trust_env=False)

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def answer(self, address: str, parameters: Mapping[str, str]) -> tuple[object, str]:
        """The body of an answer and its link to the next page; a busy service is asked again after a pause.

        Raises: ExternalFailure("connection.…"), RuleViolation("connection.address").
        """
        split = urlsplit(address)
        resolved(split.hostname or "", split.port or PORTS[split.scheme])
        for attempt in range(1, self._patience.tries + 1):
            try:
                found, wait = self._asked(address, parameters, attempt=attempt)
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

    def _asked(
        self, address: str, parameters: Mapping[str, str], *, attempt: int
    ) -> tuple[tuple[object, str] | None, float]:
        """The answer, or None and how long to wait. Raises: ExternalFailure, httpx.HTTPError."""
        with self._client.stream("GET", address, params=dict(parameters) or None) as response:
            self._require_outside(response)
            if response.status_code in BUSY:
                return None, self._asked_pause(response) or self._pause_of(attempt)
            if response.status_code != 200:
                raise ExternalFailure(
                    "connection.status", "The service answered with status %(status)s.", status=response.status_code
                )
            link = str(response.links.get("next", {}).get("url", ""))
            return (self._parsed(response), link), 0.0

    def _require_outside(self, response: httpx.Response) -> None:
        """The machine that really answered may be another one than the name led to before."""
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if peer:
            require_reachable(str(peer[0]), port=int(peer[1]))

    def _parsed(self, response: httpx.Response) -> object:
        """The body as JSON, up to a size. Raises: ExternalFailure("connection.size" | "connection.json")."""
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > self._most_bytes:
                raise ExternalFailure(
                    "connection.size",
                    "The answer is larger than %(megabytes)s MB.",
                    megabytes=self._most_bytes // 1_000_000,
                )
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ExternalFailure("connection.json", "The answer is no JSON.") from error

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


def origin_of(address: str) -> Origin:
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
