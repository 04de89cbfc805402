"""The command palette by keys alone: find, act, go; and the star."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from guanxi.customers.models import Account
from tests.journeys.conftest import faults_of

NAME = "岚川精密仪器"


def test_a_customer_is_found_opened_marked_and_found_again_by_keys(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    new_account(NAME)
    new_account("云杉包装")
    page = browse(1440)
    page.keyboard.press("Control+k")
    page.keyboard.type("lanchuan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    option = page.get_by_role("option", name="加星标", exact=True)
    expect(option).to_be_visible()
    assert faults_of(page) == []
    while option.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".chead .star")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(page.get_by_role("heading", level=1)).to_have_text("收藏")
    expect(page.get_by_role("link", name=NAME)).to_have_count(2)


def test_escape_leaves_the_palette_and_arrows_go_round(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    new_account(NAME)
    page = browse(1440)
    page.keyboard.press("Control+k")
    page.keyboard.type("客户")
    expect(page.locator("#palette-results")).to_have_attribute("data-words", "客户")
    selected = page.locator("[role=option][aria-selected=true]")
    expect(selected).to_contain_text("客户")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日")


def test_the_palette_opens_for_who_asks_before_its_script_has_come(browse: Callable[[int], Page]) -> None:
    page = browse(1440)
    held: list[Route] = []
    later_scripts = re.compile(r"/static/(?!.*(keys|theme)).*\.js")
    page.route(later_scripts, lambda route, request: held.append(route))
    page.reload(wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("今日")
    page.keyboard.press("Control+k")
    for route in held:
        route.continue_()
    page.unroute_all()
    expect(page.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日")


def test_the_palette_fills_a_phone(browse: Callable[[int], Page], new_account: Callable[..., Account]) -> None:
    new_account(NAME)
    page = browse(360)
    page.get_by_role("link", name="更多").click()
    page.get_by_role("link", name="前往、查找、新建").click()
    page.get_by_role("combobox").fill("lcjm")
    page.get_by_role("option", name=NAME).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
