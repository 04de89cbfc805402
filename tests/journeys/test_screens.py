"""Journeys across the frame: what fits on a small screen, what scrolls, where a key and the focus go."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from guanxi.care.choices import RowState
from guanxi.care.commands import plan_day
from guanxi.care.models import QueueRow
from guanxi.customers.commands import add_contact_point, add_important_date
from guanxi.customers.models import Account, ContactPoint, ImportantDate
from guanxi.platform.accounts.queries import system_actor
from tests.cast import Cast
from tests.journeys.conftest import Visit

OVERFLOWING = "row => row.scrollWidth > row.clientWidth || row.getBoundingClientRect().right > innerWidth"


@pytest.fixture
def browse(visit: Visit) -> Callable[[str, int, int], Page]:
    """Open an address as Alice on a screen of some width and height, in English."""
    return lambda address, width, height: visit(address, width=width, height=height)


@pytest.fixture
def celebrating(cast: Cast, new_account: Callable[..., Account]) -> Account:
    """An account with a number and a birthday in today's queue, whatever day of the week it is."""
    account, today = new_account(), timezone.localdate()
    number = ContactPoint(account=account, type="mobile", value="13800136021", receives_sms=True)
    add_contact_point(number, actor=cast.alice)
    birthday = ImportantDate(account=account, type="birthday", month=today.month, day=today.day)
    add_important_date(birthday, actor=cast.alice)
    plan_day(today, actor=system_actor("Tests"))
    QueueRow._base_manager.update(state=RowState.OPEN)
    return account


@pytest.mark.parametrize("width", [1440, 1280, 800, 360])
def test_a_row_of_today_fits(width: int, browse: Callable[[str, int, int], Page], celebrating: Account) -> None:
    page = browse("/", width, 800)
    assert page.locator(".q-row").evaluate(OVERFLOWING) is False
    assert page.locator(".q-draft").evaluate(OVERFLOWING) is False
    acts = page.locator(".q-btns > :is(button, .split)").all() + page.locator(".q-btns > [data-key=x]").all()
    assert len({round(box["y"]) for act in acts if (box := act.bounding_box())}) == 1


def test_the_page_does_not_grow_with_words_that_nobody_sees(
    browse: Callable[[str, int, int], Page], celebrating: Account
) -> None:
    page = browse(f"/accounts/{celebrating.pk}/", 1440, 300)
    assert page.locator("#contacts .vh").count() > 0
    assert page.evaluate("document.documentElement.scrollHeight") == 300


def test_a_letter_belongs_to_the_row_only_with_the_focus_there(
    browse: Callable[[str, int, int], Page], celebrating: Account
) -> None:
    page = browse("/", 1440, 800)
    page.keyboard.press("l")
    expect(page.locator(".split summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".split .item").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".split summary")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-question]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-question]")).to_have_count(0)
    page.reload()
    page.keyboard.press("c")
    page.wait_for_url("**/accounts/new/")


def test_the_rhythm_on_the_card_keeps_the_focus(browse: Callable[[str, int, int], Page], celebrating: Account) -> None:
    page = browse(f"/accounts/{celebrating.pk}/", 1440, 800)
    page.locator("#cadence").get_by_role("link").press("Enter")
    expect(page.locator("form#cadence h2")).to_be_focused()
    expect(page.locator(".htmx-settling")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("section#cadence h2")).to_be_focused()
