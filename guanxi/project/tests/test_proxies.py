"""Behind proxies of the house, the address of who asks is the one that the outermost of them saw."""

from collections.abc import Iterable
from typing import Any

import pytest

from guanxi.project.proxies import behind_proxies

PROXY = "10.0.0.2"


def seen(heading: str | None, *, count: int) -> str:
    """The address that the application sees."""
    found: list[str] = []

    def application(environ: dict[str, Any], start_response: object) -> Iterable[bytes]:  # WSGI
        found.append(environ["REMOTE_ADDR"])
        return [b""]

    environ = {"REMOTE_ADDR": PROXY} | ({"HTTP_X_FORWARDED_FOR": heading} if heading is not None else {})
    behind_proxies(application, count=count)(environ, lambda *_told: lambda _text: None)
    return found[0]


@pytest.mark.parametrize(
    ("heading", "count", "address"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.0.0.9", 2, "203.0.113.7"),
        ("203.0.113.7:4711", 1, "203.0.113.7"),
        ("[2001:db8::7]:4711", 1, "2001:db8::7"),
        ("2001:db8::7", 1, "2001:db8::7"),
    ],
)
def test_the_outermost_proxy_says_who_asks(heading: str, count: int, address: str) -> None:
    assert seen(heading, count=count) == address


@pytest.mark.parametrize(
    ("heading", "count"), [("203.0.113.7", 0), (None, 1), ("", 1), ("203.0.113.7", 2), ("<script>", 1), ("a, b", 1)]
)
def test_what_nobody_vouches_for_is_not_believed(heading: str | None, count: int) -> None:
    assert seen(heading, count=count) == PROXY
