"""What happens to customers and makes their indices be computed anew, many in one job."""

from typing import Any
from uuid import uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.customers.events import AccountChanged, AccountRestored
from guanxi.value.reactions import REFRESH_ACCOUNTS, refresh_regrouped_accounts, refresh_restored_accounts

pytestmark = pytest.mark.django_db


def asked() -> list[Any]:
    """The accounts of each refresh that waits."""
    return [job.args["account_ids"] for job in ProcrastinateJob.objects.filter(task_name=REFRESH_ACCOUNTS)]


def test_another_relation_or_kind_may_mean_another_peer_group() -> None:
    refresh_regrouped_accounts(AccountChanged(account_ids=(1, 2), fields=("city", "owner")), uuid4())
    assert asked() == []
    refresh_regrouped_accounts(AccountChanged(account_ids=(1, 2), fields=("city", "relation")), uuid4())
    assert asked() == [[1, 2]]


def test_who_comes_out_of_the_trash_has_an_index_again() -> None:
    refresh_restored_accounts(AccountRestored(account_ids=(3, 4)), uuid4())
    assert asked() == [[3, 4]]
