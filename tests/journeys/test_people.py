"""A journey around a customer's people: typed, corrected and taken back on the card, from the keyboard and by thumb."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from guanxi.customers.commands import add_contact
from guanxi.customers.models import Account, Contact
from tests.cast import Cast
from tests.journeys.conftest import Visit


@pytest.fixture
def browse(visit: Visit) -> Callable[[int, str], Page]:
    """Open an address as Alice on a screen of some width, in Chinese; an answer 422 is what the journey is about."""
    return lambda width, address: visit(address, width=width, height=900, language="zh-hans", refusals=True)


def test_a_contact_and_a_number_are_typed_on_the_card(
    browse: Callable[[int, str], Page], new_account: Callable[..., Account]
) -> None:
    page = browse(1440, f"/accounts/{new_account('岚川精密仪器').pk}/")
    contacts = page.locator("#contacts")
    contacts.get_by_role("link", name="添加联系人").press("Enter")
    expect(contacts.locator("[name=family_name]")).to_be_focused()
    page.keyboard.type("周")
    page.keyboard.press("Tab")
    page.keyboard.type("砚秋")
    page.keyboard.press("Enter")
    expect(contacts).to_contain_text("周砚秋")
    expect(contacts.locator("form.place-form")).to_have_count(0)
    expect(contacts.get_by_role("heading", name="联系人")).to_be_focused()

    contacts.get_by_role("link", name="为周砚秋添加联系方式").press("Enter")
    contacts.get_by_label("号码或地址").fill("1380013602")
    page.keyboard.press("Enter")
    expect(contacts).to_contain_text("手机号是 11 位，“1380013602”有 10 位。")
    expect(contacts.get_by_label("号码或地址")).to_be_focused()
    contacts.get_by_label("号码或地址").fill("13800136021")
    contacts.get_by_label("类型").press("Enter")
    expect(contacts).to_contain_text("138 0013 6021")
    expect(contacts.get_by_role("heading", name="联系人")).to_be_focused()

    contacts.get_by_role("link", name="编辑周砚秋").press("Enter")
    expect(contacts.locator("[name=family_name]")).to_be_focused()
    contacts.get_by_label("职务").fill("采购总监")
    page.keyboard.press("Escape")
    expect(contacts.locator("form.place-form")).to_have_count(0)
    expect(contacts).not_to_contain_text("采购总监")


def test_a_removed_contact_comes_back_with_its_days(
    browse: Callable[[int, str], Page], cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器")
    add_contact(Contact(account=account, family_name="周", given_name="砚秋"), actor=cast.alice)
    page = browse(360, f"/accounts/{account.pk}/")
    contacts, dates = page.locator("#contacts"), page.locator("#dates")
    dates.get_by_role("link", name="添加重要日子").click()
    dates.get_by_label("历法").select_option("lunar")
    dates.get_by_label("月", exact=True).select_option("10")
    dates.get_by_label("日", exact=True).select_option("18")
    dates.get_by_label("属于谁").select_option(label="周砚秋")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    dates.get_by_role("button", name="添加").click()
    expect(dates).to_contain_text("农历 十月十八")
    expect(dates).to_contain_text("周砚秋")

    contacts.get_by_role("link", name="编辑周砚秋").click()
    contacts.get_by_role("button", name="移除").click()
    expect(contacts).to_contain_text("还没有")
    expect(dates).not_to_contain_text("周砚秋")
    page.locator("#toast [data-undo]").click()
    expect(contacts).to_contain_text("周砚秋")
    expect(dates).to_contain_text("周砚秋")
