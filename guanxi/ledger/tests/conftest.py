"""The cast and the customers that tests of the ledger play with."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from guanxi.catalog.models import Product
from guanxi.customers.models import Account, ExternalKey, Relation
from guanxi.kernel.actor import Actor, Surface
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import NewUser, create_token, create_unit, create_user, define_role
from guanxi.platform.accounts.models import UnitKind, User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor

REASON = "demo: the demo company is made by the system"
WORKING = ("view", "create", "edit")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cast:
    """Alice owns the first account, Bob is in her unit, Charlie is elsewhere, Dora administers."""

    alice: Actor
    bob: Actor
    charlie: Actor
    dora: Actor
    alice_user: User
    dora_user: User


@pytest.fixture
def system(db: None) -> Actor:
    """The actor of work that no person asked for."""
    return system_actor()


@pytest.fixture
def cast(system: Actor) -> Cast:
    """Four people with three roles."""
    company = create_unit("Company", kind=UnitKind.COMPANY, actor=system)
    north = create_unit("North", kind=UnitKind.REGION, parent=company, actor=system)
    south = create_unit("South", kind=UnitKind.REGION, parent=company, actor=system)
    for key, rule in (("seller", "owner"), ("chief", "unit_and_below"), ("administrator", "everyone")):
        define_role(key, name=key, rows={("account", action): rule for action in WORKING}, fields={}, actor=system)
    users = {
        name: create_user(
            NewUser(f"{name}@example.org", "a long password", name, name, unit_id=unit.pk, roles=(role,)),
            actor=system,
        )
        for name, unit, role in (
            ("alice", north, "seller"),
            ("bob", north, "chief"),
            ("charlie", south, "seller"),
            ("dora", company, "administrator"),
        )
    }
    actors = {name: actor_by_user_id(user.pk, surface=Surface.WEB) for name, user in users.items()}
    return Cast(**actors, alice_user=users["alice"], dora_user=users["dora"])


@pytest.fixture
def account_ids(db: None) -> tuple[int, ...]:
    """Three accounts, known to the system “card” as C1, C2 and C3."""
    return make_accounts(3)


@pytest.fixture
def owned_account_id(cast: Cast, account_ids: tuple[int, ...]) -> int:
    """The first account, which Alice owns."""
    accounts = unscoped(Account, reason=REASON).filter(pk=account_ids[0])
    accounts.update(owner_id=cast.alice.user_id, unit_id=cast.alice.unit_id)
    return account_ids[0]


@pytest.fixture
def product(db: None) -> Product:
    """The product with the code TEA."""
    return unscoped(Product, reason=REASON).create(code="TEA", name="Tea")


@pytest.fixture
def writing_token(cast: Cast, system: Actor) -> str:
    """A token of Dora's that may write."""
    return create_token(cast.dora_user, name="till", is_read_only=False, actor=system)


@pytest.fixture
def reading_token(cast: Cast, system: Actor) -> str:
    """A token of Dora's that may read only."""
    return create_token(cast.dora_user, name="report", actor=system)


def make_accounts(count: int) -> tuple[int, ...]:
    """Accounts known to the system “card” as C1, C2 and so on. Returns their ids."""
    Relation.objects.get_or_create(pk="customer", defaults={"name_zh": "客户", "name_en": "Customer"})
    accounts = unscoped(Account, reason=REASON).bulk_create(
        Account(kind="person", relation_id="customer", name=f"Account {number}") for number in range(1, count + 1)
    )
    ExternalKey.objects.bulk_create(
        ExternalKey(system="card", key=f"C{number}", account=account) for number, account in enumerate(accounts, 1)
    )
    return tuple(account.pk for account in accounts)


def purchase(source_id: str, **values: object) -> dict[str, object]:
    """A row of a good purchase, with some of its values changed."""
    row = {
        "source_id": source_id,
        "kind": "purchase",
        "sub_kind": "buy",
        "occurred_at": "2026-03-02T12:00:00Z",
        "account_key": "C1",
        "account_system": "card",
        "amount": 12.5,
    }
    return {name: value for name, value in (row | values).items() if value is not None}
