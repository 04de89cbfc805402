"""What the tests of the API play with: callers with tokens of the cast, and some accounts of Alice's."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.commands import create_token
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.api.rates import REQUESTS_PER_MINUTE
from guanxi.platform.preferences.registry import set_preference
from tests.cast import Cast

ACCOUNTS = "/api/v1/accounts"
Answer = Any
NewAccount = Callable[..., Account]


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with a token; sentences come in English."""

    token: str
    client: Client = field(default_factory=Client)

    def ask(
        self,
        method: str,
        address: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Send a request; a body that is no text is sent as JSON."""
        known = {"authorization": f"Bearer {self.token}", "accept-language": "en", **(headers or {})}
        data = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
        return self.client.generic(method, address, data, content_type=content_type, headers=known)

    def get(self, address: str = ACCOUNTS, **parameters: str) -> Answer:
        """Read something."""
        return self.ask("GET", f"{address}?{urlencode(parameters)}" if parameters else address)

    def post(self, address: str, body: object, **headers: str) -> Answer:
        """Send something; `Idempotency_Key="1"` is a header."""
        return self.ask("POST", address, body, headers=_headers(headers))

    def patch(self, address: str, body: object, **headers: str) -> Answer:
        """Change something."""
        return self.ask("PATCH", address, body, headers=_headers(headers))

    def delete(self, address: str) -> Answer:
        """Put something into the trash."""
        return self.ask("DELETE", address)


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def calling(cast: Cast) -> Callable[..., Caller]:
    """Make a caller with a token of a member of the cast."""

    def caller(actor: Actor, *, is_read_only: bool = False) -> Caller:
        assert actor.user_id is not None
        user = User.objects.get(pk=actor.user_id)
        return Caller(create_token(user, name="test", is_read_only=is_read_only, actor=system_actor("Tests")))

    return caller


@pytest.fixture
def alice(cast: Cast, calling: Callable[..., Caller]) -> Caller:
    """Alice's program; she may not delete."""
    return calling(cast.alice)


@pytest.fixture
def bob(cast: Cast, calling: Callable[..., Caller]) -> Caller:
    """The program of Alice's manager, who may not read identities at all."""
    return calling(cast.bob)


@pytest.fixture
def charlie(cast: Cast, calling: Callable[..., Caller]) -> Caller:
    """The program of a stranger."""
    return calling(cast.charlie)


@pytest.fixture
def dora(cast: Cast, calling: Callable[..., Caller]) -> Caller:
    """The administrator's program."""
    return calling(cast.dora)


@pytest.fixture
def unhurried(db: None) -> None:
    """As many requests a minute as a test makes."""
    set_preference(REQUESTS_PER_MINUTE, 100_000)


def address_of(record: Account) -> str:
    """The address of an account."""
    return f"{ACCOUNTS}/{record.pk}"


def code_of(answer: Answer) -> str:
    """The code of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    found = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "data"}
    assert found["status"] == answer.status_code
    return str(found["title"])
