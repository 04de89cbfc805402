"""Prepared reads: the same rows as the query they were made from, made once for a Grant, never past the guard."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db.models import Count, Max
from django.db.models.functions import Lower
from django.db.models.sql.compiler import SQLCompiler
from pytest_django import DjangoAssertNumQueries

from guanxi.customers.models import Account
from guanxi.kernel.errors import NotFound
from guanxi.platform.access.grant import Grant, grant
from guanxi.platform.access.guard import UnguardedRead
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id
from tests.cast import Cast

MakeAccount = Callable[..., Account]

NAMES: Prepared[Grant[Account]] = Prepared(
    lambda permission: permission.queryset().filter(Among("pk", "ids")).order_by("pk").values_list("name", flat=False)
)


@pytest.mark.django_db
def test_a_prepared_read_gives_what_its_grant_admits(cast: Cast, new_account: MakeAccount) -> None:
    ids = [new_account(name).pk for name in ("First", "Second", "Third")]
    assert NAMES(grant(cast.alice, Account), ids=ids[:2]) == [("First",), ("Second",)]
    assert NAMES(grant(cast.alice, Account), ids=ids[2:]) == [("Third",)]
    assert NAMES(grant(cast.alice, Account), ids=[]) == []
    assert NAMES(grant(cast.charlie, Account), ids=ids) == []


@pytest.mark.django_db
def test_a_right_that_was_taken_away_is_gone_with_the_next_run(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account("First")
    assert NAMES(grant(cast.bob, Account), ids=[account.pk]) == [("First",)]
    assert cast.bob.user_id is not None
    set_role_policy("manager", rows={("account", "view"): "owner"}, fields={})
    bob = actor_by_user_id(cast.bob.user_id)
    assert NAMES(grant(bob, Account), ids=[account.pk]) == []


@pytest.mark.django_db
def test_a_query_that_no_grant_admitted_is_not_prepared() -> None:
    unguarded: Prepared[None] = Prepared(lambda _: Account.objects.filter(pk=Slot("account_id")))
    with pytest.raises(UnguardedRead):
        unguarded(None, account_id=1)


@pytest.mark.django_db
def test_the_statement_is_made_once(
    cast: Cast,
    new_account: MakeAccount,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    account = new_account("First")
    permission = grant(cast.alice, Account)
    NAMES(permission, ids=[account.pk])

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("The query was put into SQL again.")

    monkeypatch.setattr(SQLCompiler, "as_sql", refuse)
    with django_assert_num_queries(1):
        assert NAMES(permission, ids=[account.pk]) == [("First",)]


@pytest.mark.django_db
def test_records_carry_their_fields_and_what_was_annotated(cast: Cast) -> None:
    read: Prepared[None] = Prepared(
        lambda _: User.objects.filter(pk=Slot("user_id")).annotate(role_count=Count("roles"), small=Lower("email"))
    )
    (found,) = read(None, user_id=cast.alice.user_id)
    known = User.objects.annotate(role_count=Count("roles"), small=Lower("email")).get(email="alice@example.com")
    assert found == known
    assert (found.role_count, found.small) == (known.role_count, known.small)
    assert not found.get_deferred_fields()


@pytest.mark.django_db
def test_columns_that_were_not_asked_for_are_read_when_needed(cast: Cast) -> None:
    read: Prepared[None] = Prepared(lambda _: User.objects.filter(Among("email", "mails")).only("id", "email"))
    (found,) = read(None, mails=["alice@example.com", "nobody@example.com"])
    assert "language" in found.get_deferred_fields()
    assert found.language == User.objects.get(email="alice@example.com").language


@pytest.mark.django_db
def test_a_limit_is_given_with_the_run(cast: Cast) -> None:
    read: Prepared[None] = Prepared(lambda _: User.objects.order_by("pk").values_list("pk"), limit="limit")
    newest = User.objects.aggregate(last=Max("pk"))["last"]
    assert [len(read(None, limit=limit)) for limit in (0, 2, newest + 1)] == [0, 2, User.objects.count()]
    assert cast.alice.user_id


@pytest.mark.django_db
def test_a_slot_without_a_value_is_a_defect(cast: Cast) -> None:
    with pytest.raises(KeyError):
        NAMES(grant(cast.alice, Account))


@pytest.mark.django_db
def test_a_grant_that_reaches_nothing_gives_nothing(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account("First")
    nowhere = replace(cast.bob, unit_id=None, unit_ids=())
    assert NAMES(grant(nowhere, Account), ids=[account.pk]) == []
    with pytest.raises(NotFound):
        grant(nowhere, Account).get(account.pk)
