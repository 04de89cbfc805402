"""Sharing: whom it reaches, what it allows, when it ends; nobody else comes to see anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.customers.commands import add_contact_point, edit_account
from guanxi.customers.models import Account, ContactPoint
from guanxi.customers.queries import contact_points
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.models import Share
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.commands import ShareTerms, define_role, end_share, share_record
from guanxi.platform.accounts.queries import actor_by_user_id, own_id
from guanxi.platform.audit.models import AuditEntry
from tests.cast import Cast

MakeAccount = Callable[..., Account]
WITH_SHARES = {"any_of": ["unit_and_below", "shared", "team"]}


@pytest.fixture
def charlie(cast: Cast) -> Actor:
    """Charlie of another branch, whose role sees what is shared."""
    rows: dict[tuple[str, str], Any] = {("account", action): WITH_SHARES for action in ("view", "edit", "reveal")}
    define_role("manager", name="Manager", rows=rows, fields={("*", "reach"): 1}, actor=cast.dora)
    return actor_by_user_id(own_id(cast.charlie))


def sees(actor: Actor, account: Account, action: Action = Action.VIEW) -> bool:
    """Whether the list and the record at hand say so: they must agree."""
    listed = grant(actor, Account, action).queryset().filter(pk=account.pk).exists()
    at_hand = grant(replace(actor, roles=("administrator",)), Account).get(account.pk)
    assert may_act_on(actor, at_hand, action) == listed
    return listed


def whom(actor: Actor, **terms: Any) -> ShareTerms:
    return ShareTerms(user_id=own_id(actor), **terms)


def test_a_share_reaches_its_person_and_what_belongs_to_the_record(
    cast: Cast, charlie: Actor, new_account: MakeAccount
) -> None:
    account, other = new_account(), new_account("Other")
    add_contact_point(ContactPoint(account=account, type="mobile", value="13800136021"), actor=cast.alice)
    assert not sees(charlie, account)
    share_record(Account, account.pk, terms=whom(charlie), actor=cast.alice)
    assert (sees(charlie, account), sees(charlie, other), sees(charlie, account, Action.EDIT)) == (True, False, False)
    assert contact_points([account.pk], charlie)[account.pk][0].text == "138****6021"
    with pytest.raises(AccessDenied):
        edit_account(account.pk, {"name": "Mine"}, actor=charlie)
    assert grant(cast.dora, Account).get(account.pk).name == account.name


def test_a_share_to_edit_lets_edit_and_is_not_passed_on(cast: Cast, charlie: Actor, new_account: MakeAccount) -> None:
    account = new_account()
    share_record(Account, account.pk, terms=whom(charlie, may_edit=True), actor=cast.alice)
    edit_account(account.pk, {"name": "Ours"}, actor=charlie)
    assert grant(cast.dora, Account).get(account.pk).name == "Ours"
    with pytest.raises(AccessDenied):
        share_record(Account, account.pk, terms=whom(cast.dora), actor=charlie)
    assert Share.objects.count() == 1


def test_who_cannot_see_a_record_cannot_share_it(cast: Cast, charlie: Actor, new_account: MakeAccount) -> None:
    account = new_account()
    with pytest.raises(NotFound):
        share_record(Account, account.pk, terms=whom(cast.bob), actor=charlie)
    with pytest.raises(AccessDenied):
        share_record(Account, account.pk, terms=whom(cast.bob), actor=cast.token)
    assert not Share.objects.exists()


def test_an_ended_share_is_gone_at_once(cast: Cast, charlie: Actor, new_account: MakeAccount) -> None:
    account, today = new_account(), timezone.localdate()
    share = share_record(Account, account.pk, terms=whom(charlie, ends_on=today), actor=cast.alice)
    assert sees(charlie, account)
    Share.objects.update(ends_at=timezone.now() - timedelta(days=1))
    assert not sees(charlie, account)
    Share.objects.update(ends_at=None)
    assert sees(charlie, account)
    end_share(Account, account.pk, share_id=share.pk, actor=cast.alice)
    assert not sees(charlie, account)
    actions = AuditEntry.objects.filter(record_id=account.pk).order_by("at").values_list("action", flat=True)
    assert {"share", "end_share"} <= set(actions)


def test_a_share_with_a_unit_reaches_those_below_it(cast: Cast, charlie: Actor, new_account: MakeAccount) -> None:
    account = new_account()
    company = charlie.unit_path[0]
    assert not sees(charlie, account)
    share_record(Account, account.pk, terms=ShareTerms(unit_id=company), actor=cast.alice)
    assert sees(charlie, account)
    Share.objects.all().delete()
    share_record(Account, account.pk, terms=ShareTerms(unit_id=cast.alice.unit_id), actor=cast.alice)
    assert not sees(charlie, account)


def test_a_role_without_the_rule_sees_nothing_of_a_share(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    share_record(Account, account.pk, terms=whom(cast.charlie), actor=cast.alice)
    assert not sees(cast.charlie, account)


@pytest.mark.parametrize("terms", [ShareTerms(), ShareTerms(user_id=0), ShareTerms(unit_id=0), ShareTerms(1, 1)])
def test_a_share_with_nobody_is_refused(terms: ShareTerms, cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    with pytest.raises(RuleViolation):
        share_record(Account, account.pk, terms=terms, actor=cast.alice)
    past = whom(cast.bob, ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(RuleViolation):
        share_record(Account, account.pk, terms=past, actor=cast.alice)
    assert not Share.objects.exists()


def test_a_record_at_hand_asks_once_and_only_where_a_share_decides(
    cast: Cast, charlie: Actor, new_account: MakeAccount, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = new_account()
    bob = actor_by_user_id(own_id(cast.bob))
    may_act_on(bob, account, Action.VIEW)
    with django_assert_num_queries(0):
        assert may_act_on(bob, account, Action.EDIT)
        assert may_act_on(cast.dora, account, Action.EDIT)
    with django_assert_num_queries(1):
        assert not may_act_on(charlie, account, Action.VIEW)
        assert not may_act_on(charlie, account, Action.EDIT)
