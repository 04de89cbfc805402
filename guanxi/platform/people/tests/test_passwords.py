from time import time

import pytest
from django.core.cache import cache
from django.test import Client

from guanxi.platform.accounts import adapters
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.people.tests.conftest import PASSWORD, Enter
from guanxi.platform.preferences.models import Preference
from tests.cast import Cast

RULES = "/settings/sign-in-rules/"
CHANGE = "/sign-in/password/change/"
LOGIN = "/sign-in/login/"


def try_password(client: Client, password: str) -> int:
    values = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    return client.post(CHANGE, values).status_code


@pytest.mark.parametrize(
    ("password", "words"),
    [("short-123", "too short"), ("password1234", "too common"), ("alice@example", "too similar")],
)
def test_a_weak_password_is_refused_in_words(password: str, words: str, cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    answer = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": password, "password2": password})
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_the_house_decides_how_long_a_password_is(cast: Cast, enter: Enter) -> None:
    dora = enter("dora")
    assert dora.post(RULES, {"password_length": "16", "refuse_common": "on"}).status_code == 303
    alice = enter("alice")
    assert try_password(alice, "fifteen-letters") == 200
    assert try_password(alice, "alice@example.com") == 302
    assert AuditEntry.objects.filter(action="change_policy", user_id=cast.dora.user_id).count() == 1
    assert dora.post(RULES, {"password_length": "4"}).status_code == 422
    assert Preference.objects.get(pk="accounts.password_length").value == 16


@pytest.mark.parametrize("name", ["alice@example.com", "nobody@example.com"])
def test_five_wrong_tries_lock_and_say_how_long(name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    answers = [client.post(LOGIN, {"login": name, "password": f"wrong {number}"}) for number in range(5)]
    assert all("do not belong together" in answer.content.decode() for answer in answers)
    locked = client.post(LOGIN, {"login": name, "password": PASSWORD})
    assert "Try again in 15 minutes" in locked.content.decode()
    assert Client().post(LOGIN, {"login": "bob@example.com", "password": PASSWORD}).status_code == 302
    later = time() + 10 * 60
    monkeypatch.setattr(adapters, "time", lambda: later)
    locked = client.post(LOGIN, {"login": name, "password": PASSWORD})
    assert "Try again in 5 minutes" in locked.content.decode()


def test_a_wrong_password_and_an_unknown_name_look_the_same(cast: Cast) -> None:
    texts = []
    for name in ("alice@example.com", "nobody@example.com"):
        cache.clear()
        answer = Client().post(LOGIN, {"login": name, "password": "wrong"})
        text = answer.content.decode().replace(name, "")
        texts.append([line for line in text.splitlines() if "csrf" not in line.lower()])
    assert texts[0] == texts[1]


def test_an_unknown_name_costs_a_password_check_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def encode(self: object, password: str, salt: str) -> str:
        hashed.append(password)
        return f"md5${salt}$x"

    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.encode", encode)
    Client().post(LOGIN, {"login": "nobody@example.com", "password": "some words"})
    assert "some words" in hashed


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_no_way_through_the_sign_in_leads_elsewhere(target: str, cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    for address, values in (
        (LOGIN, {"login": "alice@example.com", "password": PASSWORD}),
        ("/sign-in/reauthenticate/", {"password": PASSWORD}),
        ("/sign-in/logout/", {}),
    ):
        answer = client.post(address, {**values, "next": target})
        assert "evil" not in answer.headers.get("Location", ""), address


@pytest.mark.parametrize("path", ["email/", "signup/", "confirm-email/", "login/code/", "oidc/", "oidc/signup/"])
def test_what_is_not_offered_does_not_answer(path: str, cast: Cast, enter: Enter) -> None:
    assert enter("alice").get(f"/sign-in/{path}").status_code == 404
