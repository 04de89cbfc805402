"""Journeys in a list: cells changed in place, columns dragged, exact counts, and the way from card to card."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from guanxi.customers.models import Account
from guanxi.platform.objects import listing
from guanxi.platform.objects.commands import choose_view, save_view
from guanxi.platform.ui import lists
from tests.cast import Cast

NAMES = ("岚川精密仪器", "云杉包装", "启辰生物")
CITIES = "?cols=name,city,industry&sort=name"


def test_a_cell_is_changed_in_place_and_taken_back(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    for name in NAMES:
        new_account(name, city="苏州")
    page = browse(1440)
    page.goto(f"{page.url}accounts/{CITIES}")
    cell = page.locator("#list-rows tr").nth(1).locator("td").nth(1)
    cell.dblclick()
    expect(cell.locator("input[name=city]")).to_be_focused()
    cell.locator("input[name=city]").fill("无锡")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("无锡")
    expect(page.locator("#list-rows tr").nth(1)).to_be_focused()
    page.keyboard.press("F2")
    expect(cell.locator("input[name=city]")).to_have_value("无锡")
    expect(cell.locator("input[name=city]")).to_be_focused()
    page.keyboard.type("随手")
    page.keyboard.press("Escape")
    expect(cell).to_have_text("无锡")
    expect(page.locator("[data-pick]")).to_have_count(3)
    page.keyboard.press("z")
    expect(cell).to_have_text("苏州")


def test_columns_are_dragged_into_their_order(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    new_account(NAMES[0])
    page = browse(1440)
    page.goto(f"{page.url}accounts/{CITIES}")
    page.locator("#column-menu > summary").click()
    expect(page.locator(".grip")).to_have_count(3)
    expect(page.locator("head script[src*=sortable]")).to_have_count(1)
    expect(page.locator("[data-sorted=by-hand]")).to_be_visible()
    page.locator(".grip").nth(2).drag_to(page.locator(".grip").nth(0), target_position={"x": 4, "y": 2})
    expect(page.locator("#columns input[name=c]").nth(0)).to_have_value("industry")
    page.locator("#columns button[value=apply]").last.click()
    expect(page.locator(".lst th").nth(0)).to_contain_text("行业")


def test_the_exact_count_and_the_counts_of_pinned_views_are_asked_for(
    browse: Callable[[int], Page],
    new_account: Callable[..., Account],
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 1)
    monkeypatch.setattr(lists, "COUNT_CAP", 2)
    monkeypatch.setattr(listing, "COUNT_CAP", 2)
    for name in NAMES:
        new_account(name, city="苏州")
    query = "where=%5B%22city%22%2C%22is%22%2C%22%E8%8B%8F%E5%B7%9E%22%5D"
    view_id = save_view("account", name="苏州", query=query, actor=cast.dora)
    choose_view(view_id, is_pinned=True, is_default=False, actor=cast.dora)
    page = browse(1440)
    page.goto(f"{page.url}accounts/?sort=name")
    expect(page.locator(f"#view-count-{view_id}")).not_to_be_empty()
    expect(page.locator("#list-count")).to_have_text("多于 2")
    page.locator("#list-count").click()
    expect(page.locator("#list-count")).to_have_text("3")


def test_a_card_leads_to_the_next_record_of_the_list_beyond_its_page(
    browse: Callable[[int], Page], new_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    for name in NAMES:
        new_account(name)
    page = browse(1440)
    page.goto(f"{page.url}accounts/?sort=name")
    names = page.locator("#list-rows [data-open]").all_inner_texts()
    page.locator("#list-rows [data-open]").nth(0).click()
    heading = page.get_by_role("heading", level=1)
    place = page.locator("[data-place]")
    expect(heading).to_have_text(names[0])
    expect(place).to_have_text("1")
    page.keyboard.press("j")
    expect(heading).to_have_text(names[1])
    expect(place).to_have_text("2")
    page.keyboard.press("j")
    expect(place).to_have_text("3")
    expect(heading).not_to_have_text(names[1])
    page.keyboard.press("k")
    expect(heading).to_have_text(names[1])


def test_a_phone_has_no_sideways_scroll_and_opens_cards(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    new_account(NAMES[0])
    page = browse(360)
    page.goto(f"{page.url}accounts/")
    page.locator("#list-rows [data-open]").click()
    expect(page.locator("[data-steps]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_rows_are_chosen_on_a_phone_and_the_choice_is_cleared(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    for name in NAMES:
        new_account(name)
    page = browse(360)
    page.goto(f"{page.url}accounts/")
    rows, bar = page.locator("#list-rows tr"), page.locator(".bulk")
    page.locator("[data-choose]").click()
    expect(bar).to_be_visible()
    expect(bar.locator("[value=trash]")).to_be_disabled()
    rows.nth(0).click()
    rows.nth(2).locator("[data-pick]").click()
    expect(bar.locator("[data-count]")).to_have_text("2")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    bar.locator("[data-unpick]").click()
    expect(bar).to_be_hidden()
    expect(page.locator("[data-pick]:checked")).to_have_count(0)
    page.locator("[data-choose]").click()
    rows.nth(1).click()
    bar.locator("[value=trash]").click()
    expect(page.locator("main [name=id]")).to_have_count(1)
    page.locator("button[name=do]").click()
    expect(rows).to_have_count(2)


def test_escape_and_the_cross_clear_the_choice(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    for name in NAMES:
        new_account(name)
    page = browse(1440)
    page.goto(f"{page.url}accounts/")
    ticks, bar = page.locator("[data-pick]"), page.locator(".bulk")
    ticks.nth(1).check()
    expect(bar).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.locator("[data-pick-all]").check()
    expect(bar.locator("[data-count]")).to_have_text("3")
    bar.locator("[data-unpick]").click()
    expect(page.locator(":is([data-pick], [data-pick-all]):checked")).to_have_count(0)
    expect(page.locator("#list-rows tr:focus")).to_have_count(1)


def test_a_menu_at_the_edge_stays_on_the_sheet(
    browse: Callable[[int], Page], new_account: Callable[..., Account]
) -> None:
    new_account(NAMES[0])
    page = browse(1440)
    page.goto(f"{page.url}accounts/")
    for menu in ("#column-menu", "details:has(a[href*='format=xlsx'])"):
        page.locator(f"{menu} > summary").click()
        pop, sheet = page.locator(f"{menu} > .pop").bounding_box(), page.locator(".gx-body").bounding_box()
        assert pop is not None and sheet is not None  # noqa: PT018  # for the types alone
        assert pop["x"] + pop["width"] <= sheet["x"] + sheet["width"]
