from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from guanxi.care.choices import Answer, RowState
from guanxi.care.commands import (
    change_setting,
    complete_row,
    log_contact,
    note_facts,
    plan_day,
    reject_row,
    snooze_row,
    take_more,
    undo_row,
)
from guanxi.care.commands.contact import LOOK_BACK_FACTS
from guanxi.care.models import CategoryRhythm, ContactState, QueueRow
from guanxi.care.queries import next_contacts
from guanxi.care.reactions import note_recorded
from guanxi.care.tests.conftest import REASON, TODAY, World, days_before
from guanxi.catalog.models import Category, Product
from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.ledger.events import FactsRecorded
from guanxi.ledger.facade import NewFact, facts_of_account, ingest_rows, record_fact, void_fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.value.rules import ALL_INDICATORS

SYSTEM = system_actor


def rows(**condition: object) -> list[QueueRow]:
    return list(unscoped(QueueRow, reason=REASON).filter(**condition).order_by("user_id", "rank"))


def called(account: Account, days: int) -> None:
    fact = NewFact("interaction", "call", days_before(days), channel="phone")
    record_fact(account.pk, fact=fact, source_id=uuid4().hex, actor=system_actor())
    note_facts([account.pk])


def planned(world: World) -> list[QueueRow]:
    plan_day(TODAY, actor=system_actor())
    return rows(user=world.alice)


@pytest.mark.usefixtures("today")
def test_the_day_is_planned_from_all_reasons(world: World) -> None:
    late, fresh, falling, born = (world.customer(name) for name in ("周砚秋", "何静怡", "顾明哲", "许南乔"))
    for account, days in ((late, 47), (fresh, 10), (falling, 12), (born, 12)):
        called(account, days)
    points = [0.0] * len(ALL_INDICATORS)
    points[0] = -6.0
    value = type(falling)._meta.apps.get_model("value", "ValueIndex")
    unscoped(value, reason=REASON).filter(pk=falling.pk).update(index_value=54, index_before=60, faded=points)
    world.birthday(born, calendar="lunar", month=10, day=16)
    found = {row.account_id: row for row in planned(world)}
    assert set(found) == {late.pk, falling.pk, born.pk}
    assert (found[late.pk].reason, found[late.pk].tone) == ("overdue", "past_maximum")
    assert found[late.pk].evidence == {"days": 47, "ideal": 21, "maximum": 30}
    assert found[falling.pk].evidence["family"] == "purchase"
    assert found[born.pk].evidence["on"] == "2026-11-24"
    assert {row.channel for row in found.values()} == {"phone"}
    assert sorted(row.rank for row in found.values()) == [1, 2, 3]


@pytest.mark.usefixtures("today")
def test_planning_again_keeps_what_was_decided_and_its_capacity(world: World) -> None:
    for place in range(4):
        called(world.customer(f"周秋{place}"), 40)
    change_setting(world.alice.pk, values={"contacts_per_day": 2}, actor=system_actor())
    first = planned(world)
    assert [row.state for row in first] == [RowState.OPEN, RowState.OPEN, RowState.LATER, RowState.LATER]
    complete_row(first[0].pk, actor=world.actor(world.alice))
    again = planned(world)
    by_state = sorted(row.state for row in again)
    assert by_state == [RowState.DONE, RowState.LATER, RowState.LATER, RowState.OPEN]
    facts = [(row.account_id, row.rank, row.state, row.priority) for row in again]
    assert facts == [(row.account_id, row.rank, row.state, row.priority) for row in planned(world)]


@pytest.mark.usefixtures("today")
def test_done_records_the_contact_and_restarts_the_cadence_once(world: World) -> None:
    account = world.customer("周砚秋")
    called(account, 47)
    alice = world.actor(world.alice)
    (row,) = planned(world)
    fact_id = complete_row(row.pk, note="问候", actor=alice)
    assert complete_row(row.pk, actor=alice) == fact_id
    newest = facts_of_account(alice, account.pk).rows[0]
    assert (newest.id, newest.sub_kind, newest.is_typed, newest.payload) == (
        fact_id,
        "call",
        True,
        {"note": "问候"},
    )
    contact = next_contacts(alice, [account.pk], today=TODAY)[account.pk]
    assert (contact.due_on, contact.last_channel, contact.tone) == (date(2026, 12, 14), "phone", "planned")
    undo_row(row.pk, actor=alice)
    assert [item.state for item in rows()] == [RowState.OPEN]
    assert next_contacts(alice, [account.pk], today=TODAY)[account.pk].due_on == date(2026, 10, 28)
    assert complete_row(row.pk, actor=alice) != fact_id


@pytest.mark.usefixtures("today")
def test_later_and_not_useful_leave_the_queue_and_teach(world: World) -> None:
    one, two = world.customer("周砚秋"), world.customer("何静怡", margin=90_000)
    called(one, 47)
    called(two, 47)
    alice = world.actor(world.alice)
    first, second = planned(world)
    snooze_row(first.pk, days=3, actor=alice)
    reject_row(second.pk, answer=Answer.NO_INTEREST, actor=alice)
    with pytest.raises(Conflict):
        complete_row(first.pk, actor=alice)
    with pytest.raises(RuleViolation):
        reject_row(second.pk, answer="because", actor=alice)
    tomorrow = date(2026, 11, 24)
    plan_day(tomorrow, actor=system_actor())
    (row,) = rows(day=tomorrow)
    assert row.account_id == two.pk
    assert row.chance < second.chance * 0.35


@pytest.mark.usefixtures("today")
def test_more_can_be_taken_on(world: World) -> None:
    for place in range(5):
        called(world.customer(f"周秋{place}"), 40)
    change_setting(world.alice.pk, values={"contacts_per_day": 1}, actor=system_actor())
    planned(world)
    assert take_more(TODAY, count=3, actor=world.actor(world.alice)) == 3
    assert [row.state for row in rows()] == [RowState.OPEN] * 4 + [RowState.LATER]
    assert take_more(TODAY, count=3, actor=world.actor(world.bob)) == 0


@pytest.mark.usefixtures("today")
def test_any_touch_settles_the_row_and_a_replay_changes_nothing(world: World) -> None:
    account = world.customer("周砚秋")
    called(account, 47)
    planned(world)
    fact = NewFact("interaction", "message_received", days_before(0), channel="wecom")
    record_fact(account.pk, fact=fact, actor=system_actor())
    event = FactsRecorded(source="wecom", count=1, account_ids=(account.pk,), kinds=("interaction",))
    for _ in range(2):
        note_recorded(event, uuid4())
    assert [row.state for row in rows()] == [RowState.DONE]
    state = unscoped(ContactState, reason=REASON).get(pk=account.pk)
    assert (state.last_channel, state.due_on) == ("wecom", date(2026, 12, 14))


@pytest.mark.usefixtures("today")
def test_buying_the_due_category_settles_its_row(world: World) -> None:
    account = world.customer("周砚秋")
    called(account, 8)
    category = unscoped(Category, reason=REASON).create(key="filter", name="过滤膜")
    unscoped(Product, reason=REASON).create(code="F1", name="过滤膜 A", category=category)
    unscoped(CategoryRhythm, reason=REASON).create(
        account=account,
        category_id=category.pk,
        gap_days=42,
        gaps=5,
        spread=0.3,
        last_bought_on=date(2026, 10, 9),
        due_on=date(2026, 11, 20),
        share=1.0,
    )
    (row,) = planned(world)
    assert (row.reason, row.evidence["days"]) == ("replenishment", 45)
    record_fact(
        account.pk,
        fact=NewFact("purchase", "buy", days_before(0), product="F1", amount=Decimal(10)),
        actor=system_actor(),
    )
    note_facts([account.pk])
    assert [item.state for item in rows()] == [RowState.DONE]


@pytest.mark.usefixtures("today")
def test_only_who_may_work_on_the_customer_decides(world: World) -> None:
    account = world.customer("周砚秋")
    called(account, 47)
    (row,) = planned(world)
    with pytest.raises(NotFound):
        complete_row(row.pk, actor=world.actor(world.charlie))
    with pytest.raises(NotFound):
        log_contact(account.pk, channel="phone", actor=world.actor(world.charlie))
    with pytest.raises((AccessDenied, NotFound)):
        change_setting(world.alice.pk, values={"contacts_per_day": 1}, actor=world.actor(world.charlie))
    assert [item.state for item in rows()] == [RowState.OPEN]
    assert len(facts_of_account(system_actor(), account.pk).rows) == 1
    complete_row(row.pk, actor=world.actor(world.bob))
    assert [item.state for item in rows()] == [RowState.DONE]
    assert next_contacts(world.actor(world.charlie), [account.pk], today=TODAY) == {}


@pytest.mark.usefixtures("today")
def test_a_row_of_an_older_day_is_put_off_from_today_on(world: World) -> None:
    called(world.customer("周砚秋"), 47)
    plan_day(date(2026, 11, 19), actor=system_actor())
    (row,) = rows()
    with pytest.raises(RuleViolation):
        snooze_row(row.pk, days=0, actor=world.actor(world.alice))
    snooze_row(row.pk, days=3, actor=world.actor(world.alice))
    assert rows()[0].snoozed_until == date(2026, 11, 26)


@pytest.mark.usefixtures("today")
def test_a_contact_withdrawn_on_the_card_does_not_hold_the_row_back(world: World) -> None:
    called(world.customer("周砚秋"), 47)
    alice = world.actor(world.alice)
    (row,) = planned(world)
    void_fact(complete_row(row.pk, actor=alice), reason="slip", actor=alice)
    undo_row(row.pk, actor=alice)
    assert [item.state for item in rows()] == [RowState.OPEN]


@pytest.mark.usefixtures("today")
def test_taking_back_withdraws_only_what_the_row_itself_recorded(world: World) -> None:
    account = world.customer("周砚秋")
    called(account, 47)
    planned(world)
    called(account, 0)
    (row,) = rows()
    assert row.state == RowState.DONE
    undo_row(row.pk, actor=world.actor(world.alice))
    assert len(facts_of_account(system_actor(), account.pk).rows) == 2


@pytest.mark.usefixtures("today")
def test_what_a_person_says_of_a_row_that_another_contact_settled_is_recorded(world: World) -> None:
    account = world.customer("周砚秋")
    called(account, 47)
    planned(world)
    called(account, 0)
    (row,) = rows()
    alice = world.actor(world.alice)
    for _ in range(2):
        complete_row(row.pk, note="问候", actor=alice)
    notes = [fact.payload.get("note") for fact in facts_of_account(alice, account.pk).rows]
    assert sorted(map(str, notes)) == ["None", "None", "问候"]


@pytest.mark.usefixtures("today")
def test_planning_again_keeps_the_rows_that_stay(world: World) -> None:
    staying, going = world.customer("周砚秋"), world.customer("何静怡")
    called(staying, 47)
    called(going, 47)
    first = {row.account_id: row.pk for row in planned(world)}
    unscoped(Account, reason=REASON).filter(pk=going.pk).update(owner=None)
    coming = world.customer("顾明哲", margin=900_000)
    called(coming, 47)
    again = {row.account_id: row for row in planned(world)}
    assert set(again) == {staying.pk, coming.pk}
    assert (again[staying.pk].pk, again[staying.pk].rank, again[coming.pk].rank) == (first[staying.pk], 2, 1)


@pytest.mark.usefixtures("today")
def test_a_contact_is_remembered_however_much_was_bought_since(world: World) -> None:
    account = world.customer("周砚秋")
    called(account, 47)
    bought = [
        {
            "source_id": str(number),
            "kind": "purchase",
            "sub_kind": "buy",
            "occurred_at": days_before(5).isoformat(),
            "account_id": account.pk,
            "amount": 3,
        }
        for number in range(LOOK_BACK_FACTS + 1)
    ]
    assert ingest_rows(bought, source="till", actor=system_actor()).counts.recorded == len(bought)
    note_facts([account.pk])
    state = unscoped(ContactState, reason=REASON).get(pk=account.pk)
    assert (state.last_touch_at, state.last_channel) == (days_before(47), "phone")
