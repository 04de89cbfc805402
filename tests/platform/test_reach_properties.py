"""Over random org trees, roles, rules, shares and records: every way of asking gives the same answer.

The rule is worked out by hand in `reached`; the grant's rows, the record at hand, what follows the record, the list,
the search, the card, the export and the API must all agree with it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as extent
from hypothesis import strategies as st

from guanxi.customers.commands import create_account
from guanxi.customers.models import Account, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may, may_act_on, unscoped
from guanxi.platform.access.models import Share
from guanxi.platform.access.rules import Action, parse_rule, rule_data
from guanxi.platform.accounts.commands import NewUser, create_token, create_unit, create_user, define_role, move_unit
from guanxi.platform.accounts.models import OrgUnit, UnitKind, User
from guanxi.platform.accounts.queries import actor_by_user_id, own_id, system_actor
from tests.cast import Cast, signed_in

REGIONS = ("East", "South")
WORDS = ("everyone", "nobody", "owner", "unit", "unit_and_below", "shared", "team")
REASON = "demo: the demo company is made by the system"
leaves = st.one_of(
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(REGIONS), min_size=1, max_size=2, unique=True).map(
        lambda values: {"field_in": {"field": "region", "values": values}}
    ),
)
rules = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda word, parts: {word: parts},
        st.sampled_from(["any_of", "all_of"]),
        st.lists(inner, min_size=0, max_size=3),
    ),
    max_leaves=5,
)
shares = st.lists(
    st.tuples(
        st.integers(0, 3), st.booleans(), st.integers(0, 3), st.booleans(), st.booleans(), st.sampled_from([-1, 0, 1])
    ),
    max_size=6,
)


@dataclass(frozen=True, slots=True)
class Town:
    """A random house: its units' parents by place, the person, the records."""

    parents: dict[int, int | None]
    person: Actor
    accounts: list[Account]


def town(parents: list[int], place: int, owners: list[tuple[int, int, int]], system: Actor) -> Town:
    """Make units, a person with the role `staff` in one of them, and records of that person and of another one."""
    units: list[OrgUnit] = []
    for number, parent in enumerate(parents):
        above = units[parent % number] if number else OrgUnit.objects.get(name="Company")
        units.append(
            create_unit(f"U{number}-{timezone.now().timestamp()}", kind=UnitKind.BRANCH, parent=above, actor=system)
        )
    names = (f"p{User.objects.count()}@example.com", f"q{User.objects.count()}@example.com")
    people = [
        create_user(NewUser(name, None, "P", "Q", unit_id=units[place % 4].pk, roles=("staff",)), actor=system)
        for name in names
    ]
    accounts: list[Account] = []
    for owner, unit, region in owners:
        made = create_account({"kind": "organisation", "name": f"Record {len(accounts)} 记录"}, actor=system)
        mine = {
            "owner_id": people[owner].pk if owner < 2 else None,
            "unit_id": units[unit].pk,
            "region": REGIONS[region],
        }
        unscoped(Account, reason=REASON).filter(pk=made.pk).update(**mine)
        accounts.append(grant(system, Account).get(made.pk))
    return Town({unit.pk: unit.parent_id for unit in units}, actor_by_user_id(people[0].pk), accounts)


def is_below(unit_id: int | None, top: int | None, parents: dict[int, int | None]) -> bool:
    while unit_id is not None and unit_id != top:
        unit_id = parents.get(unit_id)
    return unit_id is not None and unit_id == top


def reached(rule: Any, account: Any, house: Town, action: Action, *, key: str = "account") -> bool:
    """The rule by hand, from the parents of the units and the rows of the shares."""
    person = house.person
    match rule:
        case "everyone":
            return True
        case "owner":
            return bool(account.owner_id == person.user_id)
        case "unit":
            return bool(account.unit_id == person.unit_id)
        case "unit_and_below":
            return is_below(account.unit_id, person.unit_id, house.parents)
        case "shared" | "team":
            now = timezone.now()
            return any(
                (
                    row.user_id == person.user_id
                    or (row.unit_id and is_below(person.unit_id, row.unit_id, house.parents))
                )
                and (row.ends_at is None or row.ends_at > now)
                and (row.may_edit or action is Action.VIEW)
                for row in Share.objects.filter(object_key=key, record_id=account.pk, is_team=rule == "team")
            )
        case {"field_in": {"values": values}}:
            return account.region in values
        case {"any_of": parts}:
            return any(reached(part, account, house, action, key=key) for part in parts)
        case {"all_of": parts}:
            return all(reached(part, account, house, action, key=key) for part in parts)
        case _:
            return False


def share_all(
    found: list[tuple[int, bool, int, bool, bool, int]], house: Town, records: Sequence[Any], *, key: str = "account"
) -> None:
    units = list(house.parents)
    for record, to_unit, unit, may_edit, is_team, days in found:
        Share.objects.update_or_create(
            object_key=key,
            record_id=records[record].pk,
            user_id=None if to_unit else house.person.user_id,
            unit_id=units[unit] if to_unit else None,
            defaults={
                "may_edit": may_edit,
                "is_team": is_team,
                "ends_at": None if not days else timezone.now() + timedelta(days=days),
            },
        )


@pytest.mark.django_db
@extent(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parents=st.lists(st.integers(0, 3), min_size=4, max_size=4),
    place=st.integers(0, 3),
    owners=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 1)), min_size=4, max_size=4),
    view=rules,
    edit=rules,
    shared=shares,
)
def test_every_way_of_asking_agrees(
    cast: Cast,
    parents: list[int],
    place: int,
    owners: list[tuple[int, int, int]],
    view: Any,
    edit: Any,
    shared: list[tuple[int, bool, int, bool, bool, int]],
) -> None:
    with transaction.atomic():
        system = system_actor("Tests")
        rows = {("account", "view"): view, ("account", "edit"): edit, ("account", "export"): view}
        define_role("staff", name="Staff", rows=rows, fields={}, actor=system)
        house = town(parents, place, owners, system)
        share_all(shared, house, house.accounts)
        person = actor_by_user_id(own_id(house.person))
        assert parse_rule(rule_data(parse_rule(view))) == parse_rule(view)
        for action, rule in ((Action.VIEW, view), (Action.EDIT, edit)):
            expected = {account.pk for account in house.accounts if reached(rule, account, house, action)}
            rows_found: set[int] = set()
            if may(person, Account, action):
                mine = [account.pk for account in house.accounts]
                rows_found = set(
                    grant(person, Account, action).queryset().filter(pk__in=mine).values_list("pk", flat=True)
                )
            assert rows_found == expected
            fresh = [grant(system, Account).get(account.pk) for account in house.accounts]
            assert {account.pk for account in fresh if may_act_on(person, account, action)} == expected
            if expected and action is Action.VIEW:
                _pages_agree(person, house, expected)
        transaction.set_rollback(True)


def _pages_agree(person: Actor, house: Town, expected: set[int]) -> None:
    """The list, the search, the card, the file and the API show these records alone."""
    client = signed_in(person)
    for query in ("", "?q=记录"):
        page = client.get(f"/accounts/{query}").content.decode()
        assert {account.pk for account in house.accounts if f"/accounts/{account.pk}/" in page} == expected
    assert {
        account.pk for account in house.accounts if client.get(f"/accounts/{account.pk}/").status_code == 200
    } == expected
    lines = b"".join(client.get("/objects/account/export/")).decode().strip().splitlines()
    assert len(lines) - 1 == len(expected)
    secret = create_token(User.objects.get(pk=own_id(person)), name="t", actor=person)
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/accounts?limit=100")
    assert {row["id"] for row in json.loads(answer.content)["items"]} == expected
    assert grant(person, ContactPoint).queryset().count() == 0


@pytest.mark.django_db
@extent(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8))
def test_moves_never_make_a_circle(cast: Cast, moves: list[tuple[int, int]]) -> None:
    system = system_actor("Tests")
    first = OrgUnit.objects.count()
    units = [create_unit(f"M{first}-{number}", kind=UnitKind.BRANCH, actor=system) for number in range(5)]
    parents: dict[int, int | None] = {unit.pk: None for unit in units}
    for moved, below in moves:
        unit_id, parent_id = units[moved].pk, units[below].pk
        if is_below(parent_id, unit_id, parents):
            with pytest.raises(Exception, match=r"unit\.cycle|below itself"):
                move_unit(unit_id, parent_id=parent_id, actor=system)
        else:
            move_unit(unit_id, parent_id=parent_id, actor=system)
            parents[unit_id] = parent_id
    for unit in OrgUnit.objects.filter(pk__in=parents):
        path, above = [unit.pk], unit.parent_id
        assert unit.parent_id == parents[unit.pk]
        while above is not None:
            path, above = [above, *path], parents[above]
        assert unit.path == path
