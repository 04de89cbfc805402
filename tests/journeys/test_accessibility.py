"""The main pages in English, wide and on a phone: no serious finding of axe, no error in the console."""

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from guanxi.care.commands import plan_day
from guanxi.customers.commands import add_important_date
from guanxi.customers.models import Account, ImportantDate
from guanxi.platform.accounts.queries import system_actor
from tests.cast import Cast
from tests.journeys.conftest import faults_of


@pytest.fixture
def signed_in(page: Page, live_server: LiveServer, cast: Cast) -> Iterator[Page]:
    """Alice's browser in English; an error in its console, a refused script or style among them, fails the test."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(live_server.url)
    page.fill("input[name=login]", "alice@example.com")
    page.fill("input[name=password]", "a-long-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("main h1")
    assert cast.alice.user_id
    yield page
    assert errors == []


@pytest.mark.parametrize("width", [1440, 360])
def test_axe_finds_nothing_grave(
    width: int, signed_in: Page, live_server: LiveServer, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account, today = new_account("岚川精密仪器"), timezone.localdate()
    birthday = ImportantDate(account=account, type="birthday", month=today.month, day=today.day)
    add_important_date(birthday, actor=cast.alice)
    plan_day(today, actor=system_actor("Tests"))
    card = f"/accounts/{account.pk}/"
    signed_in.set_viewport_size({"width": width, "height": 800})
    found: list[str] = []
    for address in ("/", "/accounts/", card, f"{card}facts/", f"{card}edit/", "/pyramid/"):
        signed_in.goto(live_server.url + address)
        assert signed_in.locator("html").get_attribute("lang") == "en"
        assert signed_in.evaluate("document.documentElement.scrollWidth") <= width, address
        found += [f"{address}: {fault}" for fault in faults_of(signed_in)]
    assert found == []
