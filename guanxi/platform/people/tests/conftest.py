"""Signing in as people do: by the form."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

PASSWORD = "a-long-password"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
Enter = Callable[..., Client]


@pytest.fixture(autouse=True)
def no_failed_tries(db: None) -> None:
    """Wrong tries of other tests do not count."""
    cache.clear()


@pytest.fixture
def enter() -> Enter:
    """Sign somebody in by the form; pages answer in English."""

    def entered(name: str, *, browser: str = LAPTOP, password: str = PASSWORD) -> Client:
        client = Client(headers={"User-Agent": browser})
        client.cookies["django_language"] = "en"
        answer = client.post("/sign-in/login/", {"login": f"{name}@example.com", "password": password})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return entered
