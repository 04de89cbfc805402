"""Journeys around the sign-in: a passkey in place of the password, ending another browser, inviting somebody."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from guanxi.platform.accounts.models import Session, User
from guanxi.platform.accounts.queries import own_id
from tests.cast import Cast
from tests.journeys.conftest import faults_of

PASSWORD = "a-long-password"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
Enter = Callable[[Page, str], Page]


@pytest.fixture
def enter(live_server: LiveServer, cast: Cast) -> Iterator[Enter]:
    """Sign somebody in by the form, in English; an error in the browser's console fails the journey."""
    errors: list[str] = []
    cache.clear()

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    def entered(page: Page, name: str) -> Page:
        page.context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{live_server.url}/sign-in/login/?next=/settings/")
        page.get_by_label("E-mail address").fill(f"{name}@example.com")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
        return page

    assert cast.alice.user_id
    yield entered
    assert errors == []


def confirm(page: Page) -> None:
    """Type the password once more."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def test_a_passkey_signs_in_without_a_password(enter: Enter, page: Page, live_server: LiveServer) -> None:
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    enter(page, "alice").get_by_role("link", name="Second factor and passkeys").click()
    page.get_by_role("link", name="Add").click()
    confirm(page)
    page.get_by_label("Name", exact=True).fill("Office key")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{live_server.url}/sign-in/login/?next=/settings/sessions/")
    page.get_by_role("button", name="Passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where I am signed in")


def test_a_passkey_is_the_second_factor_too(enter: Enter, page: Page, live_server: LiveServer) -> None:
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    enter(page, "alice")
    page.goto(f"{live_server.url}/sign-in/second-factor/webauthn/add/")
    confirm(page)
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{live_server.url}/sign-in/login/?next=/settings/")
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")


def test_another_browser_is_signed_out_from_here(
    enter: Enter, page: Page, browser: Browser, cast: Cast, live_server: LiveServer
) -> None:
    other = enter(browser.new_context().new_page(), "alice")
    enter(page, "alice").get_by_role("link", name="Where I am signed in").click()
    expect(page.locator(".list .li")).to_have_count(2)
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.locator("#toast")).to_contain_text("1 other browser is signed out")
    assert Session.objects.filter(user_id=own_id(cast.alice)).count() == 1
    other.goto(f"{live_server.url}/settings/")
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("width", [1440, 360])
def test_an_administrator_invites_and_deactivates(
    width: int, enter: Enter, page: Page, live_server: LiveServer
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    enter(page, "dora").get_by_role("link", name=re.compile("^People")).click()
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("E-mail address").fill("erin@example.com")
    page.get_by_label("Family name").fill("Erin")
    page.get_by_label("Given name").fill("Test")
    page.get_by_label("Staff").check()
    page.get_by_role("button", name="Send the invitation").click()
    row = page.get_by_role("link", name="erin@example.com")
    expect(row).to_contain_text("invited")
    row.click()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("link", name="erin@example.com")).to_contain_text("deactivated")
    assert not User.objects.get(email="erin@example.com").is_active
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_usable_by_everybody(theme: str, enter: Enter, page: Page, live_server: LiveServer) -> None:
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    faults: list[str] = []
    page.goto(f"{live_server.url}/sign-in/login/")
    outside = ("sign-in/login/", "sign-in/password/reset/")
    inside = ("sessions/", "tokens/", "people/", "people/invite/", "sign-in-rules/")
    for number, path in enumerate((*outside, *(f"settings/{name}" for name in inside), "sign-in/second-factor/")):
        if number == len(outside):
            enter(page, "dora")
        page.goto(f"{live_server.url}/{path}")
        faults += [f"{path}: {fault}" for fault in faults_of(page)]
    assert faults == []
