"""Customers who go to the trash leave the queues; those who come back are planned for again, once."""

from collections.abc import Callable
from uuid import uuid4

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.care.choices import RowState
from guanxi.care.events import PLAN
from guanxi.care.models import QueueRow
from guanxi.care.reactions import leave_with_customers, plan_for_restored
from guanxi.customers.events import AccountRestored, AccountTrashed
from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.jobs.queue import is_waiting
from guanxi.platform.objects.bulk import change_many
from guanxi.platform.objects.models import BulkAction
from tests.cast import Cast
from tests.registry.conftest import REASON, MakeAccounts
from tests.registry.conftest import edition as edition
from tests.registry.conftest import make_accounts as make_accounts


def waiting(accounts: list[Account]) -> list[bool]:
    """Whether a row of each account waits in a queue."""
    rows = unscoped(QueueRow, reason=REASON).exclude(state=RowState.DONE).values_list("account_id", flat=True)
    return [account.pk in set(rows) for account in accounts]


def test_who_goes_to_the_trash_with_many_leaves_the_queues(make_accounts: MakeAccounts, cast: Cast) -> None:
    accounts = make_accounts(3)
    assert waiting(accounts) == [True] * 3
    ids = [account.pk for account in accounts[:2]]
    change_many("account", ids, action=BulkAction.TRASH, values={}, title="", actor=cast.dora)
    stored = OutboxEvent.objects.get(name=AccountTrashed.name)
    leave_with_customers(AccountTrashed(account_ids=tuple(stored.payload["account_ids"])), uuid4())
    assert waiting(accounts) == [False, False, True]


def test_who_came_back_before_the_news_arrives_stays(make_accounts: MakeAccounts) -> None:
    accounts = make_accounts(2)
    leave_with_customers(AccountTrashed(account_ids=tuple(account.pk for account in accounts)), uuid4())
    assert waiting(accounts) == [True] * 2


def test_what_was_decided_stays(make_accounts: MakeAccounts) -> None:
    accounts = make_accounts(1)
    rows = unscoped(QueueRow, reason=REASON).filter(account=accounts[0].pk)
    rows.update(state=RowState.DONE, decided_at=timezone.now())
    unscoped(Account, reason=REASON).filter(pk=accounts[0].pk).update(trashed_at=timezone.now())
    leave_with_customers(AccountTrashed(account_ids=(accounts[0].pk,)), uuid4())
    assert rows.count() == 1


def test_the_queues_are_planned_once_for_all_who_come_back(new_account: Callable[..., Account]) -> None:
    assert not is_waiting(PLAN)
    for _ in range(3):
        plan_for_restored(AccountRestored(account_ids=(new_account().pk,)), uuid4())
    assert ProcrastinateJob.objects.filter(task_name=PLAN, status="todo").count() == 1
