"""What goes along with a customer that passes: exactly what the registry says, for as long as was said, and back."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from guanxi.care.models import QueueRow
from guanxi.customers.commands import add_contact, edit_account
from guanxi.customers.models import Account, Contact
from guanxi.kernel.actor import Actor
from guanxi.ledger.commands import keep_promise
from guanxi.ledger.facade import NewFact, open_promises, record_fact
from guanxi.platform.access.grant import grant, may_act_on, unscoped
from guanxi.platform.access.models import Share
from guanxi.platform.access.rules import Action
from guanxi.platform.customfields.models import CustomRecord
from guanxi.platform.objects.erasing import REASON
from guanxi.platform.objects.owned import owned_kinds
from guanxi.platform.objects.registry import required_verbs
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.stewardship.commands import Terms, hand_over, open_case, sign_item, split_case, undo_handover
from guanxi.stewardship.models import HandoverCase, HandoverItem
from guanxi.stewardship.tests.conftest import Team
from guanxi.stewardship.tests.test_handovers import own
from tests.cast import Cast, SignIn
from tests.registry.contracts import Make, fresh
from tests.registry.contracts import contract as contract
from tests.registry.contracts import make as make

TODAY = timezone.localdate()
UNTIL = TODAY + timedelta(days=10)


def handed(cast: Cast, team: Team, *, left_behind: tuple[str, ...] = ()) -> HandoverCase:
    """All of Alice's customers, handed to Erin by Dora, who may hand over contracts too."""
    terms = Terms(reason="leaving", last_day=TODAY, reads_until=UNTIL, left_behind=left_behind)
    lead = fresh(cast.dora)
    case = open_case(own(cast.alice), terms=terms, actor=lead)
    split_case(case.pk, receivers=[(own(team.erin), None)], method="load", actor=lead)
    return hand_over(case.pk, title="", actor=lead)


def queue(account: Account, actor: Actor) -> None:
    """A row of Today about a customer."""
    unscoped(QueueRow, reason=REASON).create(account=account, user_id=own(actor), day=TODAY, rank=1, reason="cadence")


def queued() -> dict[int, int]:
    """In whose queue each customer stands."""
    return dict(unscoped(QueueRow, reason=REASON).values_list("account_id", "user_id"))


def owners_of(records: list[CustomRecord]) -> list[int | None]:
    """Who has the contracts now."""
    rows: Any = unscoped(type(records[0]), reason=REASON).filter(pk__in=[record.pk for record in records])
    return list(rows.order_by("pk").values_list("owner_id", flat=True))


@pytest.fixture
def contracts(contract: ObjectSpec, make: Make, accounts: list[Account], cast: Cast, team: Team) -> list[CustomRecord]:
    """Three contracts: Alice's with the first customer, Alice's with nobody, and Finn's with the first customer."""
    theirs, alone, other = make("C-1", customer=accounts[0].pk), make("C-2"), make("C-3", customer=accounts[0].pk)
    verbs = required_verbs(contract)
    verbs.edit(other.pk, {"owner_id": own(team.finn)}, actor=fresh(cast.dora))
    return [theirs, alone, other]


def test_exactly_what_the_registry_says_goes_along_and_comes_back(
    contracts: list[CustomRecord], accounts: list[Account], contract: ObjectSpec, cast: Cast, team: Team
) -> None:
    keys = [kind.key for kind in owned_kinds("account", fresh(cast.dora))]
    assert keys == ["queue_row", f"linked.{contract.key}"]
    queue(accounts[0], cast.alice)
    queue(accounts[1], team.finn)
    case = handed(cast, team)
    alice, erin, finn = own(cast.alice), own(team.erin), own(team.finn)
    assert owners_of(contracts) == [erin, alice, finn]
    assert queued() == {accounts[0].pk: erin, accounts[1].pk: finn}
    undo_handover(case.pk, title="", actor=fresh(cast.dora))
    assert owners_of(contracts) == [alice, alice, finn]
    assert queued() == {accounts[0].pk: alice, accounts[1].pk: finn}
    assert set(unscoped(Account, reason=REASON).values_list("owner_id", flat=True)) == {alice}


def test_what_was_left_behind_stays_with_who_had_it(
    contracts: list[CustomRecord], accounts: list[Account], contract: ObjectSpec, cast: Cast, team: Team
) -> None:
    queue(accounts[0], cast.alice)
    handed(cast, team, left_behind=("queue_row", f"linked.{contract.key}"))
    alice = own(cast.alice)
    assert (owners_of(contracts)[0], queued()) == (alice, {accounts[0].pk: alice})
    assert set(unscoped(Account, reason=REASON).values_list("owner_id", flat=True)) == {own(team.erin)}


def test_contacts_and_shares_follow_the_customer_without_being_written(
    accounts: list[Account], cast: Cast, team: Team
) -> None:
    person = add_contact(Contact(account=accounts[0], family_name="周", given_name="砚秋"), actor=cast.alice)
    Share.objects.create(object_key="account", record_id=accounts[0].pk, user_id=own(team.finn), may_edit=True)
    handed(cast, team)
    found = unscoped(Contact, reason=REASON).get(pk=person.pk)
    assert found.version == person.version
    assert grant(fresh(team.erin), Account, Action.EDIT).queryset().filter(pk=accounts[0].pk).exists()
    shared = Share.objects.get(user_id=own(team.finn))
    assert (shared.may_edit, shared.ends_at) == (True, None)


def test_who_had_the_customer_reads_on_to_the_end_of_the_day_and_no_longer(
    accounts: list[Account], cast: Cast, team: Team
) -> None:
    edit_account(accounts[0].pk, {"owner_id": own(team.erin)}, actor=cast.dora)
    lead, erin = fresh(team.lead), fresh(team.erin)
    case = open_case(own(team.erin), terms=Terms(reason="away", last_day=TODAY, reads_until=UNTIL), actor=lead)
    split_case(case.pk, receivers=[(own(team.finn), None)], method="load", actor=lead)
    hand_over(case.pk, title="", actor=lead)
    share = Share.objects.get(record_id=accounts[0].pk)
    ends_at = timezone.localtime(share.ends_at)
    assert (ends_at.date(), ends_at.strftime("%H:%M")) == (UNTIL + timedelta(days=1), "00:00")
    passed = unscoped(Account, reason=REASON).get(pk=accounts[0].pk)
    assert (may_act_on(erin, passed, Action.VIEW), may_act_on(erin, passed, Action.EDIT)) == (True, False)
    Share.objects.update(ends_at=timezone.now())
    assert not grant(erin, Account).queryset().filter(pk=accounts[0].pk).exists()


def test_a_promise_stands_in_the_brief_until_it_is_kept(
    accounts: list[Account], cast: Cast, team: Team, sign_in: SignIn
) -> None:
    said = {"promise": "样品本周寄到", "due_on": (TODAY - timedelta(days=1)).isoformat()}
    now = timezone.now()
    first = record_fact(accounts[0].pk, fact=NewFact("interaction", "call", now, payload=said), actor=cast.alice)
    plain = NewFact("interaction", "visit", now, payload={"promise": "下次带合同"})
    record_fact(accounts[0].pk, fact=plain, actor=cast.alice)
    case = handed(cast, team)
    item = HandoverItem.objects.get(case=case, account=accounts[0])
    page = sign_in(team.erin).get(reverse("brief", args=[item.pk])).content.decode()
    assert ("样品本周寄到" in page, "下次带合同" in page) == (True, True)
    signed = sign_item(item.pk, actor=fresh(team.erin))
    assert signed.brief is not None
    kept = [(promise["words"], promise["due_on"], promise["is_late"]) for promise in signed.brief["promises"]]
    assert kept == [("样品本周寄到", said["due_on"], True), ("下次带合同", None, False)]
    keep_promise(first, actor=fresh(team.erin))
    keep_promise(first, actor=fresh(team.erin))
    left = open_promises(fresh(team.erin), accounts[0].pk)
    assert [(promise.words, promise.due_on) for promise in left] == [("下次带合同", None)]
