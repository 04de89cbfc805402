"""Web services that mean harm: names that lead elsewhere a moment later, answers that swell or never end."""

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

import pytest

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.ledger.adapters.addresses import PRIVATE_ADDRESSES, require_reachable
from guanxi.ledger.adapters.json_service import JsonService, Patience
from guanxi.platform.preferences.registry import set_preference

SWOLLEN = 20_000_000
MOST = 1_000_000


@dataclass(slots=True)
class Office:
    """A web service that answers with what it is told; `hosts` are the names by which it was asked."""

    body: bytes = b"{}"
    headings: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def office(db: None) -> Iterator[Office]:
    """A web service of the own machine."""
    told = Office()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the server calls
            told.hosts.append(self.headers["Host"])
            self.send_response(200)
            for name, value in ({"Content-Length": str(len(told.body))} | told.headings).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *details: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.port = server.server_port
        Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()


def asked(office: Office, *, host: str = "127.0.0.1", clock: Callable[[], float] = lambda: 0.0) -> object:
    """What the service answers."""
    patience = Patience(tries=1, pause=lambda _seconds: None, clock=clock)
    service = JsonService(header="X-Key", secret="s", timeout_seconds=5.0, most_bytes=MOST, patience=patience)
    try:
        return service.answer(f"http://{host}:{office.port}/firms", {"q": "岚川"})[0]
    finally:
        service.close()


def leading(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> list[str]:
    """Let names lead to one number after the other. Returns the names that are asked for."""
    looked_up: list[str] = []
    found, really = iter(numbers), socket.getaddrinfo

    def lead(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if str(host) in numbers:
            return really(host, port, *rest, **named)
        looked_up.append(str(host))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(found), port))]

    monkeypatch.setattr(socket, "getaddrinfo", lead)
    return looked_up


def test_a_name_is_looked_up_once_and_asked_by_its_name(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = leading(monkeypatch, "127.0.0.1", "169.254.169.254")
    office.body = b'{"a": 1}'
    assert asked(office, host="office.example") == {"a": 1}
    assert (looked_up, office.hosts) == (["office.example"], [f"office.example:{office.port}"])


def test_a_name_that_leads_to_the_inside_is_not_asked(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    leading(monkeypatch, "169.254.169.254")
    with pytest.raises(RuleViolation) as refused:
        asked(office, host="office.example")
    assert (refused.value.code, office.hosts) == ("connection.address", [])


@pytest.mark.parametrize("packing", ["gzip", "br", "gzip, gzip"])
def test_a_little_that_becomes_far_too_much_is_refused(office: Office, packing: str) -> None:
    office.body = gzip.compress(b" " * SWOLLEN) if packing == "gzip" else b"\x00" * 20
    office.headings = {"Content-Encoding": packing, "Content-Length": str(len(office.body))}
    with pytest.raises(ExternalFailure) as refused:
        asked(office)
    assert refused.value.code == ("connection.size" if packing == "gzip" else "connection.json")


@pytest.mark.parametrize(
    "body", [rb'{"a\u0000": ["\ud800b", "\ud83d\ude00"]}', b'{"a": ["\xed\xa0\x80b", "\xf0\x9f\x98\x80"]}']
)
def test_texts_are_such_as_the_database_takes(office: Office, body: bytes) -> None:
    office.body = body
    assert asked(office) == {"a": ["?b", "\U0001f600"]}


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"9" * 5_000, b'{"a": NaN'])
def test_what_is_no_json_or_far_too_deep_is_told(office: Office, body: bytes) -> None:
    office.body = body
    with pytest.raises(ExternalFailure) as refused:
        asked(office)
    assert refused.value.code == "connection.json"


def test_a_packed_answer_is_read(office: Office) -> None:
    office.body = gzip.compress(json.dumps({"firms": ["岚川"] * 1_000}).encode())
    office.headings = {"Content-Encoding": "gzip", "Content-Length": str(len(office.body))}
    assert asked(office) == {"firms": ["岚川"] * 1_000}


def test_an_answer_without_end_is_given_up(office: Office) -> None:
    seconds = count(0, 100)
    with pytest.raises(ExternalFailure) as refused:
        asked(office, clock=lambda: float(next(seconds)))
    assert refused.value.code == "connection.slow"


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "168.63.129.16", "192.0.0.192", "100.100.100.200", "::ffff:169.254.169.254"),
        *("64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "::169.254.169.254", "fe80::1%eth0", "fd00:ec2::254"),
    ],
)
def test_the_inside_is_known_under_all_of_its_names(db: None, address: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        require_reachable(address, port=80)
    assert refused.value.code == "connection.address"


@pytest.mark.parametrize("address", ["100.64.1.1", "10.1.1.1", "64:ff9b::a01:101", "127.0.0.1", "::1", "fd12::1"])
def test_networks_that_are_not_public_can_be_closed(db: None, address: str) -> None:
    require_reachable(address, port=80)
    set_preference(PRIVATE_ADDRESSES, False)
    with pytest.raises(RuleViolation):
        require_reachable(address, port=80)
    require_reachable("93.184.216.34", port=80)
