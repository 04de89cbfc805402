import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from guanxi.care.adapters.planning import cadence_overrides, hours_by_person
from guanxi.care.commands import change_setting, reset_cadence, set_account_cadence, set_cadence
from guanxi.care.models import AccountCadence, CareSetting
from guanxi.care.queries import next_contacts, people_to_plan_for
from guanxi.care.rules import Cadence, CadenceOverrides, WorkingDay, require_cadence, require_working_day
from guanxi.care.tests.conftest import REASON, TODAY, World
from guanxi.care.tests.test_commands import called
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor

HTMX = {"HX-Request": "true"}
DAY = {
    "contacts_per_day": "12",
    "minutes_per_day": "180",
    "works_from_hour": "8",
    "works_to_hour": "17",
    "quiet_from_hour": "12",
    "quiet_to_hour": "13",
}
Browse = Callable[[User], Client]


@pytest.fixture
def administration(world: World, browse: Browse) -> Client:
    """Bob, whose role lets him set the intervals of the grades."""
    rows = {("cadence_rule", action): "everyone" for action in ("view", "create", "edit")}
    define_role("manager", name="Manager", rows=rows, fields={}, actor=system_actor())
    return browse(world.bob)


@pytest.mark.parametrize(
    "day",
    [
        WorkingDay(contacts_per_day=0),
        WorkingDay(contacts_per_day=201),
        WorkingDay(minutes_per_day=0),
        WorkingDay(works_from_hour=18, works_to_hour=9),
        WorkingDay(works_to_hour=25),
        WorkingDay(quiet_from_hour=15, quiet_to_hour=14),
    ],
)
def test_a_working_day_that_cannot_be_is_refused(day: WorkingDay) -> None:
    with pytest.raises(RuleViolation):
        require_working_day(day)


def test_an_interval_is_in_order_and_within_two_years() -> None:
    require_cadence(Cadence(730, 730))
    for cadence in (Cadence(0, 5), Cadence(10, 9), Cadence(5, 731)):
        with pytest.raises(RuleViolation):
            require_cadence(cadence)


def test_everybody_sets_the_own_day_and_a_manager_that_of_the_unit(world: World, browse: Browse) -> None:
    client = browse(world.alice)
    assert "My working day" in client.get("/settings/").content.decode()
    assert client.post("/settings/working-day/", DAY)["Location"] == "/settings/working-day/"
    assert hours_by_person()[world.alice.pk].works == (8, 17)
    assert client.get(f"/settings/working-day/{world.bob.pk}/").status_code == 404
    assert client.post(f"/settings/working-day/{world.bob.pk}/", DAY).status_code == 404
    managing = browse(world.bob)
    assert (
        managing.post(f"/settings/working-day/{world.alice.pk}/", {**DAY, "contacts_per_day": "9"}).status_code == 303
    )
    assert hours_by_person()[world.alice.pk].contacts == 9
    assert browse(world.charlie).get(f"/settings/working-day/{world.alice.pk}/").status_code == 404
    assert [person.id for person in people_to_plan_for(world.actor(world.bob))] == [world.alice.pk, world.bob.pk]
    assert list(hours_by_person()) == [world.alice.pk]


def test_a_day_of_somebody_out_of_reach_is_not_written(world: World) -> None:
    with pytest.raises((AccessDenied, NotFound)):
        change_setting(world.bob.pk, values={"contacts_per_day": 1}, actor=world.actor(world.alice))
    assert unscoped(CareSetting, reason=REASON).count() == 0


def test_hours_in_the_wrong_order_come_back_with_a_sentence(world: World, browse: Browse) -> None:
    answer = browse(world.alice).post("/settings/working-day/", {**DAY, "works_to_hour": "7"})
    assert answer.status_code == 422
    assert "The working hours must end after they begin." in answer.content.decode()
    assert unscoped(CareSetting, reason=REASON).count() == 0


@pytest.mark.django_db
def test_the_interval_of_a_grade_is_set_and_set_back() -> None:
    actor = system_actor()
    set_cadence("A", cadence=Cadence(10, 20), actor=actor)
    set_cadence("A", cadence=Cadence(11, 21), actor=actor)
    assert cadence_overrides().grades == {"A": Cadence(11, 21)}
    reset_cadence("A", actor=actor)
    reset_cadence("A", actor=actor)
    assert cadence_overrides() == CadenceOverrides()
    set_cadence("A", cadence=Cadence(12, 22), actor=actor)
    assert cadence_overrides().grades == {"A": Cadence(12, 22)}


def test_grades_are_for_those_who_may(world: World, browse: Browse) -> None:
    assert browse(world.bob).get("/settings/cadence/").status_code == 403
    with pytest.raises(AccessDenied):
        set_cadence("A", cadence=Cadence(10, 20), actor=world.actor(world.bob))
    assert cadence_overrides().grades == {}


@pytest.mark.usefixtures("today")
def test_the_interval_of_a_customer_is_set_on_the_card_and_moves_the_next_contact(world: World, browse: Browse) -> None:
    account = world.customer("周砚秋")
    called(account, 5)
    client, address = browse(world.alice), f"/accounts/{account.pk}/cadence/"
    assert 'id="cadence"' in client.get(f"/accounts/{account.pk}/").content.decode()
    assert "by class, grade and rhythm" in client.get(address, headers=HTMX).content.decode().lower()
    refused = client.post(address, {"ideal_days": "50", "maximum_days": "40"}, headers=HTMX)
    assert (refused.status_code, unscoped(AccountCadence, reason=REASON).count()) == (422, 0)
    saved = client.post(address, {"ideal_days": "50", "maximum_days": "70"}, headers=HTMX)
    assert '"facts"' in saved["HX-Trigger"]
    assert "Wanted every 50 days, at the latest after 70" in saved.content.decode()
    alice = world.actor(world.alice)
    assert next_contacts(alice, [account.pk], today=TODAY)[account.pk].due_on == date(2027, 1, 7)
    assert client.post(address, {"reset": "1"})["Location"] == f"/accounts/{account.pk}/"
    assert next_contacts(alice, [account.pk], today=TODAY)[account.pk].due_on == date(2026, 12, 9)


@pytest.mark.usefixtures("today")
def test_a_customer_out_of_reach_keeps_its_interval(world: World, browse: Browse) -> None:
    account = world.customer("周砚秋")
    address = f"/accounts/{account.pk}/cadence/"
    assert browse(world.charlie).get(address).status_code == 404
    with pytest.raises(NotFound):
        set_account_cadence(account.pk, cadence=Cadence(5, 6), actor=world.actor(world.charlie))
    assert unscoped(AccountCadence, reason=REASON).count() == 0


@pytest.mark.usefixtures("today")
def test_the_card_follows_a_logged_contact_before_any_job_has_run(world: World, browse: Browse) -> None:
    account = world.customer("周砚秋")
    called(account, 47)
    client, card = browse(world.alice), f"/accounts/{account.pk}/"
    assert "26 days late" in client.get(card).content.decode()
    logged = client.post(f"{card}log/", {"sub_kind": "call"}, headers=HTMX)
    assert '"facts"' in logged["HX-Trigger"]
    page = client.get(card).content.decode()
    assert "26 days late" not in page
    assert "in 21 days" in page.lower()


def version_in(page: str) -> list[str]:
    """The versions that the forms of a page carry, in their order."""
    return re.findall(r'name="version" value="(\d+)"', page)


def test_two_people_do_not_overwrite_a_working_day_unseen(world: World, browse: Browse) -> None:
    address = f"/settings/working-day/{world.alice.pk}/"
    assert version_in(browse(world.bob).get(address).content.decode()) == ["0"]
    assert browse(world.alice).post("/settings/working-day/", {**DAY, "version": "0"}).status_code == 303
    unseen = {**DAY, "contacts_per_day": "9", "version": "0"}
    told = browse(world.bob).post(address, unseen)
    assert told.status_code == 422
    page = told.content.decode()
    assert "Somebody changed this record while you edited." in page
    assert (version_in(page), 'value="9"' in page) == (["1"], True)
    assert hours_by_person()[world.alice.pk].contacts == 12
    assert browse(world.bob).post(address, {**unseen, "version": "1"}).status_code == 303
    assert hours_by_person()[world.alice.pk].contacts == 9


def test_two_people_do_not_overwrite_the_interval_of_a_grade_unseen(administration: Client) -> None:
    client, address, days = administration, "/settings/cadence/A/", {"ideal_days": "10", "maximum_days": "20"}
    assert version_in(client.get("/settings/cadence/").content.decode()) == ["0"] * 5
    assert client.post(address, {**days, "version": "0"}).status_code == 303
    for unseen in ({"ideal_days": "11", "maximum_days": "21"}, {**days, "reset": "1"}):
        told = client.post(address, {**unseen, "version": "0"})
        page = told.content.decode()
        assert (told.status_code, version_in(page)) == (422, ["0", "1", "0", "0", "0"])
        assert "Somebody changed this record while you edited." in page
        assert f'value="{unseen["ideal_days"]}"' in page
        assert cadence_overrides().grades == {"A": Cadence(10, 20)}
    assert client.post(address, {**days, "reset": "1", "version": "1"}).status_code == 303
    assert client.post(address, {**days, "version": "1"}).status_code == 422
    assert cadence_overrides().grades == {}
    assert client.post(address, {**days, "version": "2"}).status_code == 303


@pytest.mark.usefixtures("today")
def test_two_people_do_not_overwrite_the_interval_of_a_customer_unseen(world: World, browse: Browse) -> None:
    account = world.customer("周砚秋")
    address = f"/accounts/{account.pk}/cadence/"
    days = {"ideal_days": "50", "maximum_days": "70", "version": "0"}
    assert version_in(browse(world.bob).get(address).content.decode()) == ["0"]
    assert browse(world.alice).post(address, days, headers=HTMX).status_code == 200
    for unseen in (days, {**days, "reset": "1"}):
        told = browse(world.bob).post(address, unseen, headers=HTMX)
        assert (told.status_code, version_in(told.content.decode())) == (422, ["1"])
    wrong = browse(world.bob).post(address, {**days, "maximum_days": "1"}, headers=HTMX)
    assert (wrong.status_code, version_in(wrong.content.decode())) == (422, ["0"])
    assert cadence_overrides().accounts == {account.pk: Cadence(50, 70)}
    assert browse(world.bob).post(address, {**days, "reset": "1", "version": "1"}, headers=HTMX).status_code == 200
    assert cadence_overrides().accounts == {}
