"""What the suite over the registry plays with: Alice's records with everything that must not get out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import timezone

from guanxi.care.commands import plan_day
from guanxi.customers.commands import add_contact, add_contact_point, add_important_date, edit_account
from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate
from guanxi.kernel.actor import Actor
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.value.models import Edition, PeerGroup, Reference, ValueIndex, WeightSet
from guanxi.value.rules import ALL_INDICATORS, TREND_DAYS
from tests.cast import Cast
from tests.registry.contracts import contract as contract
from tests.registry.contracts import make as make

REASON = "demo: the demo company is made by the system"
NAME = "岚川精密仪器"
PHONE = "138 0013 6021"
TAX_ID = "91320594MA1XK7QW5P"
NOTE = "谈了滤芯的交期"
MakeAccounts = Callable[[int], list[Account]]


@dataclass(frozen=True, slots=True)
class Secret:
    """Alice's customer: the account, its contact point, a fact about it."""

    account: Account
    point: ContactPoint
    fact_id: int


@pytest.fixture
def secret(cast: Cast, new_account: Callable[..., Account]) -> Secret:
    """An account of Alice's with number, tax id, contact, fact, and a birthday today that brings it to Today."""
    account = new_account(NAME)
    edit_account(account.pk, {"tax_id": TAX_ID, "city": "苏州"}, actor=cast.dora)
    contact = add_contact(Contact(account=account, family_name="周", given_name="砚秋", is_main=True), actor=cast.alice)
    point = ContactPoint(account=account, contact=contact, type="mobile", value=PHONE)
    add_contact_point(point, actor=cast.alice)
    fact = NewFact("interaction", "call", timezone.now(), channel="phone", payload={"note": NOTE})
    fact_id = record_fact(account.pk, fact=fact, actor=cast.alice)
    give_birthday(account, actor=cast.alice)
    plan_day(timezone.localdate(), actor=system_actor("Tests"))
    return Secret(account, point, fact_id)


def give_birthday(account: Account, *, actor: Actor) -> None:
    """Let it be the account's birthday."""
    day = timezone.localdate()
    add_important_date(ImportantDate(account=account, type="birthday", month=day.month, day=day.day), actor=actor)


@pytest.fixture
def edition(db: None) -> Edition:
    """The weights and the reference that are in force."""
    weights = unscoped(WeightSet, reason=REASON).create(name="1", weights={})
    reference = Reference.objects.create(frozen_on=timezone.localdate())
    return Edition.objects.create(weight_set=weights, reference=reference, in_force_from=timezone.localdate())


@pytest.fixture
def make_accounts(cast: Cast, edition: Edition, new_account: Callable[..., Account]) -> MakeAccounts:
    """Make some accounts of Alice's with number, fact, index, and a place in today's queue."""
    group, _ = PeerGroup.objects.get_or_create(key="customer.organisation")

    def make(count: int) -> list[Account]:
        today, accounts = timezone.localdate(), [new_account(f"客户{number}") for number in range(count)]
        for account in accounts:
            point = ContactPoint(account=account, type="mobile", value=PHONE)
            add_contact_point(point, actor=cast.alice)
            record_fact(account.pk, fact=NewFact("interaction", "call", timezone.now()), actor=cast.alice)
            give_birthday(account, actor=cast.alice)
        indices = [_index(account, edition=edition, group=group, as_of=today) for account in accounts]
        unscoped(ValueIndex, reason=REASON).bulk_create(indices)
        plan_day(today, actor=system_actor("Tests"))
        return accounts

    return make


def _index(account: Account, *, edition: Edition, group: PeerGroup, as_of: date) -> ValueIndex:
    nothing = [0.0] * len(ALL_INDICATORS)
    return ValueIndex(
        account=account,
        as_of=as_of,
        edition=edition,
        peer_group=group,
        index_value=60.0,
        index_before=55.0,
        grade="A",
        grade_30="A",
        confidence=1.0,
        applicability=0.0,
        weights_effect=0.0,
        reference_effect=0.0,
        peer_group_effect=0.0,
        amount_12_months=400_000.0,
        margin_12_months=100_000.0,
        scores=nothing,
        faded=nothing,
        new=nothing,
        trend=[60.0] * len(TREND_DAYS),
    )
