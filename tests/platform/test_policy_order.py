"""Two changes of the rules at the same time: both are in force once they are committed."""

from threading import Thread

import pytest
from django.db import connection, transaction

from guanxi.customers.models import Account
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.policy import current_policy_version, set_role_policy
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.customfields.commands import make_field
from guanxi.platform.customfields.models import CustomField
from tests.waiting import wait_until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def change_in_thread(role: str) -> Thread:
    """Begin to change the rules of a role on a connection of its own."""

    def run() -> None:
        set_role_policy(role, rows={("account", "view"): "everyone"}, fields={})
        connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def is_settled(thread: Thread) -> bool:
    """Whether the other change is through, or waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return not thread.is_alive() or cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_changes_are_numbered_in_the_order_in_which_they_come_into_force() -> None:
    with transaction.atomic():
        set_role_policy("first", rows={("account", "view"): "everyone"}, fields={})
        first = current_policy_version()
        other = change_in_thread("second")
        wait_until(lambda: is_settled(other))
        assert (other.is_alive(), current_policy_version()) == (True, first)
    other.join(30)
    assert current_policy_version() > first


@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_field_make_two() -> None:
    actor, values = system_actor("Tests"), {"name_zh": "昵称", "name_en": "Nick"}

    def run() -> None:
        make_field(Account, kind=FieldType.TEXT, values=values, actor=actor)
        connection.close()

    with transaction.atomic():
        make_field(Account, kind=FieldType.TEXT, values=values, actor=actor)
        other = Thread(target=run)
        other.start()
        wait_until(lambda: is_settled(other))
        assert other.is_alive()
    other.join(30)
    assert list(CustomField.objects.order_by("key").values_list("key", flat=True)) == ["x_nick", "x_nick_2"]
