"""Against a real provider of OpenID Connect that runs beside the tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import oidc_provider_mock
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client, override_settings

from guanxi.platform.accounts.models import Session, User
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.people.tests.conftest import Enter
from tests.cast import Cast

START = "/sign-in/oidc/house/login/"
PEOPLE = {
    "alice-sub": {"email": "Alice@example.com", "email_verified": True},
    "unverified": {"email": "alice@example.com", "email_verified": False},
    "worded": {"email": "alice@example.com", "email_verified": "false"},
    "stranger": {"email": "stranger@example.com", "email_verified": True},
    "nameless": {},
}


@dataclass(frozen=True, slots=True)
class Provider:
    """A running provider."""

    issuer: str

    def agree(self, client: Client, sub: str) -> str:
        """Go from our sign-in to the provider, sign in there; returns where it sends the browser back to."""
        answer = client.post(START)
        assert answer.status_code == 302, answer.content.decode()
        there = answer.headers["Location"]
        assert there.startswith(self.issuer)
        back = requests.post(there, data={"sub": sub}, allow_redirects=False, timeout=10)
        return back.headers["Location"].replace("http://testserver", "")

    def sign_in(self, sub: str, client: Client | None = None) -> Client:
        """The whole way there and back."""
        browser = client or Client()
        browser.cookies["django_language"] = "en"
        browser.get(self.agree(browser, sub))
        return browser


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the provider."""
    people = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with oidc_provider_mock.run_server_in_thread(user_claims=people) as running:
        yield f"http://localhost:{running.server_port}"


def provided_by(issuer: str) -> override_settings:
    """Set a provider up as the one of the house."""
    app = {"provider_id": "house", "name": "", "client_id": "guanxi", "secret": "secret"}
    apps = [{**app, "settings": {"server_url": issuer}}]
    return override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}})


@pytest.fixture
def provider(server: str) -> Iterator[Provider]:
    """The provider, set up as the one of the house."""
    with provided_by(server):
        yield Provider(server)


def is_in(client: Client) -> bool:
    return client.get("/settings/sessions/").status_code == 200


def test_a_verified_address_signs_its_user_in(cast: Cast, provider: Provider) -> None:
    assert is_in(provider.sign_in("alice-sub"))
    assert Session.objects.get(user__isnull=False).user_id == cast.alice.user_id
    assert SocialAccount.objects.get().user_id == cast.alice.user_id
    assert is_in(provider.sign_in("alice-sub"))
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("sub", ["unverified", "worded", "stranger", "nameless"])
def test_nobody_else_gets_in_and_no_user_is_made(sub: str, cast: Cast, provider: Provider) -> None:
    client = provider.sign_in(sub)
    assert not is_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (4, 0)
    assert "opens nothing here" in client.get("/sign-in/login/").content.decode()


def test_who_is_deactivated_stays_out_linked_or_not(cast: Cast, provider: Provider) -> None:
    User.objects.filter(pk=own_id(cast.alice)).update(is_active=False)
    assert not is_in(provider.sign_in("alice-sub"))
    User.objects.filter(pk=own_id(cast.alice)).update(is_active=True)
    provider.sign_in("alice-sub")
    User.objects.filter(pk=own_id(cast.alice)).update(is_active=False)
    assert not is_in(provider.sign_in("alice-sub"))


def test_the_answer_of_one_browser_opens_no_other(cast: Cast, provider: Provider) -> None:
    address = provider.agree(Client(), "alice-sub")
    victim = Client()
    victim.get(address)
    assert not is_in(victim)


def test_an_answer_is_used_once_and_a_changed_one_not_at_all(cast: Cast, provider: Provider) -> None:
    client = Client()
    address = provider.agree(client, "alice-sub")
    client.get(re.sub(r"code=[^&]+", "code=made-up", address))
    assert not is_in(client)
    client = Client()
    address = provider.agree(client, "alice-sub")
    client.get(address)
    client.post("/sign-in/logout/")
    client.get(address)
    assert not is_in(client)


def test_an_open_session_links_no_other_identity(cast: Cast, provider: Provider, enter: Enter) -> None:
    bob = enter("bob")
    there = bob.post(f"{START}?process=connect").headers["Location"]
    back = requests.post(there, data={"sub": "alice-sub"}, allow_redirects=False, timeout=10)
    bob.get(back.headers["Location"].replace("http://testserver", ""))
    assert not SocialAccount.objects.exists()


def test_the_way_there_asks_first_and_carries_state_and_proof(cast: Cast, provider: Provider) -> None:
    assert Client().get(START).status_code == 200
    there = Client().post(START).headers["Location"]
    assert all(word in there for word in ("state=", "code_challenge=", "code_challenge_method=S256"))


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/"])
def test_the_way_back_leads_to_our_own_pages(target: str, cast: Cast, provider: Provider) -> None:
    client = Client()
    there = client.post(f"{START}?next={target}").headers["Location"]
    back = requests.post(there, data={"sub": "alice-sub"}, allow_redirects=False, timeout=10)
    answer = client.get(back.headers["Location"].replace("http://testserver", ""))
    assert "evil" not in answer.headers["Location"]


def test_a_provider_that_does_not_answer_is_said_in_words(cast: Cast) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    with provided_by("http://127.0.0.1:9"):
        answer = client.post(START)
    assert answer.status_code == 502
    assert "did not answer as it should" in answer.content.decode()


def test_the_page_offers_it_where_it_is_set(cast: Cast, provider: Provider) -> None:
    assert START in Client().get("/sign-in/login/").content.decode()
    with override_settings(SOCIALACCOUNT_PROVIDERS={}):
        assert "/oidc/" not in Client().get("/sign-in/login/").content.decode()
        assert Client().post(START).status_code == 404
