"""What the tests of stewardship play with: somebody who may hand over Alice's customers, and colleagues."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor, Surface
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import NewUser, create_user, define_role
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from tests.cast import Cast

LEADING = ("view", "create", "edit", "reveal", "transfer")


@dataclass(frozen=True, slots=True)
class Team:
    """Lead leads Alice's branch, Wren the other one; Erin and Finn stand beside Alice and take over from her."""

    lead: Actor
    wren: Actor
    erin: Actor
    finn: Actor


@pytest.fixture
def team(cast: Cast) -> Team:
    """Four colleagues beside the cast."""
    return new_team(cast)


def new_team(cast: Cast) -> Team:
    """The colleagues, for a test that begins anew in the middle."""
    system = system_actor("Tests")
    rows: dict[tuple[str, str], object] = {("account", action): "unit_and_below" for action in LEADING}
    define_role("lead", name="Lead", rows=rows, fields={("*", "reach"): int(FieldAccess.WRITE)}, actor=system)
    keeper: dict[tuple[str, str], object] = {
        ("account", action): {"any_of": ["owner", "shared"]} for action in ("view", "edit")
    }
    define_role("keeper", name="Keeper", rows=keeper, fields={("*", "reach"): 3}, actor=system)

    def person(name: str, unit_id: int | None, role: str) -> Actor:
        new = NewUser(f"{name}@example.com", "a-long-password", name.title(), "Test", unit_id=unit_id, roles=(role,))
        return actor_by_user_id(create_user(new, actor=system).pk, surface=Surface.WEB)

    west = OrgUnit.objects.get(name="West").pk
    return Team(
        lead=person("lead", cast.bob.unit_id, "lead"),
        wren=person("wren", west, "lead"),
        erin=person("erin", cast.alice.unit_id, "keeper"),
        finn=person("finn", cast.alice.unit_id, "keeper"),
    )


@pytest.fixture
def accounts(new_account: Callable[..., Account]) -> list[Account]:
    """Six customers of Alice's."""
    return [new_account(f"客户{place}", region="上海" if place % 2 else "苏州") for place in range(6)]
