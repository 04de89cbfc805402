"""Journeys through privacy: a rule is written and tried, a customer held and no longer used, a notice published."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.objects.erasing import REASON
from tests.journeys.conftest import Visit, faults_of


@pytest.mark.parametrize("width", [1440, 360])
def test_privacy_pages_fit_and_axe_finds_nothing_grave(
    width: int, visit: Visit, live_server: LiveServer, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器")
    long_ago = timezone.now() - timedelta(days=2_000)
    unscoped(Account, reason=REASON).filter(pk=account.pk).update(created_at=long_ago)
    page = visit("/privacy/retention/", who="dora", width=width)
    found: list[str] = []

    def look() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        found.extend(f"{page.url}: {fault}" for fault in faults_of(page))

    look()
    page.get_by_role("link", name="Rule about Customers").click()
    page.locator("#id_name").fill("Silent customers")
    page.get_by_label("No fact in the ledger").fill("36")
    look()
    page.get_by_role("button", name="Save and look at it").click()
    page.get_by_role("button", name="Dry run").click()
    expect(page.locator("#found").get_by_role("link", name="岚川精密仪器")).to_be_visible()
    expect(page.get_by_text("somebody else looks at it and confirms it")).to_be_visible()
    look()
    page.goto(f"{live_server.url}/accounts/{account.pk}/hold/")
    page.locator("#id_reason").fill("Lawsuit 4711")
    page.get_by_label("Look again on").fill((timezone.localdate() + timedelta(days=90)).isoformat())
    look()
    page.get_by_role("button", name="Place the hold").click()
    page.locator("#privacy").get_by_role("link", name="Stop using").click()
    page.get_by_role("button", name="Stop using").click()
    expect(page.locator("#privacy").get_by_text("Do not use")).to_be_visible()
    expect(page.locator("#privacy").get_by_text("Lawsuit 4711")).to_be_visible()
    look()
    page.goto(f"{live_server.url}/privacy/notices/")
    look()
    page.get_by_role("link", name="New edition").click()
    page.get_by_label("Title in Chinese").fill("隐私声明")
    page.get_by_label("Text in Chinese").fill("我们如何使用您的信息。")
    look()
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main").get_by_text("Published", exact=True)).to_be_visible()
    page.goto(f"{live_server.url}/privacy-notice/1/?lang=en")
    look()
    assert found == []
