"""Roles on their pages: what is saved holds at once; nobody gains by their own hand, nobody locks the house."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.limits import Limit, ReadKind, limit_of
from guanxi.platform.access.models import RoleRule
from guanxi.platform.access.policy import current_policy_version
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.commands import (
    Place,
    RoleTerms,
    add_role,
    deactivate_person,
    define_role,
    edit_role,
    place_person,
    retire_role,
)
from guanxi.platform.accounts.models import Role
from guanxi.platform.accounts.queries import actor_by_user_id, own_id, system_actor
from guanxi.platform.accounts.role_queries import terms_of
from guanxi.platform.people.role_sheet import ALL, role_sheet
from guanxi.platform.people.tests.conftest import Enter
from guanxi.platform.people.tests.conftest import enter as enter
from guanxi.platform.people.tests.conftest import no_failed_tries as no_failed_tries
from tests.cast import Cast

ROLES = "/settings/roles/"


def role_of(key: str) -> Role:
    return Role.objects.get(key=key)


def sheet_of(client: Client, role: Role) -> dict[str, str]:
    """What the page of a role would send back as it is."""
    text = client.get(f"{ROLES}{role.pk}/").content.decode()
    sent = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', text))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        sent[name] = re.findall(r'value="([^"]*)" selected', options)[0] if "selected" in options else ""
    return {name: value for name, value in sent.items() if name not in {"object", "action", "csrfmiddlewaretoken"}}


def save(client: Client, role: Role, **cells: Any) -> int:
    changed = {name.replace("__", "."): value for name, value in cells.items()}
    return client.post(f"{ROLES}{role.pk}/", sheet_of(client, role) | changed).status_code


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_who_administers_roles_opens_their_pages(who: str, cast: Cast, enter: Enter) -> None:
    client, role = enter(who), role_of("staff")
    before = list(RoleRule.objects.values_list("role_key", "object_key", "action", "rule"))
    for path in ("", "new/", f"{role.pk}/", f"{role.pk}/rule/?object=account&action=view"):
        assert client.get(ROLES + path).status_code == 403
    for path in (f"{role.pk}/", f"{role.pk}/retire/", "new/"):
        assert client.post(ROLES + path, {"name": "x", "row.account.view": "everyone"}).status_code == 403
    assert list(RoleRule.objects.values_list("role_key", "object_key", "action", "rule")) == before


def test_the_sheet_sent_back_as_it_is_changes_nothing(cast: Cast, enter: Enter) -> None:
    client = enter("dora")
    for key in ("staff", "manager", "administrator"):
        before = terms_of(role_of(key))
        assert save(client, role_of(key)) == 303
        after = terms_of(role_of(key))
        role = before.policy(), after.policy()
        for name in ("account", "care_setting", "product", "user"):
            assert [role[0].row_rule(name, action) for action in Action] == [
                role[1].row_rule(name, action) for action in Action
            ]
        assert role[0].field_access("account", "identity") == role[1].field_access("account", "identity")


def test_a_cell_says_what_it_is_and_marks_quietly_what_others_decide() -> None:
    terms = RoleTerms("经理", "Manager", {("account", "view"): "unit", (ALL, "view"): "everyone"}, {}, {})
    lines = {line.key: line for line in role_sheet(terms).rows}
    own, other, rest = (lines[key].cells[0] for key in ("account", "product", ALL))
    assert own is not None and other is not None and rest is not None  # noqa: PT018  # for the types alone
    assert (own.mark, own.chosen, own.tone) == ("Own department", "Own department", "")
    assert (other.mark, other.chosen, other.tone) == ("·", "as others", "inherited")
    assert (rest.mark, rest.tone) == ("All", "")


def test_a_saved_cell_holds_with_the_next_request(cast: Cast, enter: Enter) -> None:
    assert not may(cast.alice, Account, Action.EXPORT)
    cells = {"row__account__export": "owner_shared", "field__account__identity": "0", "most__view": "5"}
    assert save(enter("dora"), role_of("staff"), **cells) == 303
    alice = actor_by_user_id(own_id(cast.alice))
    assert may(alice, Account, Action.EXPORT)
    assert grant(alice, Account).field_access("tax_id") == FieldAccess.HIDDEN
    assert limit_of(alice, ReadKind.VIEW) == Limit(most=5)


def test_a_rule_is_composed_of_persons_and_values(cast: Cast, enter: Enter) -> None:
    role = role_of("staff")
    page = f"{ROLES}{role.pk}/rule/?object=account&action=view"
    client = enter("dora")
    sent = {"who": ["unit"], "how": "all", "field_0": "region", "values_0": "East, South"}
    assert client.post(page, sent | {"policy": current_policy_version()}).status_code == 303
    rule = {"all_of": ["unit", {"field_in": {"field": "region", "values": ["East", "South"]}}]}
    assert terms_of(role).rows["account", "view"] == rule
    assert save(client, role) == 303
    assert terms_of(role).rows["account", "view"] == rule
    refused = {"field_0": "kind", "values_0": "a kind that there is not", "how": "any"}
    assert client.post(page, refused | {"policy": current_policy_version()}).status_code == 422
    assert terms_of(role).rows["account", "view"] == rule


@pytest.mark.parametrize("name", ["row__account__view", "field__account__identity", "most__view"])
def test_what_no_sheet_offers_is_refused(name: str, cast: Cast, enter: Enter) -> None:
    before = terms_of(role_of("staff"))
    assert save(enter("dora"), role_of("staff"), **{name: "root"}) == 422
    assert terms_of(role_of("staff")) == before


def test_a_sheet_that_somebody_overtook_is_refused(cast: Cast, enter: Enter) -> None:
    client, role = enter("dora"), role_of("staff")
    sent = sheet_of(client, role)
    define_role("other", name="Other", rows={}, fields={}, actor=system_actor())
    assert client.post(f"{ROLES}{role.pk}/", sent | {"row.account.export": "everyone"}).status_code == 422
    assert ("account", "export") not in terms_of(role).rows


def test_a_role_is_copied_with_its_rights_and_retired_when_nobody_has_it(cast: Cast, enter: Enter) -> None:
    client, staff = enter("dora"), role_of("staff")
    made = client.post(f"{ROLES}new/?copy={staff.pk}", {"name": "员工二", "name_en": "Staff two"})
    copy = Role.objects.get(name="员工二")
    assert made.headers["Location"] == f"{ROLES}{copy.pk}/"
    assert terms_of(copy).rows == terms_of(staff).rows
    assert client.post(f"{ROLES}{copy.pk}/retire/").status_code == 303
    assert f'value="{copy.key}"' not in client.get("/settings/people/invite/").content.decode()
    with pytest.raises(RuleViolation):
        retire_role(staff.pk, actor=cast.dora)
    with pytest.raises(Conflict):
        add_role(terms_of(staff), actor=cast.dora)


def test_the_last_administrator_stays(cast: Cast) -> None:
    role = role_of("administrator")
    terms = terms_of(role)
    nobody = replace(terms, rows={**terms.rows, ("role", "administer"): "nobody"})
    with pytest.raises(RuleViolation):
        edit_role(role.pk, terms=nobody, version=current_policy_version(), actor=cast.dora)
    assert may(actor_by_user_id(own_id(cast.dora)), Role, Action.ADMINISTER)
    system = system_actor()
    with pytest.raises(RuleViolation):
        deactivate_person(own_id(cast.dora), actor=system)
    with pytest.raises(RuleViolation):
        place_person(own_id(cast.dora), place=Place("", None, ("staff",)), actor=system)
    assert may(actor_by_user_id(own_id(cast.dora)), Role, Action.ADMINISTER)


def test_nobody_gains_by_the_own_hand(cast: Cast) -> None:
    rows: dict[tuple[str, str], Any] = {("role", "administer"): "everyone", ("account", "view"): "owner"}
    define_role("staff", name="Staff", rows=rows, fields={}, actor=system_actor())
    alice, role = actor_by_user_id(own_id(cast.alice)), role_of("staff")
    terms = terms_of(role)
    wider = [
        replace(terms, rows={**rows, ("account", "view"): "everyone"}),
        replace(terms, rows={**rows, ("*", "export"): "owner"}),
        replace(terms, fields={("*", "identity"): int(FieldAccess.READ)}),
    ]
    for gain in wider:
        with pytest.raises(AccessDenied):
            edit_role(role.pk, terms=gain, version=current_policy_version(), actor=alice)
    assert terms_of(role) == terms
    fewer = replace(terms, rows={("role", "administer"): "everyone"})
    edit_role(role.pk, terms=fewer, version=current_policy_version(), actor=alice)
    assert not may(actor_by_user_id(own_id(cast.alice)), Account, Action.VIEW)
