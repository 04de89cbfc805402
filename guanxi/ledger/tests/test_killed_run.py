import json
from pathlib import Path

import pytest

from guanxi.ledger.adapters import files
from guanxi.ledger.commands import ingest_file
from guanxi.ledger.models import Fact
from guanxi.ledger.tests.conftest import make_accounts, purchase
from guanxi.platform.accounts.queries import system_actor
from tests.killing import kill, started
from tests.waiting import wait_until

ROWS = 60_000


def take_in(path: Path) -> None:
    """Take a file of facts in, in small batches."""
    files.BATCH_ROWS = 2_000
    ingest_file(path, source="till", actor=system_actor())


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_half_way_and_started_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    make_accounts(3)
    path = tmp_path / "facts.ndjson"
    rows = (purchase(f"{number:06}", account_key=f"C{1 + number % 3}") for number in range(ROWS))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    process = started(take_in, path)
    wait_until(lambda: Fact._base_manager.count() >= ROWS // 6, seconds=90)
    kill(process)
    recorded = Fact._base_manager.count()
    assert 0 < recorded < ROWS
    result = ingest_file(path, source="till", actor=system_actor())
    assert (result.counts.recorded, result.counts.repeated) == (ROWS - recorded, recorded)
    assert Fact._base_manager.count() == ROWS
