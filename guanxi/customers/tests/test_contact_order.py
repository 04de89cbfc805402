"""The list of contacts in the order of their customers, for whom may read their names."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.customers.commands import add_contact, create_account
from guanxi.customers.models import Account, Contact
from guanxi.platform.access.protection import Protection
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import system_actor
from tests.api.conftest import Caller, code_of
from tests.api.conftest import calling as calling
from tests.cast import Cast, SignIn

HOMES = ("云杉包装", "岚川精密仪器", "安和物流")
BY_NAME = ["安", "岚", "云"]
LIST, CONTACTS = "/contacts/?sort=", "/api/v1/contacts"


@pytest.fixture
def people(cast: Cast, new_account: Callable[..., Account]) -> None:
    """A contact at each of three customers of Alice's, called as the customer begins; one at a customer of Dora's."""
    for name in HOMES:
        add_contact(Contact(account=new_account(name), family_name=name[0]), actor=cast.alice)
    foreign = create_account({"kind": "organisation", "name": "别家"}, actor=cast.dora)
    add_contact(Contact(account=foreign, family_name="别"), actor=cast.dora)


def listed(client: Any, address: str) -> list[str]:
    """The contacts of a list in its order."""
    page = client.get(address).content.decode()
    rows = page.partition("<tbody")[2].partition("</tbody>")[0]
    places = {name: rows.find(f">{name}<") for name in (*BY_NAME, "别")}
    return sorted((name for name, place in places.items() if place >= 0), key=places.__getitem__)


def test_contacts_stand_in_the_order_of_their_customers(people: None, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    assert listed(client, f"{LIST}account") == BY_NAME
    assert listed(client, f"{LIST}-account") == BY_NAME[::-1]
    assert listed(client, f"{LIST}decision_role,account") == BY_NAME
    assert "sort=account" in client.get("/contacts/").content.decode()
    assert listed(sign_in(cast.dora), f"{LIST}account") == ["安", "别", "岚", "云"]


def test_programs_sort_and_page_in_this_order_as_well(people: None, cast: Cast, calling: Callable[..., Caller]) -> None:
    caller = calling(cast.alice)
    first = caller.get(CONTACTS, sort="account", limit="2", fields="family_name").json()
    assert [row["family_name"] for row in first["items"]] == BY_NAME[:2]
    second = caller.get(CONTACTS, sort="account", limit="2", fields="family_name", cursor=first["next_cursor"]).json()
    assert [row["family_name"] for row in second["items"]] == BY_NAME[2:]


def test_who_may_not_read_the_names_cannot_sort_by_them(
    people: None, cast: Cast, sign_in: SignIn, calling: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    mask_names(monkeypatch)
    client = sign_in(cast.alice)
    assert listed(client, f"{LIST}account") == listed(client, f"{LIST}nothing")
    assert "sort=account" not in client.get("/contacts/").content.decode()
    assert code_of(calling(cast.alice).get(CONTACTS, sort="account")) == "list.sort"


def mask_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of customers are protected, and masked for staff."""
    known = Account.protection
    hushed = Protection(
        key=known.key,
        owner_field=known.owner_field,
        unit_field=known.unit_field,
        sensitivities={**known.sensitivities, "name": "reach"},
    )
    monkeypatch.setattr(Account, "protection", hushed)
    rows: dict[tuple[str, str], object] = {("account", action): "owner" for action in ("view", "edit")}
    fields = {("*", "reach"): int(FieldAccess.MASKED)}
    define_role("staff", name="Staff", rows=rows, fields=fields, actor=system_actor("Tests"))
