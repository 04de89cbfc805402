"""Pools: returning, claiming, assigning, the night and its undo, the remaining time, and who sees what."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.objects.merging import Pair, merge_records, undo_merge
from guanxi.stewardship.choices import AssignWay, EntryReason
from guanxi.stewardship.commands import night_undo, pool_moves, recycling
from guanxi.stewardship.commands import stays as stays_of
from guanxi.stewardship.commands.holding import note_held, note_owners, refresh_terms
from guanxi.stewardship.commands.night_undo import undo_recycling
from guanxi.stewardship.commands.pool_settings import create_limit, create_pool, create_rule, lock_account
from guanxi.stewardship.jobs.pools import go_on_taking_back, take_night_back
from guanxi.stewardship.models import HoldingTerm, Pool, PoolEntry, RecycleRule, RecycleRun
from guanxi.stewardship.queries.managers import managers_of
from guanxi.stewardship.queries.pools import HOLDING, own_pools
from guanxi.stewardship.queries.recycling import all_terms, rules_in_force, terms_of
from tests.cast import Cast, SignIn

NewAccount = Callable[..., Account]
SYSTEM_DAYS = 200


@pytest.fixture
def pool(cast: Cast) -> Pool:
    """A pool of which Alice and Bob are members, that shows the city but not the name."""
    values = {
        "name_zh": "东区公海",
        "name_en": "East",
        "member_ids": [cast.alice.user_id, cast.bob.user_id],
        "shown_fields": ["city"],
        "cooling_days": 30,
    }
    return create_pool(values, actor=cast.dora)


def rule_of(pool: Pool, cast: Cast, **values: object) -> RecycleRule:
    """A rule of a pool: no follow-up for 30 days, in force for long."""
    start = timezone.localdate() - timedelta(days=SYSTEM_DAYS)
    given = {"pool_id": pool.pk, "criterion": "no_follow_up", "days": 30, "starts_on": start, **values}
    return create_rule(given, actor=cast.dora)


def held(account: Account, *, days: int) -> None:
    """The owner has had the account for so many days."""
    since = timezone.localdate() - timedelta(days=days)
    note_held([account.pk], owner_id=account.owner_id or 0, today=since)


def returned(account: Account, pool: Pool, actor: Actor) -> pool_moves.Moved:
    """The account, returned by its owner."""
    return pool_moves.return_to_pool([account.pk], pool_id=pool.pk, reason=EntryReason.NO_BUDGET, actor=actor)


def owner_of(account: Account) -> int | None:
    """Who looks after the account now."""
    found = unscoped(Account, reason=HOLDING).get(pk=account.pk)
    return found.owner_id


def stays() -> list[PoolEntry]:
    """All stays in pools."""
    return list(unscoped(PoolEntry, reason=HOLDING).order_by("pk"))


def term_of(account: Account) -> HoldingTerm | None:
    """The remaining time of an account."""
    return unscoped(HoldingTerm, reason=HOLDING).filter(pk=account.pk).first()


def test_a_return_leaves_no_owner_and_can_be_taken_back(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    moved = returned(account, pool, cast.alice)
    assert moved.account_ids == (account.pk,)
    assert owner_of(account) is None
    (stay,) = stays()
    assert (stay.reason, stay.former_owner_id, stay.left_at) == ("no_budget", cast.alice.user_id, None)
    assert pool_moves.undo_return(moved.entry_id, actor=cast.alice) == 1
    assert owner_of(account) == cast.alice.user_id
    assert stays()[0].way == "undone"


def test_the_stay_of_a_merged_customer_stays_with_it(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    kept, merged = new_account(), new_account("云杉包装")
    returned(merged, pool, cast.alice)
    merge = merge_records("account", Pair(kept.pk, merged.pk), actor=cast.dora)
    assert [(stay.account_id, stay.left_at) for stay in stays()] == [(merged.pk, None)]
    with pytest.raises(Conflict, match="no longer in the pool"):
        pool_moves.claim([kept.pk], pool_id=pool.pk, actor=cast.bob)
    undo_merge(merge.pk, actor=cast.dora)
    pool_moves.claim([merged.pk], pool_id=pool.pk, actor=cast.bob)
    assert (owner_of(kept), owner_of(merged)) == (cast.alice.user_id, cast.bob.user_id)


def test_only_who_may_edit_a_customer_returns_it(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    with pytest.raises(NotFound):
        returned(account, pool, cast.charlie)
    with pytest.raises(AccessDenied):
        returned(account, pool, cast.token)
    assert (owner_of(account), stays()) == (cast.alice.user_id, [])


def test_of_two_who_claim_the_same_customer_one_gets_it(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    edit_account(account.pk, {"owner_id": cast.dora.user_id}, actor=cast.dora)
    returned(account, pool, cast.dora)
    pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.bob)
    with pytest.raises(Conflict) as refused:
        pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.alice)
    assert refused.value.code == "pool.taken"
    assert owner_of(account) == cast.bob.user_id
    assert [stay.taken_by_id for stay in stays()] == [cast.bob.user_id]


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_the_very_same_time_have_one_winner(cast: Cast, new_account: NewAccount) -> None:
    values = {"name_zh": "东区公海", "member_ids": [cast.alice.user_id, cast.bob.user_id]}
    pool = create_pool(values, actor=cast.dora)
    account = new_account()
    returned(account, pool, cast.alice)
    gate = Barrier(2)

    def claimed(actor: Actor) -> str:
        gate.wait(timeout=10)
        try:
            pool_moves.claim([account.pk], pool_id=pool.pk, actor=actor)
        except Conflict as refused:
            return refused.code
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(claimed, (cast.alice, cast.bob))) == ["pool.taken", "won"]
    assert [stay.taken_by_id for stay in stays()] == [owner_of(account)]


def test_a_claim_can_be_taken_back(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    returned(account, pool, cast.alice)
    moved = pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.bob)
    with pytest.raises(NotFound):
        pool_moves.undo_leaving(moved.entry_id, actor=cast.alice)
    assert pool_moves.undo_leaving(moved.entry_id, actor=cast.bob) == 1
    assert (owner_of(account), stays()[0].left_at) == (None, None)


def test_ex_owners_wait_for_the_cooling_off(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    returned(account, pool, cast.alice)
    with pytest.raises(RuleViolation) as refused:
        pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.alice)
    assert refused.value.code == "pool.cooling"
    assert owner_of(account) is None
    unscoped(PoolEntry, reason=HOLDING).update(entered_at=timezone.now() - timedelta(days=31))
    pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.alice)
    assert owner_of(account) == cast.alice.user_id


@pytest.mark.parametrize("limit", ["claims_per_day", "claims_in_hand"])
def test_claims_are_limited(cast: Cast, pool: Pool, new_account: NewAccount, limit: str) -> None:
    unscoped(Pool, reason=HOLDING).filter(pk=pool.pk).update(**{limit: 1})
    first, second = new_account("岚川"), new_account("云杉")
    for account in (first, second):
        returned(account, pool, cast.alice)
    pool_moves.claim([first.pk], pool_id=pool.pk, actor=cast.bob)
    with pytest.raises(RuleViolation):
        pool_moves.claim([second.pk], pool_id=pool.pk, actor=cast.bob)
    assert owner_of(second) is None


def test_nobody_claims_beyond_the_capacity_and_what_is_exempt_does_not_count(
    cast: Cast, pool: Pool, new_account: NewAccount
) -> None:
    account, kept = new_account("岚川"), new_account("云杉")
    edit_account(kept.pk, {"owner_id": cast.bob.user_id}, actor=cast.dora)
    create_limit({"user_id": cast.bob.user_id, "most": 1, "exemptions": ["has_purchase"]}, actor=cast.dora)
    returned(account, pool, cast.alice)
    with pytest.raises(RuleViolation) as refused:
        pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.bob)
    assert refused.value.code == "pool.capacity"
    record_fact(
        kept.pk, fact=NewFact("purchase", "buy", timezone.now(), amount=Decimal(100)), source_id="", actor=cast.dora
    )
    pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.bob)
    assert owner_of(account) == cast.bob.user_id


def test_members_admins_and_others(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    returned(account, pool, cast.alice)
    assert [(own.is_member, own.is_admin) for own in own_pools(cast.bob)] == [(True, False)]
    assert [(own.is_member, own.is_admin) for own in own_pools(cast.dora)] == [(False, True)]
    assert own_pools(cast.charlie) == ()
    with pytest.raises(NotFound):
        pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.charlie)
    with pytest.raises(AccessDenied):
        pool_moves.assign([account.pk], pool_id=pool.pk, user_id=cast.bob.user_id or 0, actor=cast.bob)
    with pytest.raises(AccessDenied):
        pool_moves.claim([account.pk], pool_id=pool.pk, actor=cast.token)
    with pytest.raises(AccessDenied):
        create_rule({"pool_id": pool.pk, "criterion": "no_deal", "days": 1}, actor=cast.bob)
    assert (owner_of(account), rules_in_force()) == (None, ())


def test_an_admin_assigns_shares_out_and_gives_back(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    first, second, third = new_account("一"), new_account("二"), new_account("三")
    for account in (first, second, third):
        returned(account, pool, cast.alice)
    pool_moves.assign([first.pk], pool_id=pool.pk, user_id=cast.bob.user_id or 0, actor=cast.dora)
    assert owner_of(first) == cast.bob.user_id
    pool_moves.share_out([second.pk], pool_id=pool.pk, way=AssignWay.ROUND_ROBIN, actor=cast.dora)
    assert owner_of(second) == cast.bob.user_id  # Alice has just had it
    pool_moves.give_back([third.pk], pool_id=pool.pk, actor=cast.dora)
    assert owner_of(third) == cast.alice.user_id
    with pytest.raises(RuleViolation):
        pool_moves.assign([first.pk], pool_id=pool.pk, user_id=cast.charlie.user_id or 0, actor=cast.dora)


def test_the_night_moves_exactly_what_the_simulation_showed(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    due, fresh, locked = new_account("一"), new_account("二"), new_account("三")
    for account, days in ((due, 31), (fresh, 29), (locked, 90)):
        held(account, days=days)
    today = timezone.localdate()
    lock_account(locked.pk, until_on=today + timedelta(days=5), reason="续约谈判中", actor=cast.dora)
    rule = rule_of(pool, cast)
    rule.pool = pool
    simulated = [term.account_id for term in all_terms([terms_of(rule)]) if term.leaves_on <= today]
    run = recycling.recycle(today, actor=system_actor("Pool"))
    assert simulated == [due.pk]
    assert [stay.account_id for stay in stays()] == simulated
    assert (run.moved, AuditEntry.objects.get(pk=run.entry_id).record_count) == (1, 1)
    assert (owner_of(due), owner_of(fresh), owner_of(locked)) == (None, cast.alice.user_id, cast.alice.user_id)
    again = recycling.recycle(today, actor=system_actor("Pool"))
    assert (again.pk, again.moved) == (run.pk, 1)


def test_a_purchase_exempts_where_the_rule_says_so(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    held(account, days=400)
    past = timezone.now() - timedelta(days=300)
    record_fact(account.pk, fact=NewFact("purchase", "buy", past, amount=Decimal(100)), source_id="", actor=cast.alice)
    rule_of(pool, cast, exemptions=["has_purchase"])
    rule_of(pool, cast, criterion="never_won", days=10)
    assert list(all_terms(rules_in_force())) == []


def test_a_crash_half_way_is_gone_on_with(
    cast: Cast, pool: Pool, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [new_account(name) for name in ("一", "二", "三")]
    for account in accounts:
        held(account, days=60)
    rule_of(pool, cast)
    monkeypatch.setattr(recycling, "BLOCK", 1)
    real, calls = stays_of.put_into_pool, []

    def dying(*given: Any, **named: Any) -> tuple[int, ...]:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return real(*given, **named)

    monkeypatch.setattr(recycling, "put_into_pool", dying)
    today, actor = timezone.localdate(), system_actor("Pool")
    with pytest.raises(RuntimeError):
        recycling.recycle(today, actor=actor)
    assert len(stays()) == 1
    run = recycling.recycle(today, actor=actor)
    assert {stay.account_id for stay in stays()} == {account.pk for account in accounts}
    assert {stay.entered_entry for stay in stays()} == {run.entry_id}
    assert (run.moved, AuditEntry.objects.filter(action="recycle").count()) == (3, 1)


def test_taking_a_night_back_keeps_who_was_claimed_since(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    first, second = new_account("一"), new_account("二")
    for account in (first, second):
        held(account, days=60)
    rule_of(pool, cast)
    run = recycling.recycle(timezone.localdate(), actor=system_actor("Pool"))
    pool_moves.claim([first.pk], pool_id=pool.pk, actor=cast.bob)
    with pytest.raises(AccessDenied):
        undo_recycling(run.pk, title="", actor=cast.bob)
    undone = undo_recycling(run.pk, title="", actor=cast.dora)
    assert (undone.restored, undone.undo_ended_at is not None) == (1, True)
    assert (owner_of(first), owner_of(second)) == (cast.bob.user_id, cast.alice.user_id)
    with pytest.raises(Conflict):
        undo_recycling(run.pk, title="", actor=cast.dora)
    assert AuditEntry.objects.get(action="undo_recycle").record_count == 1


def test_a_long_night_is_taken_back_in_the_background_and_can_be_stopped(
    cast: Cast, pool: Pool, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [new_account(f"客户{place}") for place in range(5)]
    for account in accounts:
        held(account, days=60)
    rule_of(pool, cast)
    night = recycling.recycle(timezone.localdate(), actor=system_actor("Pool"))
    monkeypatch.setattr(night_undo, "AT_ONCE", 2)
    monkeypatch.setattr(night_undo, "BLOCK", 2)
    run = undo_recycling(night.pk, title="Taking back", actor=cast.dora)
    assert (run.restored, run.undo_ended_at, owner_of(accounts[0])) == (0, None, None)
    job = JobRun.objects.get(pk=run.undo_run_id or 0)
    assert (job.title, job.started_by_id) == ("Taking back", cast.dora.user_id)
    JobRun.objects.filter(pk=job.pk).update(cancel_requested=True)
    take_night_back(job.pk, night.pk)
    assert JobRun.objects.get(pk=job.pk).state == RunState.CANCELLED
    assert [owner_of(account) for account in accounts].count(None) == 3
    run = undo_recycling(night.pk, title="Taking back", actor=cast.dora)
    assert run.undo_run_id is not None
    take_night_back(run.undo_run_id, night.pk)
    run.refresh_from_db()
    assert (run.restored, run.undo_ended_at is not None) == (5, True)
    assert {owner_of(account) for account in accounts} == {cast.alice.user_id}


def test_who_may_not_set_pools_up_any_more_takes_nothing_back(
    cast: Cast, pool: Pool, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = new_account()
    held(account, days=60)
    rule_of(pool, cast)
    night = recycling.recycle(timezone.localdate(), actor=system_actor("Pool"))
    monkeypatch.setattr(night_undo, "AT_ONCE", 0)
    undo_recycling(night.pk, title="", actor=cast.dora)
    RecycleRun.objects.update(undo_moved_at=timezone.now() - timedelta(minutes=11), undone_by=cast.bob.user_id)
    go_on_taking_back(0)
    assert owner_of(account) is None
    RecycleRun.objects.update(undone_by=cast.dora.user_id)
    go_on_taking_back(0)
    assert owner_of(account) == cast.alice.user_id


def test_a_follow_up_moves_the_day_and_owners_are_warned_once(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    held(account, days=28)
    rule_of(pool, cast, warn_days=5)
    today, actor = timezone.localdate(), system_actor("Pool")
    assert recycling.recycle(today, actor=actor).warned == 1
    assert recycling.recycle(today + timedelta(days=1), actor=actor).warned == 0
    warnings = OutboxEvent.objects.filter(name="platform.records_leaving")
    assert [row.payload["owner_id"] for row in warnings] == [cast.alice.user_id]
    term = term_of(account)
    assert term is not None
    assert term.leaves_on == today + timedelta(days=2)
    record_fact(account.pk, fact=NewFact("interaction", "call", timezone.now()), source_id="", actor=cast.alice)
    refresh_terms([account.pk])
    term = term_of(account)
    assert term is not None
    assert term.leaves_on == today + timedelta(days=30)


def test_another_owner_has_all_the_time_again_and_leaves_the_pool(
    cast: Cast, pool: Pool, new_account: NewAccount
) -> None:
    account, today = new_account(), timezone.localdate()
    held(account, days=28)
    returned(account, pool, cast.alice)
    rule_of(pool, cast)
    edit_account(account.pk, {"owner_id": cast.bob.user_id}, actor=cast.dora)
    note_owners([account.pk], today=today)
    term = term_of(account)
    assert term is not None
    assert (term.held_since, term.leaves_on) == (today, today + timedelta(days=30))
    assert [(stay.way, stay.taken_by_id) for stay in stays()] == [("taken", cast.bob.user_id)]


def test_members_read_what_the_pool_shows_and_nothing_else(
    cast: Cast, pool: Pool, new_account: NewAccount, sign_in: SignIn
) -> None:
    account = new_account("岚川精密仪器", city="苏州", industry="量具")
    returned(account, pool, cast.alice)
    page = sign_in(cast.alice).get(reverse("pool_one", args=[pool.pk])).content.decode()
    assert "岚****" in page
    assert "苏州" in page
    assert "岚川" not in page
    assert "量具" not in page
    alice = sign_in(cast.alice)
    assert alice.get(f"/accounts/{account.pk}/").status_code == 404
    assert f"/accounts/{account.pk}/" not in alice.get("/accounts/?q=岚川").content.decode()
    charlie = sign_in(cast.charlie)
    assert charlie.get(reverse("pool_one", args=[pool.pk])).status_code == 404
    assert charlie.get(reverse("pool_effect", args=[pool.pk])).status_code == 404
    assert alice.get(reverse("pool_effect", args=[pool.pk])).status_code == 403
    assert charlie.get(reverse("pool_settings")).status_code == 403


def test_the_pages_work(cast: Cast, pool: Pool, new_account: NewAccount, sign_in: SignIn) -> None:
    account, dora = new_account(), sign_in(cast.dora)
    rule = rule_of(pool, cast)
    for name, ids in (
        ("pool_settings", []),
        ("new_pool", []),
        ("edit_pool", [pool.pk]),
        ("new_recycle_rule", [pool.pk]),
        ("edit_recycle_rule", [pool.pk, rule.pk]),
        ("pool_effect", [pool.pk]),
        ("lock_account", [account.pk]),
        ("pool", []),
    ):
        assert dora.get(reverse(name, args=ids)).status_code == 200, name
    held(account, days=60)
    draft = {"criterion": "no_follow_up", "days": "30", "warn_days": "7", "starts_on": date(2026, 1, 1).isoformat()}
    shown = dora.post(reverse("simulate_rule", args=[pool.pk]), draft).content.decode()
    assert "would move tonight" in shown
    assert "岚川精密仪器" in shown
    alice = sign_in(cast.alice)
    assert alice.get(f"{reverse('return_to_pool')}?id={account.pk}").status_code == 200
    form = {"id": account.pk, "pool": pool.pk, "reason": "no_need", "do": "yes"}
    assert alice.post(reverse("return_to_pool"), form).status_code == 303
    assert owner_of(account) is None
    assert sign_in(cast.bob).post(reverse("pool_claim", args=[pool.pk]), {"one": account.pk}).status_code == 303
    assert owner_of(account) == cast.bob.user_id
    assert alice.post(reverse("pool_claim", args=[pool.pk]), {"one": account.pk}).status_code == 409


def test_what_is_no_longer_there_cannot_be_taken_back(cast: Cast, pool: Pool) -> None:
    with pytest.raises(NotFound):
        pool_moves.undo_return(uuid4(), actor=cast.alice)
    with pytest.raises(NotFound):
        pool_moves.undo_leaving(uuid4(), actor=cast.alice)


def test_the_page_asks_as_often_for_many_rows_as_for_few(
    cast: Cast,
    pool: Pool,
    new_account: NewAccount,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def counted(client: Client) -> int:
        client.get(reverse("pool_one", args=[pool.pk]))
        with django_assert_max_num_queries(40) as asked:
            client.get(reverse("pool_one", args=[pool.pk]))
        return len(asked)

    client = sign_in(cast.bob)
    returned(new_account("一"), pool, cast.alice)
    few = counted(client)
    for name in ("二", "三", "四", "五"):
        returned(new_account(name), pool, cast.alice)
    assert counted(client) == few


def leaving_events() -> list[tuple[object, object, object]]:
    """Who was told of how many customers of whom; owners first."""
    rows = OutboxEvent.objects.filter(name="platform.records_leaving")
    told = [(row.payload["owner_id"], row.payload["count"], row.payload["holder_id"]) for row in rows]
    return sorted(told, key=lambda item: item[2] is not None)


def test_the_owner_is_told_then_the_manager_then_it_leaves(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account, other = new_account(), new_account("云杉包装")
    for item in (account, other):
        held(item, days=26)
    rule_of(pool, cast, warn_days=4, manager_days=2)
    today, actor = timezone.localdate(), system_actor("Pool")
    told = (cast.alice.user_id, 2, None)
    recycling.recycle(today, actor=actor)
    assert leaving_events() == [told]
    recycling.recycle(today + timedelta(days=1), actor=actor)
    assert leaving_events() == [told]
    recycling.recycle(today + timedelta(days=2), actor=actor)
    above = (cast.dora.user_id, 2, cast.alice.user_id)
    assert leaving_events() == [told, above]
    recycling.recycle(today + timedelta(days=3), actor=actor)
    assert (leaving_events(), owner_of(account)) == ([told, above], cast.alice.user_id)
    recycling.recycle(today + timedelta(days=4), actor=actor)
    assert (leaving_events(), owner_of(account), owner_of(other)) == ([told, above], None, None)


def test_a_contact_ends_the_escalation(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    account = new_account()
    held(account, days=28)
    rule_of(pool, cast, warn_days=0, manager_days=2)
    called = NewFact("interaction", "call", timezone.now(), channel="phone")
    record_fact(account.pk, fact=called, actor=cast.alice)
    refresh_terms([account.pk])
    recycling.recycle(timezone.localdate(), actor=system_actor("Pool"))
    assert leaving_events() == []


def test_managers_are_those_nearest_who_may_give_customers_away(cast: Cast) -> None:
    assert managers_of([cast.alice.user_id or 0, cast.dora.user_id or 0]) == {
        cast.alice.user_id: (cast.dora.user_id,),
    }


@pytest.mark.parametrize("days", [30, 31])
def test_a_manager_who_would_be_told_too_late_is_refused(cast: Cast, pool: Pool, days: int) -> None:
    with pytest.raises(RuleViolation) as refused:
        rule_of(pool, cast, manager_days=days)
    assert refused.value.code == "pool.steps"
    assert not unscoped(RecycleRule, reason=HOLDING).exists()


def test_the_simulation_counts_each_step(cast: Cast, pool: Pool, new_account: NewAccount, sign_in: SignIn) -> None:
    for days in (27, 29, 40):
        held(new_account(f"客户{days}"), days=days)
    draft = {"criterion": "no_follow_up", "days": "30", "warn_days": "4", "starts_on": date(2026, 1, 1).isoformat()}
    browser, address = sign_in(cast.dora), reverse("simulate_rule", args=[pool.pk])
    assert "Step by step" not in browser.post(address, draft).content.decode()
    page = browser.post(address, {**draft, "manager_days": "2"}).content.decode()
    words = " ".join(page.split())
    steps = (("26", "The owner is told", 2), ("28", "The manager is told", 1), ("30", "Into the pool", 1))
    for when, what, count in steps:
        line = f'after {when} days</span><span class="grow">{what}</span><span class="num">{count}</span>'
        assert line in words
