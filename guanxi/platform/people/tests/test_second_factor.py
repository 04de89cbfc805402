from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from guanxi.platform.accounts.models import Session, User
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.accounts.second_factor import SecondFactorAdapter
from guanxi.platform.people.tests.conftest import PASSWORD, Enter
from guanxi.platform.preferences.models import Preference
from tests.cast import Cast

LOGIN, INDEX, CODE = "/sign-in/login/", "/sign-in/second-factor/", "/sign-in/second-factor/authenticate/"
ALICE = {"login": "alice@example.com", "password": PASSWORD}
SetUp = Callable[[Client], str]


def code_of(secret: str, steps: int = 0) -> str:
    """The digits that an app shows now, or some half minutes later."""
    counter = list(totp.yield_hotp_counters_from_time())[1] + steps
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


@pytest.fixture
def set_up() -> SetUp:
    """Set an authenticator app up; returns its secret."""

    def made(client: Client) -> str:
        client.post("/sign-in/reauthenticate/", {"password": PASSWORD})
        client.get(f"{INDEX}totp/activate/")
        secret = str(client.session["mfa.totp.secret"])
        assert client.post(f"{INDEX}totp/activate/", {"code": code_of(secret)}).status_code == 302
        cache.clear()
        return secret

    return made


def require(*roles: str) -> None:
    Preference.objects.create(pk="accounts.second_factor_roles", value=",".join(roles))


def test_with_a_second_factor_the_password_alone_opens_nothing(cast: Cast, enter: Enter, set_up: SetUp) -> None:
    secret = set_up(enter("alice"))
    client = Client()
    assert client.post(LOGIN, ALICE).headers["Location"] == CODE
    assert client.get("/settings/sessions/").status_code == 302
    assert "incorrect" not in client.post(CODE, {"code": "000000"}).headers.get("Location", "")
    assert client.get("/settings/sessions/").status_code == 302
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 302
    assert client.get("/settings/sessions/").status_code == 200


def test_a_code_is_not_used_twice(cast: Cast, enter: Enter, set_up: SetUp) -> None:
    secret = set_up(enter("alice"))
    code = code_of(secret)
    for expected in (302, 200):
        client = Client()
        client.post(LOGIN, ALICE)
        assert client.post(CODE, {"code": code}).status_code == expected


def test_codes_cannot_be_tried_without_end(cast: Cast, enter: Enter, set_up: SetUp) -> None:
    secret = set_up(enter("alice"))
    client = Client()
    client.cookies["django_language"] = "en"
    client.post(LOGIN, ALICE)
    for number in range(5):
        client.post(CODE, {"code": f"00000{number}"})
    answer = client.post(CODE, {"code": code_of(secret)})
    assert answer.status_code == 200
    assert "Too many wrong tries" in answer.content.decode()


def test_a_recovery_code_works_once(cast: Cast, enter: Enter, set_up: SetUp) -> None:
    set_up(enter("alice"))
    row = Authenticator.objects.get(user_id=own_id(cast.alice), type=Authenticator.Type.RECOVERY_CODES)
    code = row.wrap().get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        client.post(LOGIN, ALICE)
        assert client.post(CODE, {"code": code}).status_code == expected


def test_secrets_are_stored_encrypted(cast: Cast, enter: Enter, set_up: SetUp) -> None:
    secret = set_up(enter("alice"))
    rows = {row.type: row.data for row in Authenticator.objects.all()}
    assert secret not in str(rows)
    assert SecondFactorAdapter().decrypt(rows["totp"]["secret"]) == secret
    assert SecondFactorAdapter().encrypt("a") != "a"


def test_setting_one_up_asks_for_the_password_again(cast: Cast, enter: Enter) -> None:
    answer = enter("alice").get(f"{INDEX}totp/activate/")
    assert answer.headers["Location"].startswith("/sign-in/reauthenticate/")


def test_who_needs_one_gets_nowhere_else_first(cast: Cast, enter: Enter, set_up: SetUp) -> None:
    client, free = enter("alice"), enter("bob")
    require("staff", "administrator")
    for address in ("/", "/accounts/", "/settings/tokens/", "/settings/people/", "/api/v1/docs"):
        assert client.get(address).headers.get("Location") == INDEX, address
    assert client.get("/accounts/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == INDEX
    assert client.post("/settings/sessions/end-others/").headers["Location"] == INDEX
    assert client.get(INDEX).status_code == 200
    assert free.get("/settings/sessions/").status_code == 200
    set_up(client)
    assert client.get("/settings/sessions/").status_code == 200


def test_an_administrator_removes_lost_factors_of_others_alone(cast: Cast, enter: Enter, set_up: SetUp) -> None:
    alice, dora = enter("alice"), enter("dora")
    set_up(alice)
    address = f"/settings/people/{own_id(cast.alice)}/forget-second-factors/"
    assert dora.post(address).status_code == 303
    assert not Authenticator.objects.filter(user_id=own_id(cast.alice)).exists()
    assert not Session.objects.filter(user_id=own_id(cast.alice)).exists()
    assert dora.post(f"/settings/people/{own_id(cast.dora)}/forget-second-factors/").status_code == 422
    assert enter("alice").get("/settings/sessions/").status_code == 200


def test_nobody_touches_the_key_of_somebody_else(cast: Cast, enter: Enter) -> None:
    alice = User.objects.get(pk=own_id(cast.alice))
    key = Authenticator.objects.create(user=alice, type="webauthn", data={"name": "x", "credential": {}})
    bob = enter("bob")
    bob.post("/sign-in/reauthenticate/", {"password": PASSWORD})
    for act in ("remove", "edit"):
        assert bob.post(f"{INDEX}webauthn/keys/{key.pk}/{act}/", {"name": "mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()
