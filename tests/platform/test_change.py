"""change(): what it writes, what it refuses, what it leaves when it fails."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection

from guanxi.customers.commands import edit_account
from guanxi.customers.events import AccountChanged
from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.commands import deliver, publish, settle
from guanxi.platform.events.models import Delivery, OutboxEvent
from guanxi.platform.records.change import change
from tests.cast import Cast

MakeAccount = Callable[..., Account]


@pytest.mark.django_db
def test_a_change_raises_the_version_and_leaves_entry_history_and_event(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account("旧名")
    edit_account(account.pk, {"name": "新名"}, actor=cast.alice)
    changed = grant(cast.alice, Account).get(account.pk)
    assert (changed.name, changed.version, changed.name_key) == ("新名", 2, "xin ming")
    entry = AuditEntry.objects.get(object_key="account", record_id=account.pk, action="edit")
    assert (entry.user_id, entry.surface) == (cast.alice.user_id, "web")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, pgh_context_id FROM customers_accountevent WHERE pgh_obj_id = %s", [account.pk])
        assert cursor.fetchall() == [("旧名", entry.pk)]
    event = OutboxEvent.objects.get(name=AccountChanged.name)
    assert event.payload == {"account_ids": [account.pk], "fields": ["name"]}


@pytest.mark.django_db
def test_nothing_changed_writes_no_version(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    with change(Account, account.pk, action="edit", actor=cast.alice):
        pass
    assert grant(cast.alice, Account).get(account.pk).version == 1


@pytest.mark.django_db
def test_an_older_version_is_a_conflict(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    edit_account(account.pk, {"city": "苏州"}, version=1, actor=cast.alice)
    with pytest.raises(Conflict):
        edit_account(account.pk, {"city": "上海"}, version=1, actor=cast.bob)
    assert grant(cast.alice, Account).get(account.pk).city == "苏州"


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["owner_id", "unit_id"])
def test_who_may_edit_alone_gives_a_record_to_nobody(column: str, cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    with pytest.raises(AccessDenied):
        edit_account(
            account.pk, {"city": "苏州", column: getattr(cast.charlie, column.replace("owner", "user"))}, actor=cast.bob
        )
    kept = grant(cast.alice, Account).get(account.pk)
    assert (kept.version, kept.city, kept.owner_id, kept.unit_id) == (1, "", cast.alice.user_id, cast.alice.unit_id)


@pytest.mark.django_db
def test_who_may_hand_over_those_of_one_s_own_gives_them_away_and_none_of_others(
    cast: Cast, new_account: MakeAccount
) -> None:
    """His role edits what the unit has, and hands over what she has."""
    rows: dict[tuple[str, str], object] = {("account", "view"): "unit_and_below", ("account", "edit"): "unit_and_below"}
    rows["account", "transfer"] = "owner"
    define_role("manager", name="Giving", rows=rows, fields={}, actor=cast.dora)
    bob = actor_by_user_id(cast.bob.user_id or 0)
    theirs, own = new_account("Theirs"), new_account("Own")
    edit_account(own.pk, {"owner_id": bob.user_id}, actor=cast.dora)
    with pytest.raises(AccessDenied):
        edit_account(theirs.pk, {"owner_id": bob.user_id}, actor=bob)
    edit_account(own.pk, {"owner_id": cast.alice.user_id}, actor=bob)
    owners = dict(grant(cast.dora, Account).queryset().values_list("name", "owner_id"))
    assert owners == {"Theirs": cast.alice.user_id, "Own": cast.alice.user_id}


@pytest.mark.django_db
def test_a_stranger_does_not_learn_that_the_record_exists(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    with pytest.raises(NotFound):
        edit_account(account.pk, {"name": "stolen"}, actor=cast.charlie)
    assert grant(cast.alice, Account).get(account.pk).name == account.name


@pytest.mark.django_db
def test_an_invalid_value_names_its_field_and_nothing_is_written(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    entries = AuditEntry.objects.count()
    with pytest.raises(RuleViolation) as refused:
        edit_account(account.pk, {"kind": "robot"}, actor=cast.alice)
    fields = refused.value.data["fields"]
    assert isinstance(fields, dict)
    assert list(fields) == ["kind"]
    assert AuditEntry.objects.count() == entries
    assert grant(cast.alice, Account).get(account.pk).kind == "organisation"


@pytest.mark.django_db
def test_a_failing_block_leaves_nothing(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    events = OutboxEvent.objects.count()

    def fail() -> None:
        with change(Account, account.pk, action="edit", actor=cast.alice) as work:
            work.record.name = "half done"
            work.publish(AccountChanged(account_ids=(account.pk,), fields=("name",)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert grant(cast.alice, Account).get(account.pk).name == account.name
    assert OutboxEvent.objects.count() == events


@pytest.mark.django_db
def test_an_event_is_delivered_to_a_reaction_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []

    class Counting:
        key = "tests.count"
        event_type = AccountChanged

        @staticmethod
        def react(event: AccountChanged, event_id: object) -> None:  # noqa: ARG004  # a reaction's signature
            seen.append(event.account_ids)

    monkeypatch.setattr("guanxi.platform.events.commands.reaction", lambda key: Counting)  # one reaction
    event_id = publish(AccountChanged(account_ids=(7,), fields=("name",)))
    assert deliver(event_id, reaction_key="tests.count")
    assert not deliver(event_id, reaction_key="tests.count")
    assert seen == [(7,)]
    assert Delivery.objects.filter(event_id=event_id).count() == 1
    with pytest.raises(OutboxEvent.DoesNotExist):
        deliver(uuid4(), reaction_key="tests.count")


@pytest.mark.django_db
def test_a_settled_reaction_does_not_follow_events_so_far() -> None:
    first, second = (AccountChanged(account_ids=(number,), fields=("name",)) for number in (1, 2))
    key = "planning.score_changed_accounts"
    before = publish(first)
    settle([key])
    after = publish(second)
    assert [deliver(event_id, reaction_key=key) for event_id in (before, after)] == [False, True]
    with pytest.raises(KeyError):
        settle(["tests.nobody"])
