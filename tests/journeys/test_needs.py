"""A journey through the needs questionnaire: a round is opened, answered and taken over; needs by party and phase."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from guanxi.planning.commands import Asked, ItemAnswer, open_round, save_sheet, start_ready_plan
from guanxi.planning.models import InformationPlan
from guanxi.planning.queries.needs import sheets_of
from guanxi.planning.queries.plans import items_of
from tests.cast import Cast
from tests.journeys.conftest import Visit, faults_of

ALL_WAYS = ("user", "collector", "keeper")


@pytest.fixture
def draft(cast: Cast) -> InformationPlan:
    """The ready plan as a draft."""
    return start_ready_plan(timezone.localdate(), actor=cast.dora)


class Look:
    """Notes what is wrong with the pages that are looked at."""

    def __init__(self, page: Page, width: int) -> None:
        self.page, self.width = page, width
        self.found: list[str] = []

    def __call__(self) -> None:
        """Look at the page: whether it fits, and what axe finds."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, self.page.url
        self.found += [f"{self.page.url}: {fault}" for fault in faults_of(self.page)]


@pytest.mark.parametrize("width", [1440, 360])
def test_a_planner_asks_and_takes_answers_over(
    width: int, visit: Visit, live_server: LiveServer, draft: InformationPlan, cast: Cast
) -> None:
    page = visit(f"/plan/{draft.pk}/rounds/", who="dora", width=width)
    look = Look(page, width)
    look()
    page.get_by_role("link", name="Ask the house").click()
    page.get_by_label("Introduction").fill("What do you need?")
    page.get_by_role("checkbox", name="Staff", exact=True).check()
    page.get_by_role("checkbox", name="Manager", exact=True).check()
    page.get_by_label("They speak for").select_option("sales")
    look()
    page.get_by_role("button", name="Open the round").click()
    expect(page.get_by_text("Nobody has handed in yet")).to_be_visible()
    item = next(item for item in items_of(draft.pk, cast.dora) if item.key == "short_name")
    today = timezone.localdate()
    round_id = int(page.url.rstrip("/").rpartition("/")[2])
    sheet = next(row for row in sheets_of(round_id) if row.user_id == cast.alice.user_id)
    said = [ItemAnswer(item.pk, "customer", need="must", decision="How to greet", fresh_days=90)]
    save_sheet(sheet.pk, answers=said, wishes=["Plans"], version=None, hand_in=True, today=today, actor=cast.alice)
    page.reload()
    look()
    page.get_by_role("link", name="Short name").first.click()
    expect(page.get_by_text("How to greet").first).to_be_visible()
    look()
    page.get_by_role("link", name="changes of the draft").click()
    look()
    page.get_by_role("button", name="Take over what is ticked").click()
    expect(page.get_by_text("values taken over.").first).to_be_visible()
    page.goto(f"{live_server.url}/plan/items/{item.pk}/")
    expect(page.locator("#origins").get_by_text("Sales · Customer: Must")).to_be_visible()
    look()
    page.get_by_role("link", name="By external party and market phase").click()
    page.get_by_role("link", name="Customer", exact=True).click()
    expect(page.get_by_label("Sales, Any phase")).to_have_value("must")
    page.get_by_label("Sales, Decline").select_option("not")
    look()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Sales, Decline")).to_have_value("not")
    assert look.found == []


@pytest.mark.parametrize("width", [1440, 360])
def test_who_is_asked_answers_on_a_page_of_the_own(
    width: int, visit: Visit, draft: InformationPlan, cast: Cast
) -> None:
    today = timezone.localdate()
    asked = Asked(role_keys=["staff"], audience="sales", asked_as=ALL_WAYS)
    parties = ["customer", "media"]
    closes_on = today + timedelta(days=5)
    open_round(
        draft.pk, introduction="Why", parties=parties, closes_on=closes_on, asked=asked, today=today, actor=cast.dora
    )
    page = visit("/needs/", width=width, refusals=True)
    look = Look(page, width)
    look()
    page.locator("main .list").get_by_role("link").click()
    look()
    row = page.locator(".needs-row").filter(has_text="Mobile number").first
    row.get_by_role("radio", name="Must").check()
    row.locator("summary").click()
    row.get_by_label("For which decision").fill("Whom to call")
    row.get_by_label("Fresh within, in days", exact=True).fill("soon")
    page.get_by_role("button", name="Save half-way").click()
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    expect(row.get_by_label("For which decision")).to_have_value("Whom to call")
    look()
    row.get_by_label("Fresh within, in days", exact=True).fill("90")
    page.get_by_role("button", name="Media").click()
    expect(page.get_by_role("button", name="Media")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Customer").click()
    expect(row.get_by_label("Fresh within, in days", exact=True)).to_have_value("90")
    page.get_by_label("What is missing?").fill("Plans of next year")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("main").get_by_text("handed in", exact=True)).to_be_visible()
    look()
    assert look.found == []
