"""Pages about rights: who opens them, what they say, what they refuse; limits and the watch."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from guanxi.customers.commands import add_contact_point, edit_account
from guanxi.customers.models import Account, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.platform.access.limits import Limit, ReadKind, count_reads, set_role_limits
from guanxi.platform.access.models import PolicyChange, ReadCount, Share
from guanxi.platform.accounts.commands import create_unit, define_role
from guanxi.platform.accounts.models import OrgUnit, SignInTry, UnitKind
from guanxi.platform.accounts.queries import actor_by_user_id, own_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.people.tests.conftest import Enter
from guanxi.platform.people.tests.conftest import enter as enter
from guanxi.platform.people.tests.conftest import no_failed_tries as no_failed_tries
from tests.cast import Cast

MakeAccount = Callable[..., Account]
TAX_ID = "91320594MA1XK7QW5P"
HTMX = {"HX-Request": "true"}


def share(client: Client, account: Account, **terms: str) -> Any:
    return client.post(f"/objects/account/{account.pk}/sharing/", {"how": "view", "ends_on": "", **terms})


def limit(role: str, kind: ReadKind, bounds: Limit) -> None:
    set_role_limits(role, {kind: bounds})
    PolicyChange.objects.create()


def test_a_record_is_shared_ended_and_shared_again_on_its_page(
    cast: Cast, enter: Enter, new_account: MakeAccount
) -> None:
    account, alice = new_account(), enter("alice")
    assert share(alice, account, whom=f"person.{cast.charlie.user_id}").status_code == 303
    found = Share.objects.get()
    page = f"/objects/account/{account.pk}/sharing/"
    assert "Test Charlie" in alice.get(page).content.decode()
    ended = alice.post(f"{page}{found.pk}/end/", headers=HTMX)
    assert (ended.status_code, Share.objects.count()) == (200, 0)
    again = f"{page}again/?whom=person.{cast.charlie.user_id}&how=view&until="
    assert again in ended.headers["HX-Trigger"]
    assert alice.post(again, headers=HTMX).status_code == 204
    assert Share.objects.get().user_id == cast.charlie.user_id


def test_who_sees_nothing_finds_no_page_of_sharing(cast: Cast, enter: Enter, new_account: MakeAccount) -> None:
    account, charlie = new_account(), enter("charlie")
    page = f"/objects/account/{account.pk}/sharing/"
    assert charlie.get(page).status_code == 404
    assert share(charlie, account, whom=f"person.{cast.charlie.user_id}").status_code == 404
    assert enter("alice").get("/objects/contact/1/sharing/").status_code == 404
    share(enter("alice"), account, whom=f"person.{cast.bob.user_id}")
    assert charlie.post(f"{page}{Share.objects.get().pk}/end/").status_code == 404
    assert charlie.post(f"{page}again/?whom=person.{cast.charlie.user_id}&how=edit").status_code == 404
    assert Share.objects.count() == 1


def test_who_only_sees_a_record_may_not_share_it(cast: Cast, enter: Enter, new_account: MakeAccount) -> None:
    account = new_account()
    define_role("manager", name="M", rows={("account", "view"): "everyone"}, fields={}, actor=cast.dora)
    charlie = enter("charlie")
    assert charlie.get(f"/objects/account/{account.pk}/sharing/").status_code == 200
    assert share(charlie, account, whom=f"person.{cast.charlie.user_id}").status_code == 403
    assert not Share.objects.exists()


def test_departments_are_made_moved_and_renamed(cast: Cast, enter: Enter) -> None:
    dora, east = enter("dora"), OrgUnit.objects.get(name="East")
    sent = {"name": "Harbour", "kind": "region", "parent_id": east.pk}
    assert dora.post("/settings/units/new/", sent).status_code == 303
    made = OrgUnit.objects.get(name="Harbour")
    west = OrgUnit.objects.get(name="West")
    assert made.path == [*east.path, made.pk]
    assert (
        dora.post(f"/settings/units/{east.pk}/", {"name": "Orient", "kind": "branch", "parent_id": west.pk}).status_code
        == 303
    )
    east.refresh_from_db()
    made.refresh_from_db()
    assert (east.name, made.path) == ("Orient", [*west.path, east.pk, made.pk])
    circle = {"name": "West", "kind": "branch", "parent_id": made.pk}
    assert dora.post(f"/settings/units/{west.pk}/", circle).status_code == 422
    assert OrgUnit.objects.get(pk=west.pk).path == west.path
    assert "Harbour" in dora.get("/settings/units/").content.decode()
    assert "Test Bob" in dora.get(f"/settings/people/?unit={east.pk}").content.decode()


def test_who_administers_a_part_changes_that_part_alone(cast: Cast, enter: Enter) -> None:
    rows = {("user", "administer"): "unit_and_below", ("user", "view"): "unit_and_below"}
    define_role("manager", name="Manager", rows=rows, fields={}, actor=system_actor())
    bob, east, west = enter("bob"), OrgUnit.objects.get(name="East"), OrgUnit.objects.get(name="West")
    listed = bob.get("/settings/units/").content.decode()
    assert ("East" in listed, "West" in listed) == (True, False)
    assert bob.get(f"/settings/units/{west.pk}/").status_code == 404
    for below in (west.pk, ""):
        sent = {"name": "Mine", "kind": "region", "parent_id": below}
        assert bob.post("/settings/units/new/", sent).status_code == 422
    region = OrgUnit.objects.get(name="Region")
    moved = {"name": "Region", "kind": "region", "parent_id": west.pk}
    assert bob.post(f"/settings/units/{region.pk}/", moved).status_code == 422
    assert OrgUnit.objects.get(pk=region.pk).parent_id == east.pk
    assert bob.get("/settings/security/").status_code == 403
    assert not OrgUnit.objects.filter(name="Mine").exists()


def test_the_reasons_name_each_rule_and_what_is_hidden(cast: Cast, enter: Enter, new_account: MakeAccount) -> None:
    account = new_account()
    edit_account(account.pk, {"tax_id": TAX_ID}, actor=cast.dora)
    dora = enter("dora")
    page = dora.get(f"/settings/people/{cast.charlie.user_id}/rights/?object=account&record={account.pk}")
    text = page.content.decode()
    assert ("Cannot see it" in text, "Own department and below" in text, TAX_ID in text) == (True, True, False)
    bob = dora.get(f"/settings/people/{cast.bob.user_id}/rights/?object=account&record={account.pk}").content.decode()
    assert ("Can see it, some fields are protected" in bob, TAX_ID in bob) == (True, False)
    assert dora.get(f"/settings/people/{cast.bob.user_id}/rights/?q=岚川").status_code == 200


def test_who_administers_nobody_is_explained_nothing(cast: Cast, enter: Enter, new_account: MakeAccount) -> None:
    account = new_account()
    for name in ("alice", "charlie"):
        client = enter(name)
        assert client.get(f"/settings/people/{cast.bob.user_id}/rights/?record={account.pk}").status_code == 403
        assert client.get("/settings/reads/").status_code == 403
        assert client.get("/settings/security/").status_code == 403
        assert client.get("/settings/units/").status_code == 403


def test_reveals_stop_at_the_limit_and_nothing_is_noted_beyond(
    cast: Cast, enter: Enter, new_account: MakeAccount
) -> None:
    point = ContactPoint(account=new_account(), type="mobile", value="13800136021")
    add_contact_point(point, actor=cast.alice)
    limit("staff", ReadKind.REVEAL, Limit(warn_at=1, most=2))
    alice, address = enter("alice"), f"/contact-points/{point.pk}/reveal/"
    assert [alice.post(address).status_code for _ in range(3)] == [200, 200, 403]
    refused = alice.post(address).content.decode()
    assert "the limit of your role is 2" in refused
    assert "021" not in refused
    assert AuditEntry.objects.filter(action="reveal").count() == 2
    assert ReadCount.objects.get(kind="reveal").count == 2
    watch = enter("dora").get("/settings/security/").content.decode()
    assert "Values revealed: 2, the limit is reached" in watch
    assert "Test Alice" in enter("dora").get("/settings/reads/?deed=reveal").content.decode()


def test_an_export_beyond_the_limit_gives_no_row(cast: Cast, enter: Enter, new_account: MakeAccount) -> None:
    for number in range(3):
        new_account(f"Number {number}")
    rows: dict[tuple[str, str], Any] = {("account", action): "owner" for action in ("view", "export")}
    define_role("staff", name="Staff", rows=rows, fields={}, actor=system_actor())
    limit("staff", ReadKind.EXPORT, Limit(most=4))
    alice = enter("alice")
    assert alice.get("/objects/account/export/").status_code == 200
    refused = alice.get("/objects/account/export/")
    assert (refused.status_code, b"Number 0" in refused.content) == (403, False)
    assert ReadCount.objects.get(kind="export").count == 3
    assert AuditEntry.objects.filter(action="export").count() == 1


def test_opened_cards_are_counted_and_refused_beyond_the_limit(
    cast: Cast, enter: Enter, new_account: MakeAccount
) -> None:
    account = new_account()
    limit("staff", ReadKind.VIEW, Limit(most=1))
    alice = enter("alice")
    assert [alice.get(f"/accounts/{account.pk}/").status_code for _ in range(2)] == [200, 403]
    assert ReadCount.objects.get(kind="view").count == 1
    assert enter("dora").get(f"/accounts/{account.pk}/").status_code == 200


def test_several_roles_give_the_widest_limit_and_the_system_reads_uncounted(cast: Cast) -> None:
    limit("staff", ReadKind.VIEW, Limit(most=1))
    alice = actor_by_user_id(own_id(cast.alice))
    both = Actor(alice.user_id, "Both", alice.surface, roles=("manager", "staff"), policy_version=alice.policy_version)
    assert [count_reads(both, ReadKind.VIEW) for _ in range(3)] == [1, 2, 3]
    count_reads(system_actor(), ReadKind.VIEW, amount=9)
    assert list(ReadCount.objects.values_list("user_id", "count")) == [(alice.user_id, 3)]


def test_the_watch_tells_of_tries_and_unusual_reads(cast: Cast, enter: Enter) -> None:
    for _ in range(5):
        Client().post("/sign-in/login/", {"login": "bob@example.com", "password": "wrong"})
    Client().post("/sign-in/login/", {"login": "nobody@example.com", "password": "wrong"})
    count_reads(cast.charlie, ReadKind.VIEW, amount=50)
    text = enter("dora").get("/settings/security/").content.decode()
    assert "on a median day of this person 0" in text
    assert ("Test Bob" in text, "locked" in text) == (True, True)
    assert "nobody@example.com" not in text
    assert SignInTry.objects.filter(is_success=False).count() == 6
    assert SignInTry.objects.filter(is_success=True, user_id=own_id(cast.dora)).exists()


def test_units_of_one_place_have_different_names(cast: Cast) -> None:
    east = OrgUnit.objects.get(name="East")
    with pytest.raises(Exception, match=r"unit\.name_taken|same place"):
        create_unit("Region", kind=UnitKind.REGION, parent=east, actor=system_actor())
    assert OrgUnit.objects.filter(name="Region").count() == 1
