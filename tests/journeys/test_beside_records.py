"""Journeys beside a record: a colleague is mentioned and hears of it, a file is kept, a former value comes back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import ConsoleMessage, FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.platform.collaboration.inbox import inbox_of
from tests.cast import Cast


@pytest.fixture
def card(
    page: Page,
    live_server: LiveServer,
    cast: Cast,
    new_account: Callable[..., Account],
    tmp_path: Path,
    settings: LazySettings,
) -> Iterator[Page]:
    """Alice's browser in English at the card of a customer; an error in its console fails the journey."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    settings.MEDIA_ROOT = tmp_path
    account = new_account("岚川精密仪器", city="苏州")
    edit_account(account.pk, {"city": "无锡"}, actor=cast.alice)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{live_server.url}/accounts/{account.pk}/")
    page.fill("input[name=login]", "alice@example.com")
    page.fill("input[name=password]", "a-long-password")
    page.press("input[name=password]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("岚川精密仪器")
    yield page
    assert errors == []


def test_a_colleague_is_mentioned_from_the_keyboard(card: Page, cast: Cast) -> None:
    words = card.locator("#comments textarea")
    words.press_sequentially("Have a look @dor")
    expect(card.locator("[data-people] [data-chosen]")).to_contain_text(cast.dora.name)
    words.press("Enter")
    expect(words).to_have_value(f"Have a look @{cast.dora.name} ")
    words.press("Control+Enter")
    expect(card.locator("#comments .mention")).to_have_text(f"@{cast.dora.name}")
    expect(card.locator("#comments textarea")).to_be_focused()
    assert [notice.label for notice in inbox_of(cast.dora).notices] == ["岚川精密仪器"]
    card.locator("#comments .talk > li").hover()
    card.locator("#comments .talk form button").click()
    expect(card.locator("#comments .talk > li")).to_have_count(0)
    card.locator("#toast [data-undo]").click()
    expect(card.locator("#comments .talk > li")).to_have_count(1)


def test_a_file_is_kept_as_soon_as_it_is_chosen(card: Page) -> None:
    file: FilePayload = {"name": "offer.txt", "mimeType": "text/plain", "buffer": b"<script>alert(1)</script>"}
    card.locator("#documents input[type=file]").set_input_files(file)
    expect(card.locator("#documents .files-name")).to_have_text("offer.txt")
    card.locator("#documents .files-name").click()
    expect(card.locator(".files-text")).to_have_text("<script>alert(1)</script>")


def test_a_former_value_comes_back_and_goes_again(card: Page) -> None:
    card.locator("#history").scroll_into_view_if_needed()
    expect(card.locator("#history .li").first).to_contain_text("City")
    card.locator("#history .more a").click()
    card.locator("button[value=city]").first.click()
    expect(card.locator(".story ins").first).to_have_text("苏州")
    card.locator("#toast [data-undo]").click()
    expect(card.locator(".story ins").first).to_have_text("无锡")
