"""The scopes of a token narrow what its person may do, and never widen it."""

from collections.abc import Callable

import pytest

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.ledger.models import Fact
from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.backend import actor_by_token
from guanxi.platform.accounts.commands import create_token
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import own_id, system_actor
from tests.cast import Cast


def actor_with(cast: Cast, *scopes: str) -> Actor:
    """Alice by a token of these scopes."""
    alice = User.objects.get(pk=own_id(cast.alice))
    secret = create_token(alice, name="x", is_read_only=False, scopes=scopes, actor=system_actor())
    actor = actor_by_token(secret)
    assert actor is not None
    return actor


def test_scopes_narrow_what_the_person_may_do(cast: Cast) -> None:
    actor = actor_with(cast, "account:view", "account:edit")
    assert [action for action in Action if may(actor, Account, action)] == [Action.VIEW, Action.EDIT]
    with pytest.raises(AccessDenied):
        grant(actor, Account, Action.REVEAL)
    mine = Account(owner_id=actor.user_id)
    assert (may_act_on(actor, mine, Action.EDIT), may_act_on(actor, mine, Action.REVEAL)) == (True, False)


def test_what_follows_an_object_is_narrowed_with_it(cast: Cast) -> None:
    assert may(actor_with(cast, "account:view"), Fact, Action.VIEW)
    assert not may(actor_with(cast, "product:view"), Fact, Action.VIEW)
    assert not may(actor_with(cast, "fact:view"), Fact, Action.VIEW)


def test_a_change_beyond_the_scopes_changes_nothing(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    with pytest.raises(AccessDenied):
        edit_account(account.pk, {"city": "x"}, actor=actor_with(cast, "account:view"))
    assert grant(cast.alice, Account).get(account.pk).city == ""
    edit_account(account.pk, {"city": "x"}, actor=actor_with(cast, "account:view", "account:edit"))
    assert grant(cast.alice, Account).get(account.pk).city == "x"


def test_scopes_never_exceed_the_person(cast: Cast) -> None:
    actor = actor_with(cast, "account:view", "account:delete", "user:administer", "*:view", "*:administer")
    assert [action for action in Action if may(actor, Account, action)] == [Action.VIEW]
    assert not may(actor, User, Action.ADMINISTER)


def test_a_right_taken_from_the_person_is_taken_from_the_token(cast: Cast) -> None:
    assert may(actor_with(cast, "account:view"), Account, Action.VIEW)
    User.objects.get(pk=own_id(cast.alice)).roles.clear()
    assert not may(actor_with(cast, "account:view"), Account, Action.VIEW)


def test_no_scope_is_no_right(cast: Cast) -> None:
    assert not any(may(actor_with(cast), Account, action) for action in Action)
