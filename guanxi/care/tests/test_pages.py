import json
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.care.choices import RowState
from guanxi.care.commands import change_setting, plan_day
from guanxi.care.models import QueueRow
from guanxi.care.tests.conftest import REASON, TODAY, World
from guanxi.care.tests.test_commands import called, planned, rows
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor

HTMX = {"HX-Request": "true", "HX-Target": "today"}
PAGE_QUERIES = 9
"""Session, user, rows, counts, capacity, accounts, values, contacts, one telephone number, the figure of the frame."""
Browse = Callable[[User], Client]
pytestmark = pytest.mark.usefixtures("today")


def test_the_page_shows_the_ranked_rows_with_the_first_one_open(world: World, browse: Browse) -> None:
    for place in range(3):
        called(world.customer(f"周秋{place}", margin=100_000 - place), 47)
    planned(world)
    page = browse(world.alice).get("/").content.decode()
    assert page.index("周秋0") < page.index("周秋1") < page.index("周秋2")
    assert "47 days; wanted every 21, limit 30" in page
    assert page.count("q-more") == 1
    assert "tel:13812346021" in page
    assert "0 of 24 done" in page
    assert "Monday 23 November" in page


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(world: World, browse: Browse) -> None:
    counts = []
    client = browse(world.alice)
    for size in (2, 12):
        for place in range(size):
            called(world.customer(f"周{size}秋{place}"), 47)
        planned(world)
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        counts.append(len(captured))
    assert counts == [PAGE_QUERIES, PAGE_QUERIES]


def test_acts_work_without_a_script_and_with_htmx(world: World, browse: Browse) -> None:
    for place in range(3):
        called(world.customer(f"周秋{place}"), 47)
    first, second, third = planned(world)
    client = browse(world.alice)
    answer = client.post(f"/today/rows/{first.pk}/done/")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    answer = client.post(f"/today/rows/{second.pk}/later/", headers=HTMX)
    assert 'id="today"' in answer.content.decode()
    toast = json.loads(answer["HX-Trigger"])["toast"]
    assert toast["message"].endswith("comes back tomorrow")
    assert client.get(f"/today/rows/{third.pk}/?why=1")["Location"] == f"/?row={third.pk}&why=1"
    assert "Why was it not useful?" in client.get(f"/?row={third.pk}&why=1").content.decode()
    client.post(f"/today/rows/{third.pk}/not-useful/", {"answer": "wrong_reason"}, headers=HTMX)
    assert [row.state for row in rows()] == [RowState.DONE, RowState.SNOOZED, RowState.NOT_USEFUL]
    assert "The one customer of today is done" in client.get("/").content.decode()
    undone = client.post(toast["undo"], headers={"HX-Request": "true"})
    assert (undone.status_code, "queue" in json.loads(undone["HX-Trigger"])) == (204, True)
    assert rows(pk=second.pk)[0].state == RowState.OPEN


def test_a_customer_is_put_off_until_a_day_of_choice(world: World, browse: Browse) -> None:
    for place in range(2):
        called(world.customer(f"周秋{place}"), 47)
    first, second = planned(world)
    client = browse(world.alice)
    assert client.get(f"/today/rows/{second.pk}/?later=1")["Location"] == f"/?row={second.pk}&later=1"
    page = client.get(f"/?row={second.pk}&later=1").content.decode()
    assert f'id="later-menu-{second.pk}" open' in page
    for day, label in (
        ("11-24", "Tomorrow"),
        ("11-26", "In 3 days"),
        ("11-30", "Next Monday"),
        ("12-07", "In 2 weeks"),
    ):
        assert f'value="2026-{day}"' in page
        assert label in page
    answer = client.post(f"/today/rows/{first.pk}/later/", {"until": "2026-11-30"}, headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["toast"]["message"].endswith("comes back in 7 days")
    for refused in ("2026-11-23", "2027-02-22", "soon"):
        assert client.post(f"/today/rows/{second.pk}/later/", {"until": refused}).status_code == 422
    assert [(row.state, row.snoozed_until) for row in rows()] == [
        (RowState.SNOOZED, date(2026, 11, 30)),
        (RowState.OPEN, None),
    ]


def test_closed_rows_act_through_one_form_and_show_no_markup_of_a_name(world: World, browse: Browse) -> None:
    for place in range(3):
        called(world.customer(f"<b>秋{place}"), 47)
    first, second, _third = planned(world)
    page = browse(world.alice).get("/").content.decode()
    assert page.count("csrfmiddlewaretoken") == 4
    assert page.count('<form id="queue-act"') == 1
    assert page.count('form="queue-act"') == 4
    assert page.count('name="until"') == 5
    assert f'id="open-{first.pk}"' in page
    assert f'formaction="/today/rows/{second.pk}/later/"' in page
    assert "<b>秋" not in page
    assert "&lt;b&gt;秋" in page


def test_a_row_that_opens_brings_its_preview(world: World, browse: Browse) -> None:
    called(world.customer("周砚秋"), 47)
    (row,) = planned(world)
    client = browse(world.alice)
    part = client.get(f"/today/rows/{row.pk}/", headers=HTMX).content.decode()
    assert f'hx-get="/accounts/{row.account_id}/preview/"' in part
    assert 'hx-trigger="load, focus delay:120ms"' in part
    assert 'hx-trigger="load, focus' not in client.get("/").content.decode()


def test_an_open_row_shows_another_wording(world: World, browse: Browse) -> None:
    called(world.customer("周砚秋"), 47)
    (row,) = planned(world)
    client = browse(world.alice)
    texts = {client.get(f"/today/rows/{row.pk}/?variant={number}", headers=HTMX).content for number in (1, 2, 3)}
    assert len(texts) == 3
    assert client.get(f"/today/rows/{row.pk}/", headers=HTMX).content.decode().strip().startswith("<li")


def test_what_does_not_fit_is_shown_with_its_reason(world: World, browse: Browse) -> None:
    for place in range(3):
        called(world.customer(f"周秋{place}"), 47)
    change_setting(world.alice.pk, values={"contacts_per_day": 1}, actor=system_actor())
    plan_day(TODAY, actor=system_actor())
    client = browse(world.alice)
    assert "2 later" in client.get("/").content.decode()
    assert client.get("/today/held/later/").content.decode().count("The day is full") == 2
    assert client.get("/today/held/open/").status_code == 404
    assert client.post("/today/more/").status_code == 303
    assert unscoped(QueueRow, reason=REASON).filter(state=RowState.OPEN).count() == 3


def test_nobody_sees_or_touches_the_rows_of_customers_out_of_reach(world: World, browse: Browse) -> None:
    called(world.customer("周砚秋"), 47)
    (row,) = planned(world)
    client = browse(world.charlie)
    assert "周砚秋" not in client.get("/").content.decode()
    assert client.get(f"/today/rows/{row.pk}/", headers=HTMX).status_code == 404
    assert client.post(f"/today/rows/{row.pk}/done/").status_code == 404
    assert rows(pk=row.pk)[0].state == RowState.OPEN
    assert browse(world.bob).get(f"/today/rows/{row.pk}/", headers=HTMX).status_code == 200


@pytest.mark.django_db
def test_without_a_sign_in_the_page_asks_for_one(client: Client) -> None:
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("nonsense", ["", "0", "-1", "99999999999", "9" * 40, "²", "\x00", "2026-13-01", "9999-12-31"])
def test_nonsense_is_refused_or_ignored_and_decides_nothing(nonsense: str, world: World, browse: Browse) -> None:
    called(world.customer("周砚秋"), 47)
    (row,) = planned(world)
    client, address = browse(world.alice), f"/today/rows/{row.pk}/"
    for name in ("variant", "place", "why", "later"):
        assert client.get(address, {name: nonsense}, headers=HTMX).status_code == 200
    for name in ("row", "reason"):
        assert client.get("/", {name: nonsense}).status_code == 200
    assert client.get("/today/held/x/", {"state": nonsense}).status_code == 404
    for act, name in (("done", "channel"), ("later", "until"), ("not-useful", "answer")):
        if nonsense or act == "not-useful":
            assert client.post(f"{address}{act}/", {name: nonsense}, headers=HTMX).status_code == 422, act
    assert client.post(f"{address}done/", {"note": "a\x00b"}, headers=HTMX).status_code == 422
    for days in ({"ideal_days": nonsense, "maximum_days": nonsense}, {}):
        typed = client.post(f"/accounts/{row.account_id}/cadence/", {**days, "version": nonsense}, headers=HTMX)
        assert typed.status_code == 422
        assert client.post("/settings/working-day/", {**days, "version": nonsense}).status_code == 422
    assert [item.state for item in rows()] == [RowState.OPEN]


def test_a_page_that_was_open_while_the_day_was_planned_anew_still_acts(world: World, browse: Browse) -> None:
    called(world.customer("周砚秋"), 47)
    (row,) = planned(world)
    plan_day(TODAY, actor=system_actor())
    answer = browse(world.alice).post(f"/today/rows/{row.pk}/done/", headers=HTMX)
    assert (answer.status_code, rows()[0].state) == (200, RowState.DONE)
