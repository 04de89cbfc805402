import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from guanxi.ledger.commands import ingest_file
from guanxi.ledger.models import Fact
from guanxi.ledger.tests.conftest import make_accounts, purchase
from guanxi.platform.accounts.queries import system_actor
from tests.waiting import wait_until

ROWS = 60_000
RUN = """
import sys
from pathlib import Path
import django
django.setup()
from guanxi.ledger.adapters import files
from guanxi.ledger.commands import ingest_file
from guanxi.platform.accounts.queries import system_actor
files.BATCH_ROWS = 2_000
ingest_file(Path(sys.argv[1]), source="till", actor=system_actor())
"""


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_half_way_and_started_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    make_accounts(3)
    path = tmp_path / "facts.ndjson"
    rows = (purchase(f"{number:06}", account_key=f"C{1 + number % 3}") for number in range(ROWS))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    environment = {
        **os.environ,
        "GUANXI_DATABASE_URL": _address(),
        "GUANXI_DATA": str(settings.DATA_FOLDER),
        "DJANGO_SETTINGS_MODULE": "guanxi.project.settings",
    }
    process = subprocess.Popen((sys.executable, "-c", RUN, str(path)), env=environment)
    wait_until(lambda: Fact._base_manager.count() >= ROWS // 6)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(_is_alone)
    recorded = Fact._base_manager.count()
    assert 0 < recorded < ROWS
    result = ingest_file(path, source="till", actor=system_actor())
    assert (result.counts.recorded, result.counts.repeated) == (ROWS - recorded, recorded)
    assert Fact._base_manager.count() == ROWS


def _address() -> str:
    """The address of the test database, for another process."""
    settings_dict = connection.settings_dict
    host, port = str(settings_dict["HOST"]), str(settings_dict["PORT"])
    where = (
        f"/{settings_dict['NAME']}?host={host}" if host.startswith("/") else f"{host}:{port}/{settings_dict['NAME']}"
    )
    return f"postgresql://{settings_dict['USER']}@{where}"


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return bool(cursor.fetchone() == (0,))
