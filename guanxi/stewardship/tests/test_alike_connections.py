"""Customers whom a connection brings and who look like one who is there: let in, told, refused, as the house says."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.ledger.choices import PullTarget
from guanxi.ledger.commands.pulling import PullOrder, run_pull
from guanxi.ledger.models import PullRun, RefusedRow
from guanxi.ledger.tests.house import Office, sqlite_office
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.objects.alike import EntryPoint, Treatment
from guanxi.stewardship.commands.duplicates import REASON
from guanxi.stewardship.commands.likeness import set_house_rule
from guanxi.stewardship.models import Twin
from guanxi.stewardship.rules.likeness import ACCOUNT, DEFAULTS, SURE, EntryRule
from tests.cast import Cast

KNOWN, LIKE_IT, OTHER = "岚川精密仪器（苏州）有限公司", "岚川精密仪器公司", "白榆印务有限公司"
ROW = "INSERT INTO customers VALUES ({id}, '{name}', '苏州', '', '2026-03-01 10:00:00')"


@pytest.fixture
def office(cast: Cast, new_account: Callable[..., Account]) -> Office:
    """A back office with two customers, of whom one looks like a customer of Alice's."""
    new_account(KNOWN)
    office = sqlite_office(system_actor())
    office.run(ROW.format(id=1, name=LIKE_IT), ROW.format(id=2, name=OTHER))
    return office


def treat(treatment: Treatment, actor: Actor) -> None:
    usual = DEFAULTS[ACCOUNT]
    told = EntryRule(treatment, SURE)
    set_house_rule(ACCOUNT, replace(usual, entries={**usual.entries, EntryPoint.CONNECTION: told}), actor=actor)


def pull(office: Office) -> PullRun:
    return run_pull(office.pulls[PullTarget.ACCOUNT].pk, PullOrder(), actor=system_actor())


def names() -> list[str]:
    return sorted(Account._base_manager.filter(trashed_at__isnull=True).values_list("name", flat=True))


def pairs() -> int:
    return unscoped(Twin, reason=REASON).count()


def test_by_default_a_connection_asks_nobody(office: Office) -> None:
    run = pull(office)
    assert (run.created, run.refused, names(), pairs()) == (2, 0, sorted([KNOWN, LIKE_IT, OTHER]), 0)


def test_what_is_told_comes_in_and_to_the_desk_once(office: Office, cast: Cast) -> None:
    treat(Treatment.TELL, cast.dora)
    run = pull(office)
    assert (run.created, run.refused, names(), pairs()) == (2, 0, sorted([KNOWN, LIKE_IT, OTHER]), 1)
    office.run("UPDATE customers SET city = '昆山', updated_at = '2026-03-05 10:00:00' WHERE id = 1")
    assert (pull(office).updated, pairs()) == (1, 1)


def test_what_is_refused_stays_out_with_its_reason_and_comes_in_when_it_is_let_in(office: Office, cast: Cast) -> None:
    treat(Treatment.BLOCK, cast.dora)
    run = pull(office)
    assert (run.created, run.refused, names(), pairs()) == (1, 1, sorted([KNOWN, OTHER]), 0)
    (refused,) = RefusedRow.objects.all()
    assert (refused.key, "疑似重复" in refused.reason, "[" in refused.reason) == ("1", True, False)
    treat(Treatment.TELL, cast.dora)
    office.run("UPDATE customers SET updated_at = '2026-03-06 10:00:00' WHERE id = 1")
    pull(office)
    assert (names(), pairs(), RefusedRow.objects.count()) == (sorted([KNOWN, LIKE_IT, OTHER]), 1, 0)
