from dataclasses import replace
from decimal import Decimal

import pytest

from guanxi.catalog.models import Product
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, GuanxiError, NotFound, RuleViolation
from guanxi.ledger.commands import NewFact, correct_fact, ingest_rows, record_fact, void_fact
from guanxi.ledger.models import Fact
from guanxi.ledger.queries import fact_counts, facts_by_ids, facts_of_account
from guanxi.ledger.tests.conftest import NOON, Cast, purchase
from guanxi.platform.access.guard import UnguardedRead
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.audit.models import AuditEntry

CALL = NewFact("interaction", "call", NOON, channel="phone", payload={"note": "Back on Monday", "duration_minutes": 6})


def test_a_call_is_recorded_as_typed_by_its_person(cast: Cast, owned_account_id: int) -> None:
    fact_id = record_fact(owned_account_id, fact=CALL, actor=cast.alice)
    (row,) = facts_of_account(cast.alice, owned_account_id).rows
    assert (row.id, row.account_id, row.user_id) == (fact_id, owned_account_id, cast.alice.user_id)
    assert (row.kind, row.sub_kind, row.channel, row.occurred_at) == ("interaction", "call", "phone", NOON)
    assert (row.source, row.is_typed) == ("screen", True)
    assert row.payload == {"note": "Back on Monday", "duration_minutes": 6.0}


def test_a_form_sent_twice_records_once(cast: Cast, owned_account_id: int) -> None:
    first = record_fact(owned_account_id, fact=CALL, source_id="form-1", actor=cast.alice)
    assert record_fact(owned_account_id, fact=CALL, source_id="form-1", actor=cast.alice) == first
    with pytest.raises(Conflict):
        record_fact(owned_account_id, fact=replace(CALL, sub_kind="visit"), source_id="form-1", actor=cast.alice)
    assert Fact._base_manager.count() == 1


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (replace(CALL, kind="gossip"), "kind.unknown"),
        (replace(CALL, sub_kind="buy"), "sub_kind.unknown"),
        (replace(CALL, payload={"nonsense": 1}), "row.unknown_key"),
        (replace(CALL, payload={"note": "100 % \x00"}), "text.null_character"),
        (replace(CALL, product="COFFEE"), "product.unknown"),
    ],
)
def test_a_bad_fact_is_refused_and_nothing_is_recorded(
    cast: Cast, owned_account_id: int, fact: NewFact, code: str
) -> None:
    with pytest.raises(RuleViolation) as refusal:
        record_fact(owned_account_id, fact=fact, actor=cast.alice)
    assert refusal.value.code == code
    assert "%(" not in str(refusal.value)
    assert Fact._base_manager.count() == 0
    assert not AuditEntry.objects.filter(object_key="fact").exists()


def test_charlie_cannot_read_or_record_facts_of_alices_account(cast: Cast, owned_account_id: int) -> None:
    fact_id = record_fact(owned_account_id, fact=CALL, actor=cast.alice)
    assert facts_of_account(cast.charlie, owned_account_id).rows == ()
    assert facts_by_ids(cast.charlie, [fact_id]) == ()
    assert fact_counts(cast.charlie, owned_account_id) == ()
    with pytest.raises(NotFound):
        record_fact(owned_account_id, fact=CALL, actor=cast.charlie)
    with pytest.raises(NotFound):
        correct_fact(fact_id, fact=CALL, actor=cast.charlie)
    with pytest.raises(NotFound):
        void_fact(fact_id, reason="", actor=cast.charlie)
    assert Fact._base_manager.count() == 1


def test_bob_and_dora_read_what_alice_recorded(cast: Cast, owned_account_id: int) -> None:
    fact_id = record_fact(owned_account_id, fact=CALL, actor=cast.alice)
    for actor in (cast.bob, cast.dora):
        assert [row.id for row in facts_of_account(actor, owned_account_id).rows] == [fact_id]


def test_a_token_that_reads_cannot_record(cast: Cast, owned_account_id: int) -> None:
    reader = replace(cast.alice, read_only=True)
    with pytest.raises(AccessDenied) as refusal:
        record_fact(owned_account_id, fact=CALL, actor=reader)
    assert refusal.value.code == "access.read_only"
    with pytest.raises(AccessDenied):
        ingest_rows([purchase("1")], source="till", actor=reader)
    assert Fact._base_manager.count() == 0


def test_a_seller_takes_in_facts_of_own_accounts_alone(cast: Cast, owned_account_id: int) -> None:
    rows = [
        purchase("1"),
        purchase("2", account_key="C2"),
        purchase("3", account_key="nobody"),
        purchase("4", corrects="1"),
    ]
    result = ingest_rows(rows, source="till", actor=cast.alice)
    assert (result.counts.recorded, result.counts.waiting, result.counts.rejected) == (1, 0, 3)
    assert [row.code for row in result.problems] == ["account.unknown", "account.unknown", "corrects.denied"]
    assert [fact.account_id for fact in Fact._base_manager.all()] == [owned_account_id]


def test_a_reader_without_the_right_to_costs_sees_none(cast: Cast, owned_account_id: int, system: Actor) -> None:
    ingest_rows([purchase("1", cost=7)], source="till", actor=system)
    assert [row.cost for row in facts_of_account(cast.alice, owned_account_id).rows] == [None]
    assert [row.cost for row in facts_of_account(system, owned_account_id).rows] == [Decimal("7.00")]


def test_the_ledger_is_guarded() -> None:
    with pytest.raises(UnguardedRead):
        Fact.objects.count()


def test_a_correction_replaces_and_keeps_the_former(cast: Cast, owned_account_id: int) -> None:
    former = record_fact(owned_account_id, fact=CALL, actor=cast.alice)
    corrected = correct_fact(former, fact=replace(CALL, sub_kind="visit"), reason="It was a visit.", actor=cast.alice)
    (row,) = facts_of_account(cast.alice, owned_account_id).rows
    assert (row.id, row.sub_kind, row.is_correction) == (corrected, "visit", True)
    assert Fact._base_manager.count() == 2
    assert AuditEntry.objects.filter(object_key="fact", reason="It was a visit.").count() == 1
    assert [entry.count for entry in fact_counts(cast.alice, owned_account_id)] == [1]


def test_a_fact_is_corrected_once_then_its_correction_is(cast: Cast, owned_account_id: int) -> None:
    former = record_fact(owned_account_id, fact=CALL, actor=cast.alice)
    corrected = correct_fact(former, fact=replace(CALL, sub_kind="visit"), actor=cast.alice)
    with pytest.raises(GuanxiError) as refusal:
        correct_fact(former, fact=replace(CALL, sub_kind="meeting"), actor=cast.alice)
    assert refusal.value.code == "fact.corrected"
    last = correct_fact(corrected, fact=replace(CALL, sub_kind="meeting"), actor=cast.alice)
    assert [row.id for row in facts_of_account(cast.alice, owned_account_id).rows] == [last]


def test_a_captured_fact_is_corrected_by_hand_and_shows_it(cast: Cast, owned_account_id: int, system: Actor) -> None:
    ingest_rows([purchase("1")], source="till", actor=system)
    (former,) = facts_of_account(cast.alice, owned_account_id).rows
    correct_fact(former.id, fact=NewFact("purchase", "buy", NOON, amount=Decimal("3")), actor=cast.alice)
    (row,) = facts_of_account(cast.alice, owned_account_id).rows
    assert (row.source, row.is_typed, row.amount) == ("till", True, Decimal("3.00"))
    assert ingest_rows([purchase("1")], source="till", actor=system).counts.repeated == 1


def test_a_withdrawn_fact_is_gone_from_view(cast: Cast, owned_account_id: int) -> None:
    fact_id = record_fact(owned_account_id, fact=CALL, actor=cast.alice)
    void_fact(fact_id, reason="Wrong customer.", actor=cast.alice)
    assert facts_of_account(cast.alice, owned_account_id).rows == ()
    assert [row.id for row in facts_by_ids(cast.alice, [fact_id])] == [fact_id]


def test_pages_follow_each_other_without_gap_or_repeat(
    cast: Cast, owned_account_id: int, product: Product, system: Actor
) -> None:
    rows = [purchase(str(number), occurred_at=f"2026-03-0{1 + number % 3}T12:00:00Z") for number in range(10)]
    ingest_rows(rows, source="till", actor=system)
    seen: list[int] = []
    page = facts_of_account(cast.alice, owned_account_id, limit=3)
    while True:
        seen.extend(row.id for row in page.rows)
        if page.next_before is None:
            break
        page = facts_of_account(cast.alice, owned_account_id, before=page.next_before, limit=3)
    times = [row.occurred_at for row in facts_by_ids(cast.alice, seen)]
    assert len(seen) == len(set(seen)) == 10
    assert times == sorted(times, reverse=True)


def test_kinds_can_be_chosen(cast: Cast, owned_account_id: int, system: Actor) -> None:
    ingest_rows([purchase("1")], source="till", actor=system)
    record_fact(owned_account_id, fact=CALL, actor=cast.alice)
    rows = facts_of_account(cast.alice, owned_account_id, kinds=("purchase",)).rows
    assert [row.kind for row in rows] == ["purchase"]


@pytest.mark.parametrize(("read", "queries"), [(facts_of_account, 2), (fact_counts, 1)])
def test_reading_takes_a_fixed_number_of_queries(
    cast: Cast, owned_account_id: int, system: Actor, django_assert_num_queries: object, *, read: object, queries: int
) -> None:
    ingest_rows([purchase(str(number)) for number in range(5)], source="till", actor=system)
    facts_of_account(cast.alice, owned_account_id)
    with django_assert_num_queries(queries):  # type: ignore[operator]  # the fixture has no public type
        read(cast.alice, owned_account_id)  # type: ignore[operator]  # one of two reads


def test_who_may_create_customers_takes_in_facts_of_own_ones_alone(
    cast: Cast, owned_account_id: int, account_ids: tuple[int, ...], system: Actor
) -> None:
    rows: dict[tuple[str, str], object] = {("account", action): "owner" for action in ("view", "edit")}
    define_role("seller", name="Seller", rows={**rows, ("account", "create"): "everyone"}, fields={}, actor=system)
    alice = actor_by_user_id(cast.alice_user.pk)
    ingest_rows([purchase("0", account_key="C2")], source="till", actor=system)
    rows_sent = [purchase("1"), purchase("2", account_key="C2"), purchase("3", account_key="C2", corrects="0")]
    result = ingest_rows(rows_sent, source="till", actor=alice)
    assert (result.counts.recorded, result.counts.rejected) == (1, 2)
    assert [fact.account_id for fact in Fact._base_manager.order_by("pk")] == [account_ids[1], owned_account_id]
