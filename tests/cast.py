"""The cast of the access tests and small makers of records."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client

from guanxi.customers.commands import create_account, set_relations
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor, Surface
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import NewUser, create_unit, create_user, define_role
from guanxi.platform.accounts.models import OrgUnit, UnitKind, User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor

SignIn = Callable[[Actor], Client]
STAFF = ("view", "create", "edit", "reveal")


@dataclass(frozen=True, slots=True)
class Cast:
    """Alice owns it, Bob manages her unit, Charlie must see nothing, Dora administers, token T reads only."""

    alice: Actor
    bob: Actor
    charlie: Actor
    dora: Actor
    token: Actor


def _roles(actor: Actor) -> None:
    seen = {("*", "identity"): int(FieldAccess.MASKED), ("*", "reach"): int(FieldAccess.WRITE)}
    own: dict[tuple[str, str], object] = {("account", action): "owner" for action in STAFF}
    own["account", "create"] = "everyone"
    own |= {("care_setting", action): "owner" for action in STAFF}
    define_role("staff", name="Staff", rows=own, fields=seen, actor=actor)
    unit: dict[tuple[str, str], object] = {("account", action): "unit_and_below" for action in STAFF}
    unit |= {("care_setting", action): "unit_and_below" for action in STAFF}
    hidden = {("*", "identity"): int(FieldAccess.HIDDEN), ("*", "reach"): int(FieldAccess.MASKED)}
    define_role("manager", name="Manager", rows=unit, fields=hidden, actor=actor)
    everything: dict[tuple[str, str], object] = {
        ("*", action): "everyone" for action in (*STAFF, "delete", "export", "transfer", "administer")
    }
    open_fields = {("*", name): int(FieldAccess.WRITE) for name in ("identity", "bank", "reach", "cost", "credit")}
    define_role("administrator", name="Administrator", rows=everything, fields=open_fields, actor=actor)


def _person(name: str, unit: OrgUnit, role: str, actor: Actor) -> Actor:
    new = NewUser(f"{name}@example.com", "a-long-password", name.title(), "Test", unit_id=unit.pk, roles=(role,))
    return actor_by_user_id(create_user(new, actor=actor).pk, surface=Surface.WEB)


@pytest.fixture
def cast(db: None) -> Cast:  # the database is needed
    """The five actors in a tree of one company with two branches."""
    return new_cast()


def new_cast() -> Cast:
    """The cast, for a test that begins anew in the middle."""
    system = system_actor("Tests")
    set_relations((("customer", "客户", "Customer"), ("media", "媒体", "Media")))
    _roles(system)
    company = create_unit("Company", kind=UnitKind.COMPANY, actor=system)
    east = create_unit("East", kind=UnitKind.BRANCH, parent=company, actor=system)
    west = create_unit("West", kind=UnitKind.BRANCH, parent=company, actor=system)
    region = create_unit("Region", kind=UnitKind.REGION, parent=east, actor=system)
    alice = _person("alice", region, "staff", system)
    return Cast(
        alice=alice,
        bob=_person("bob", east, "manager", system),
        charlie=_person("charlie", west, "manager", system),
        dora=_person("dora", company, "administrator", system),
        token=Actor(
            user_id=alice.user_id,
            name=alice.name,
            surface=Surface.API,
            unit_id=alice.unit_id,
            unit_ids=alice.unit_ids,
            roles=alice.roles,
            policy_version=alice.policy_version,
            read_only=True,
        ),
    )


@pytest.fixture
def new_account(cast: Cast) -> Callable[..., Account]:
    """Makes accounts of Alice's."""

    def make(name: str = "岚川精密仪器", **values: object) -> Account:
        return create_account({"kind": "organisation", "name": name, **values}, actor=cast.alice)

    return make


def signed_in(actor: Actor) -> Client:
    """A browser in which the person is signed in; pages answer in English."""
    assert actor.user_id is not None
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def sign_in(cast: Cast) -> SignIn:  # there is nobody to sign in before the cast
    """Sign a member of the cast in."""
    return signed_in
