"""Limits of pools hold whoever takes what back, and whoever gives at the same moment."""

from collections.abc import Callable

import pytest

from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.stewardship.commands import pool_moves
from guanxi.stewardship.commands.pool_settings import create_limit, create_pool
from guanxi.stewardship.models import Pool
from guanxi.stewardship.queries.pools import HOLDING
from guanxi.stewardship.tests.test_at_once import _at_once
from guanxi.stewardship.tests.test_pools import owner_of, pool, returned
from tests.cast import Cast

NewAccount = Callable[..., Account]
__all__ = ["pool"]


def changed(pool: Pool, **values: object) -> None:
    unscoped(Pool, reason=HOLDING).filter(pk=pool.pk).update(**values)


def test_a_claim_that_is_taken_back_counts_for_the_day(cast: Cast, pool: Pool, new_account: NewAccount) -> None:
    changed(pool, claims_per_day=1)
    first, second = new_account("岚川"), new_account("云杉")
    for account in (first, second):
        returned(account, pool, cast.alice)
    moved = pool_moves.claim([first.pk], pool_id=pool.pk, actor=cast.bob)
    assert pool_moves.undo_leaving(moved.entry_id, actor=cast.bob) == 1
    with pytest.raises(RuleViolation) as refused:
        pool_moves.claim([second.pk], pool_id=pool.pk, actor=cast.bob)
    assert (refused.value.code, owner_of(second)) == ("pool.day_limit", None)


def test_who_administers_the_pool_no_more_takes_nobody_his_customers(
    cast: Cast, pool: Pool, new_account: NewAccount
) -> None:
    changed(pool, admin_ids=[cast.alice.user_id])
    account = new_account()
    returned(account, pool, cast.alice)
    moved = pool_moves.assign([account.pk], pool_id=pool.pk, user_id=cast.bob.user_id or 0, actor=cast.alice)
    changed(pool, admin_ids=[])
    with pytest.raises(AccessDenied):
        pool_moves.undo_leaving(moved.entry_id, actor=cast.alice)
    changed(pool, member_ids=[cast.bob.user_id])
    with pytest.raises(NotFound):
        pool_moves.undo_leaving(moved.entry_id, actor=cast.alice)
    assert owner_of(account) == cast.bob.user_id


@pytest.mark.django_db(transaction=True)
def test_two_who_assign_at_the_same_moment_leave_the_capacity(cast: Cast, new_account: NewAccount) -> None:
    values = {"name_zh": "东区公海", "member_ids": [cast.alice.user_id, cast.bob.user_id], "cooling_days": 0}
    pool, bob = create_pool(values, actor=cast.dora), cast.bob.user_id or 0
    create_limit({"user_id": bob, "most": 1}, actor=cast.dora)
    accounts = [new_account("岚川"), new_account("云杉")]
    for account in accounts:
        returned(account, pool, cast.alice)
    answers = _at_once(
        *(
            lambda pk=account.pk: pool_moves.assign([pk], pool_id=pool.pk, user_id=bob, actor=cast.dora)
            for account in accounts
        )
    )
    assert answers == ["done", "pool.capacity"]
    assert sorted(str(owner_of(account)) for account in accounts) == sorted([str(bob), "None"])
