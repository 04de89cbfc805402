"""A run that is killed in the middle goes on where its last block ended; two runs are never at work at once."""

import pytest

from guanxi.kernel.errors import Conflict
from guanxi.ledger.adapters import databases
from guanxi.ledger.choices import PullState, PullTarget
from guanxi.ledger.commands.pulling import PullOrder, run_pull
from guanxi.ledger.models import Fact, PulledRow, PullRun
from guanxi.ledger.tests.house import SYSTEM, decimals, sqlite_office, standing_lines
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from tests.killing import kill, started
from tests.waiting import wait_until

REASON = "demo: the demo company is made by the system"
LINES = 6_000
THERE = "SELECT c.name, order_no, qty, total FROM order_lines o JOIN customers c ON c.id = customer_id"


def pull_rows(pull_id: int) -> None:
    """Pull, in small blocks."""
    vars(databases).update(BLOCK_ROWS=200)
    run_pull(pull_id, PullOrder(), actor=system_actor())


@pytest.mark.django_db(transaction=True)
def test_a_killed_run_goes_on_where_its_last_block_ended() -> None:
    actor = system_actor()
    office = sqlite_office(actor, file="killed.sqlite")
    count = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LINES})"
    office.run(
        "INSERT INTO customers VALUES (1, 'Tea House', 'Bonn', '', '2026-03-01 10:00:00')",
        "INSERT INTO items VALUES ('GREEN', 'Tea', 8)",
        f"INSERT INTO order_lines {count} SELECT i, 'O-' || i, 1, 'GREEN', 1, 8, '2026-03-02 09:00:00', "
        "datetime('2026-03-02 09:00:00', '+' || i || ' seconds') FROM n",
    )
    for target in (PullTarget.ACCOUNT, PullTarget.PRODUCT):
        run_pull(office.pulls[target].pk, PullOrder(), actor=actor)
    pull = office.pulls[PullTarget.PURCHASE]
    process = started(pull_rows, pull.pk)
    wait_until(lambda: PulledRow.objects.filter(pull=pull).count() >= LINES // 10, seconds=90)
    with pytest.raises(Conflict, match="running already"):
        run_pull(pull.pk, PullOrder(), actor=actor)
    kill(process)
    taken = PulledRow.objects.filter(pull=pull).count()
    assert 0 < taken < LINES
    assert unscoped(Fact, reason=REASON).filter(source=SYSTEM).count() == taken
    run = run_pull(pull.pk, PullOrder(), actor=actor)
    assert (run.created, run.read < LINES) == (LINES - taken, True)
    assert list(PullRun.objects.filter(pull=pull).order_by("pk").values_list("state", flat=True)) == [
        PullState.BROKEN,
        PullState.DONE,
    ]
    assert unscoped(Fact, reason=REASON).filter(source=SYSTEM).count() == LINES
    assert standing_lines() == decimals(office.rows(THERE))
