"""Journeys around the working day: putting a customer off, setting the own day, a customer's rhythm, a wording."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from guanxi.care.commands import note_facts, plan_day, take_more
from guanxi.customers.commands import add_contact_point
from guanxi.customers.models import Account, ContactPoint
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.platform.accounts.queries import system_actor
from tests.cast import Cast
from tests.journeys.conftest import Visit

NAME = "岚川精密仪器"


@pytest.fixture
def browse(visit: Visit) -> Callable[[str, int], Page]:
    """Sign somebody in on a screen of some width, in English."""
    return lambda name, width: visit(who=name, width=width)


@pytest.fixture
def overdue(cast: Cast, new_account: Callable[..., Account]) -> Account:
    """A customer of Alice's whom nobody has called for a long time, in today's queue."""
    account = new_account(NAME, kind="person")
    long_ago = timezone.now() - timedelta(days=200)
    record_fact(account.pk, fact=NewFact("interaction", "call", long_ago, channel="phone"), actor=cast.alice)
    point = ContactPoint(account=account, type="mobile", value="13812346021", consent="given")
    add_contact_point(point, actor=cast.alice)
    note_facts([account.pk])
    plan_day(timezone.localdate(), actor=system_actor("Tests"))
    take_more(timezone.localdate(), actor=cast.alice)
    return account


@pytest.mark.parametrize("width", [1440, 360])
def test_a_customer_is_put_off_until_a_chosen_day_and_back(
    width: int, browse: Callable[[str, int], Page], overdue: Account
) -> None:
    page = browse("alice", width)
    if width > 640:
        page.keyboard.press("l")
    else:
        page.get_by_label("Later, on a day to choose").first.click()
    page.get_by_role("button", name="In 2 weeks").click()
    expect(page.locator("#toast")).to_contain_text("comes back in 14 days")
    expect(page.locator("[data-row]")).to_have_count(0)
    page.locator("#toast [data-undo]").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_next_contact_follows_the_rhythm_and_a_logged_contact(
    browse: Callable[[str, int], Page], live_server: LiveServer, overdue: Account
) -> None:
    page = browse("alice", 1440)
    page.goto(f"{live_server.url}/accounts/{overdue.pk}/")
    expect(page.locator("#figures")).to_contain_text("Contact overdue")
    page.get_by_label("Change the contact rhythm").click()
    page.get_by_label("Wanted every … days").fill("9")
    page.get_by_label("At the latest after … days").fill("12")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#cadence")).to_contain_text("Wanted every 9 days, at the latest after 12")
    page.fill("#log", "They are well")
    page.press("#log", "Enter")
    expect(page.locator("#figures")).to_contain_text("In 9 days")
    page.locator("#toast [data-undo]").click()
    expect(page.locator("#figures")).not_to_contain_text("In 9 days")


def test_everybody_shapes_the_own_day_and_dora_the_words(
    browse: Callable[[str, int], Page], live_server: LiveServer
) -> None:
    page = browse("dora", 360)
    page.get_by_role("link", name="More").click()
    page.get_by_role("link", name="Settings").last.click()
    page.get_by_role("link", name="My working day").click()
    page.get_by_label("Contacts a day").fill("12")
    page.get_by_role("button", name="Save the working day").click()
    expect(page.locator("#toast")).to_contain_text("It counts from the next plan")
    expect(page.get_by_label("Contacts a day")).to_have_value("12")
    page.goto(f"{live_server.url}/settings/wordings/overdue/en/close/1/")
    page.get_by_label("Wording").fill("Hello {salutation}, {user_name} here. {days} days!")
    expect(page.locator("#wording-preview")).to_contain_text("Hello Ms Smith")
    page.get_by_role("button", name="Save the wording").click()
    expect(page.locator(".wording .tag")).to_have_text("changed")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
