from collections.abc import Callable

import pytest

from guanxi.customers.commands import add_contact, edit_account, restore_account, trash_account
from guanxi.customers.models import Account, Contact
from guanxi.kernel.errors import AccessDenied, NotFound
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.search.models import SearchEntry
from tests.cast import Cast

NewAccount = Callable[..., Account]


def stored(account: Account) -> Account:
    return Account._base_manager.get(pk=account.pk)


def is_indexed(account: Account) -> bool:
    return SearchEntry.objects.filter(object_key="account", record_id=account.pk).exists()


def told() -> list[str]:
    return list(OutboxEvent.objects.order_by("published_at").values_list("name", flat=True))


def test_the_trash_takes_an_account_and_gives_it_back(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    trash_account(account.pk, actor=cast.dora)
    assert stored(account).trashed_at is not None
    assert not is_indexed(account)
    restore_account(account.pk, actor=cast.dora)
    assert stored(account).trashed_at is None
    assert is_indexed(account)
    assert told()[1:] == ["customers.account_trashed", "customers.account_restored"]
    actions = AuditEntry.objects.filter(record_id=account.pk).order_by("at").values_list("action", flat=True)
    assert list(actions) == ["create", "trash", "restore"]


def test_doing_it_again_changes_nothing(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    restore_account(account.pk, actor=cast.dora)
    assert (stored(account).version, is_indexed(account)) == (1, True)
    for _ in range(2):
        trash_account(account.pk, actor=cast.dora)
    assert (stored(account).version, is_indexed(account)) == (2, False)
    assert told().count("customers.account_trashed") == 1


def test_only_who_may_delete_uses_the_trash(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    for verb in (trash_account, restore_account):
        with pytest.raises(AccessDenied):
            verb(account.pk, actor=cast.alice)
    with pytest.raises(NotFound):
        trash_account(account.pk + 1000, actor=cast.dora)
    assert (stored(account).version, is_indexed(account)) == (1, True)


def test_an_account_in_the_trash_is_neither_changed_nor_found(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    trash_account(account.pk, actor=cast.dora)
    with pytest.raises(NotFound):
        edit_account(account.pk, {"name": "Other"}, actor=cast.dora)
    add_contact(Contact(account=account, family_name="周"), actor=cast.alice)
    assert (stored(account).name, is_indexed(account)) == (account.name, False)


def test_a_changed_name_is_found_under_the_new_one(cast: Cast, new_account: NewAccount) -> None:
    account = new_account("Ash")
    before = SearchEntry.objects.get(record_id=account.pk).tokens
    edit_account(account.pk, {"city": "苏州"}, actor=cast.alice)
    assert SearchEntry.objects.get(record_id=account.pk).tokens == before
    edit_account(account.pk, {"short_name": "Beech"}, actor=cast.alice)
    assert set(SearchEntry.objects.get(record_id=account.pk).tokens) > set(before)
