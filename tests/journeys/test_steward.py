"""A journey through a steward's day: a pair merged and separated, sources heard, a gap filled, a value still right, a
way that bounced mended."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from guanxi.customers.facade import contact_points
from guanxi.customers.models import Account
from guanxi.planning.commands import refresh_completeness, start_ready_plan
from guanxi.planning.tests.conftest import put_in_force
from guanxi.platform.access.grant import unscoped
from guanxi.stewardship.models import Twin
from tests.cast import Cast
from tests.journeys.conftest import Visit, faults_of
from tests.registry.test_desk import CONFLICTS, bounce, city_of, mail_of, quarrel
from tests.registry.test_desk_parts import quarrel_about_mobile
from tests.registry.test_duplicates import KEPT, MERGED, customer


class Day:
    """The work of a day on the desk, and what is wrong with the pages that are looked at."""

    def __init__(self, page: Page, width: int) -> None:
        self.page, self.width = page, width
        self.found: list[str] = []

    def open(self, kind: str) -> None:
        """Open a kind of work by its tab, and look at the page."""
        self.page.locator("#desk nav.tabs").get_by_role("link", name=kind).click()
        expect(self.page.locator("#desk nav.tabs [aria-current]")).to_contain_text(kind)
        self.look()

    def look(self) -> None:
        """Look at the page: whether it fits, and what axe finds."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, self.page.url
        self.found += [f"{self.page.url}: {fault}" for fault in faults_of(self.page)]

    def choose(self, name: str) -> None:
        """Choose an entry of the queue."""
        self.page.locator(".desk-list").get_by_role("link", name=name).first.click()
        expect(self.page.locator(".desk-item[aria-current]")).to_contain_text(name)

    def answer(self, name: str) -> None:
        """Give one of the answers at the foot."""
        self.page.locator(".desk-main .wbar").get_by_role("button", name=name).click()

    def told(self, words: str) -> None:
        """What was done is said, and the next entry stands there."""
        expect(self.page.locator("#toast").get_by_text(words)).to_be_visible()


@pytest.fixture
def work(cast: Cast, new_account: Callable[..., Account]) -> dict[str, Account]:
    """One piece of work of each kind."""
    put_in_force(start_ready_plan(timezone.localdate(), actor=cast.dora), cast.dora)
    first, second = (customer(name, "13801346021", actor=cast.dora) for name in (KEPT, MERGED))
    unscoped(Twin, reason=CONFLICTS).create(
        object_key="account",
        first_id=first.pk,
        second_id=second.pk,
        weight=6.0,
        reasons=[["same_phone", 8.0], ["same_name", 4.0]],
    )
    made = {
        "quarrel": new_account("静海物流", industry="物流", size="100–499"),
        "number": new_account("北川制药", industry="制药", size="100–499"),
        "gap": new_account("云杉包装", city="无锡"),
        "stale": new_account("锦穗贸易", city="杭州", industry="贸易", size="100–499"),
        "bounced": new_account("远山仪器", city="宁波", industry="仪器", size="100–499"),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_account SET created_at = now() - interval '5 years' WHERE id = %s", [made["stale"].pk]
        )
    quarrel(made["quarrel"], actor=cast.alice)
    quarrel_about_mobile(made["number"], actor=cast.alice)
    mail_of(made["bounced"], cast.dora)
    bounce(made["bounced"], actor=cast.dora)
    refresh_completeness(timezone.localdate(), actor=cast.dora)
    return made


@pytest.mark.parametrize("width", [1440, 360])
def test_a_steward_clears_the_desk(width: int, visit: Visit, work: dict[str, Account], cast: Cast) -> None:
    page = visit("/steward/", who="dora", width=width, refusals=True)
    day = Day(page, width)
    merge_and_separate(day)
    decide_between_sources(day, work["quarrel"])
    fill_the_gap(day, work["gap"])
    say_what_is_still_right(day, work["stale"])
    mend_the_address(day, work["bounced"], cast)
    page.get_by_role("link", name="Quality scoreboard").click()
    expect(page.locator("main h1")).to_contain_text("uality")
    day.look()
    assert day.found == []


def merge_and_separate(day: Day) -> None:
    """A pair is merged, taken back at once, merged again, and separated from the list of what was decided."""
    page = day.page
    day.look()
    expect(page.locator(".desk-main h2")).to_contain_text("Two records, one customer?")
    day.answer("Merge")
    day.told("Merged. It can be taken back for 30 days.")
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The two records are apart again.").first).to_be_visible()
    expect(page.locator(".desk-main h2")).to_contain_text("Two records, one customer?")
    day.answer("Merge")
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()
    day.open("Decided")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The two records are apart again.").first).to_be_visible()
    assert unscoped(Account, reason=CONFLICTS).filter(name__in=[KEPT, MERGED], trashed_at__isnull=True).count() == 2
    day.answer("Not the same")
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()


def decide_between_sources(day: Day, account: Account) -> None:
    """The value that somebody typed is taken against that of a program, by a key; a number is kept as it stands."""
    page = day.page
    day.open("Conflicts")
    expect(page.locator(".desk-main h2")).to_contain_text("Mobile")
    day.choose(account.name)
    expect(page.locator(".desk-choice.stands")).to_contain_text("昆山")
    page.keyboard.press("x")
    expect(page.locator(".desk-main h2")).to_contain_text("Mobile")
    assert city_of(account) == "苏州"
    day.answer("Keep what stands")
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()
    day.open("Decided")
    expect(page.locator("main table")).to_contain_text("not 昆山")


def fill_the_gap(day: Day, account: Account) -> None:
    """What is missing is typed; an answer without a value is refused and said beside the entry."""
    page = day.page
    day.open("Gaps")
    day.choose(account.name)
    day.answer("Save")
    expect(page.get_by_role("alert")).to_contain_text("Fill in a value")
    day.look()
    page.locator(".desk-main").get_by_label("Industry").fill("包装")
    day.answer("Save")
    day.told("Saved.")
    assert unscoped(Account, reason=CONFLICTS).values_list("industry", flat=True).get(pk=account.pk) == "包装"


def say_what_is_still_right(day: Day, account: Account) -> None:
    """What is stale is still right, and waits no more."""
    page = day.page
    day.open("Stale")
    day.choose(account.name)
    day.answer("Still right")
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()


def mend_the_address(day: Day, account: Account, cast: Cast) -> None:
    """An address that bounced is corrected; what is no address is refused and not lost."""
    page = day.page
    day.open("Bounced")
    day.choose(account.name)
    page.locator(".desk-control input").fill("no mail")
    day.answer("Correct")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".desk-control input")).to_have_value("no mail")
    day.look()
    page.locator(".desk-control input").fill("wang@firm.example")
    day.answer("Correct")
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()
    (point,) = contact_points([account.pk], cast.dora)[account.pk]
    assert (point.text, point.wrong_on) == ("wang@firm.example", None)
