"""An object made in the browser, without code: its fields, a record, the board by keys, one field in its place."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit, faults_of


def add_field(page: Page, kind: str, name: str, **values: str) -> None:
    """Add a field on the page of an object."""
    page.get_by_role("link", name="New field").click()
    page.get_by_role("link", name=kind, exact=True).click()
    page.get_by_label("Name in Chinese").fill(name)
    page.get_by_label("Name in English").fill(name)
    for label, value in values.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


@pytest.fixture
def contracts(visit: Visit) -> Page:
    """Dora's browser at the page of the object "Contract", which she has just made with a stage and an amount."""
    page = visit("/settings/objects/new/", who="dora")
    page.get_by_label("Name in Chinese").fill("合同")
    page.get_by_label("Name in English").fill("Contract")
    page.get_by_label("Plural in English").fill("Contracts")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Contract")
    add_field(page, "Choice", "Stage", Choices="起草 | Draft\n签署 | Signed")
    add_field(page, "Money", "Amount")
    page.get_by_label("Board by").select_option(label="Stage")
    page.locator("form", has=page.get_by_label("Board by")).get_by_role("button", name="Save").click()
    assert faults_of(page) == []
    return page


def test_a_record_is_made_moved_by_keys_and_changed_in_its_place(contracts: Page) -> None:
    page = contracts
    page.get_by_role("navigation").get_by_role("link", name="Contracts").click()
    page.get_by_role("link", name="New: Contract").click()
    page.locator("[name=name]").fill("HT-1")
    page.locator("[name=x_stage]").select_option(label="Draft")
    page.locator("[name=x_amount]").fill("1200")
    assert faults_of(page) == []
    page.get_by_role("button", name="Create: Contract").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("HT-1")
    assert faults_of(page) == []

    line = page.locator("#field-x_amount")
    line.hover()
    line.get_by_role("link", name="Change “Amount”").click()
    control = page.locator("input[name=x_amount]")
    expect(control).to_be_focused()
    control.fill("1500")
    history = page.locator("#history-short .li")
    expect(history).to_have_count(1)
    control.press("Enter")
    expect(page.locator("#field-x_amount")).to_contain_text("1,500.00")
    expect(page.get_by_role("link", name="Change “Amount”")).to_be_focused()
    expect(history).to_have_count(2)
    expect(history.first).to_contain_text("Amount")
    page.locator("#toast [data-undo]").click()
    expect(page.locator("#field-x_amount")).to_contain_text("1,200.00")

    page.get_by_role("navigation").get_by_role("link", name="Contracts").click()
    page.get_by_role("link", name="Board", exact=True).click()
    card = page.locator("[data-card]")
    expect(page.locator("[data-lane]", has=card)).to_have_attribute("aria-label", "Draft")
    assert faults_of(page) == []
    card.focus()
    card.press("m")
    card.press("ArrowRight")
    expect(page.locator("#toast")).to_contain_text("moved to Signed")
    expect(page.locator("[data-lane]", has=card)).to_have_attribute("aria-label", "Signed")
    page.locator("#toast [data-undo]").click()
    expect(page.locator("[data-lane]", has=page.locator("[data-card]"))).to_have_attribute("aria-label", "Draft")


def test_a_card_is_arranged_by_dragging_and_by_keys(contracts: Page) -> None:
    page = contracts
    page.get_by_role("link", name="Card and form").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Card and form: Contract")
    assert faults_of(page) == []

    rows = page.locator("#arrange [data-rows=fields] .ar-name")
    assert rows.all_inner_texts().index("Stage") < rows.all_inner_texts().index("Amount")
    amount = page.locator("[data-row]", has=page.get_by_text("Amount", exact=True))
    amount.locator(".grip").drag_to(page.locator("[data-row]", has=page.get_by_text("Stage", exact=True)))
    assert rows.all_inner_texts().index("Amount") < rows.all_inner_texts().index("Stage")

    raised = page.get_by_role("button", name="Move Comments up")
    raised.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#arrange [data-rows=panels] .ar-name").first).to_have_text("Comments")
    expect(raised).to_be_focused()
    page.get_by_role("button", name="Hide Documents").click()
    expect(page.get_by_role("button", name="Show Documents")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Contracts")

    page.get_by_role("link", name="New: Contract").click()
    labels = page.locator("#record-form label").all_inner_texts()
    assert labels.index("Amount") < labels.index("Stage")
