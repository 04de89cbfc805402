"""Journeys around a customer: from sign-in to a logged contact, and finding somebody on a phone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from guanxi.customers.models import Account

NAME = "岚川精密仪器"


def test_a_contact_is_logged_and_taken_back_from_the_keyboard(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    new_account(NAME)
    page = browse(1440)
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1)).to_have_text("客户")
    expect(page.locator("#preview h2")).to_have_text(NAME)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    page.keyboard.press("r")
    expect(page.locator("#log")).to_be_focused()
    page.keyboard.type("约好下周二看样品")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("已记录")
    expect(page.locator("#timeline .tl li")).to_have_count(1)
    expect(page.locator("#timeline .tl li")).to_contain_text("约好下周二看样品")
    page.locator("#toast [data-undo]").click()
    expect(page.locator("#timeline .tl li")).to_have_count(0)


def test_a_customer_is_found_by_pinyin_on_a_phone(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    new_account(NAME)
    new_account("云杉包装")
    page = browse(360)
    page.get_by_role("link", name="客户", exact=True).click()
    page.get_by_role("searchbox").fill("lanchuan")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.locator(".thumb").get_by_role("link", name="记录")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_list_is_narrowed_kept_as_a_view_and_changed_with_one_undo(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    for place in range(4):
        new_account(f"{NAME}{place}", city="苏州" if place < 3 else "杭州")
    page = browse(1440)
    page.goto(f"{page.url}accounts/")
    page.locator("#filter-menu > summary").click()
    page.locator("#filter > .filter-acts button[value=add]").click()
    expect(page.locator("#filter select[name=f0]")).to_be_visible()
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    page.select_option("#filter select[name=f0]", "city")
    expect(page.locator("#filter select[name=o0]")).to_have_value("contains")
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    page.fill("#filter input[name=v0]", "苏")
    expect(page.locator("#filter-count")).to_have_text("3 条符合")
    page.press("#filter input[name=v0]", "Enter")
    expect(page.locator("#list-rows tr")).to_have_count(3)
    page.locator("#view-menu > summary").click()
    expect(page.locator("#view-form input[name=name]")).to_be_focused()
    page.fill("#view-form input[name=name]", "苏州客户")
    page.press("#view-form input[name=name]", "Enter")
    expect(page.locator(".view-tabs a[aria-current]")).to_contain_text("苏州客户")
    page.locator("[data-pick]").nth(0).check()
    page.locator("[data-pick]").nth(2).check()
    expect(page.locator(".bulk [data-count]")).to_have_text("2")
    page.locator(".bulk button[value=edit]").click()
    page.locator("button[value=city]").click()
    page.fill("input[name=value]", "无锡")
    page.locator("button[value=yes]").click()
    expect(page.locator("#toast")).to_contain_text("已修改 2 条记录")
    expect(page.locator("#list-rows tr")).to_have_count(1)
    page.locator("#toast [data-undo]").click()
    expect(page.locator("#list-rows tr")).to_have_count(3)
    expect(page.locator(".view-tabs a[aria-current]")).to_contain_text("苏州客户")
