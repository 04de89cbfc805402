"""A small company: Alice looks after customers, Bob leads her unit, Charlie works elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client

from guanxi.customers.choices import AccountKind, ConsentState, DateType, PointType
from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate, Relation
from guanxi.kernel.actor import Actor, Surface
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import NewUser, create_unit, create_user, define_role
from guanxi.platform.accounts.models import UnitKind, User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.value.models import Edition, PeerGroup, Reference, ValueIndex, WeightSet
from guanxi.value.rules import ALL_INDICATORS, TREND_DAYS

REASON = "demo: the demo company is made by the system"
TODAY = date(2026, 11, 23)
WORKING = ("view", "create", "edit", "reveal")


@dataclass(frozen=True, slots=True)
class World:
    """The people, and what makes customers."""

    alice: User
    bob: User
    charlie: User
    edition: Edition
    peer_group: PeerGroup

    def actor(self, user: User) -> Actor:
        return actor_by_user_id(user.pk, surface=Surface.WEB)

    def customer(self, name: str, *, margin: float = 100_000.0, owner: User | None = None, **index: Any) -> Account:
        """A person with a mobile number, a main contact and an index."""
        owner = owner or self.alice
        account: Account = unscoped(Account, reason=REASON).create(
            kind=AccountKind.PERSON, relation_id="customer", name=name, owner=owner, unit_id=owner.unit_id
        )
        contact = unscoped(Contact, reason=REASON).create(
            account=account, family_name=name[:1], given_name=name[1:], title="总监", is_main=True
        )
        unscoped(ContactPoint, reason=REASON).create(
            account=account,
            contact=contact,
            type=PointType.MOBILE,
            value="13812346021",
            normalised="+8613812346021",
            consent=ConsentState.UNKNOWN,
        )
        values = {"index_value": 60.0, "index_before": 60.0, "grade": "A", "grade_30": "A", **index}
        nothing = [0.0] * len(ALL_INDICATORS)
        unscoped(ValueIndex, reason=REASON).create(
            **{
                "account": account,
                "as_of": TODAY,
                "edition": self.edition,
                "peer_group": self.peer_group,
                "confidence": 1.0,
                "applicability": 0.0,
                "weights_effect": 0.0,
                "reference_effect": 0.0,
                "peer_group_effect": 0.0,
                "amount_12_months": margin * 4,
                "margin_12_months": margin,
                "scores": nothing,
                "faded": nothing,
                "new": nothing,
                "trend": [60.0] * len(TREND_DAYS),
                **values,
            }
        )
        return account

    def birthday(self, account: Account, *, calendar: str, month: int, day: int) -> None:
        unscoped(ImportantDate, reason=REASON).create(
            account=account, type=DateType.BIRTHDAY, calendar=calendar, month=month, day=day
        )


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """A Monday on which the pages and commands believe themselves to be."""
    noon = datetime(2026, 11, 23, 4, tzinfo=ZoneInfo("UTC"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)
    return TODAY


@pytest.fixture
def world(db: None) -> World:  # the database must be there
    actor = system_actor("Test")
    Relation.objects.get_or_create(pk="customer", defaults={"name_zh": "客户", "name_en": "Customer"})
    fields = {("*", name): 3 for name in ("identity", "reach", "cost", "credit")}
    for role, rule in (("account_manager", "owner"), ("manager", "unit_and_below")):
        rows: dict[tuple[str, str], object] = {
            (key, action): rule for key in ("account", "care_setting") for action in WORKING
        }
        define_role(role, name=role, rows={**rows, ("*", "view"): "everyone"}, fields=fields, actor=actor)
    company = create_unit("启衡", kind=UnitKind.COMPANY, actor=actor)
    here = create_unit("苏州", kind=UnitKind.BRANCH, parent=company, actor=actor)
    there = create_unit("无锡", kind=UnitKind.BRANCH, parent=company, actor=actor)
    users = [
        create_user(
            NewUser(f"{name}@example.com", "a long password", family, given, unit_id=unit.pk, roles=(role,)),
            actor=actor,
        )
        for name, family, given, unit, role in (
            ("alice", "林", "晓雯", here, "account_manager"),
            ("bob", "沈", "砚", here, "manager"),
            ("charlie", "何", "静", there, "manager"),
        )
    ]
    weights = unscoped(WeightSet, reason=REASON).create(name="1", weights={})
    reference = Reference.objects.create(frozen_on=TODAY)
    edition = Edition.objects.create(weight_set=weights, reference=reference, in_force_from=TODAY)
    group, _ = PeerGroup.objects.get_or_create(key="customer.person")
    alice, bob, charlie = users
    return World(alice, bob, charlie, edition, group)


@pytest.fixture
def browse(client: Client) -> Callable[[User], Client]:
    """Sign a person in, where no page has kept anything yet."""
    caches["process"].clear()

    def sign_in(user: User) -> Client:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        client.cookies["django_language"] = "en"
        return client

    return sign_in


def days_before(days: int) -> datetime:
    return datetime(2026, 11, 23, 2, tzinfo=ZoneInfo("UTC")) - timedelta(days=days)
