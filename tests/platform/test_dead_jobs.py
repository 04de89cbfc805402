"""Jobs of a worker that was killed: they are taken up again, and what waits behind them goes on."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from guanxi.customers.commands import create_account
from guanxi.platform.events.commands import DELIVER
from guanxi.platform.events.models import Delivery
from guanxi.platform.jobs import dead
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.jobs.worker import run_worker
from guanxi.platform.transfer.models import Import, ImportState
from tests.cast import Cast
from tests.killing import done, killed_before_writing_to
from tests.registry.test_killed_works import file_of_customers


@pytest.fixture(autouse=True)
def empty_queue(transactional_db: None) -> None:
    """No job of another test waits."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers RESTART IDENTITY CASCADE")


def default_jobs() -> None:
    """A worker that does what waits in the queue of long work."""
    run_worker(wait=False, queues=("default",))


def reactions() -> None:
    """A worker that does what follows from changes."""
    run_worker(wait=False, queues=("reactions",))


def jobs(status: str) -> list[str]:
    """The tasks whose jobs are in a state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status::text = %s ORDER BY id", [status])
        return [name for (name,) in cursor.fetchall()]


def run_of(file: Import) -> JobRun:
    """The run of an import that a person watches."""
    return JobRun.objects.get(pk=file.run_id or 0)


def silence() -> None:
    """Let the workers have said nothing for long."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")


def test_the_job_of_a_killed_worker_is_begun_again_and_comes_to_its_end(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = file_of_customers()
    killed_before_writing_to("transfer_importedrow", default_jobs)
    assert jobs("doing") == ["transfer.write"]
    assert run_of(file).state == RunState.RUNNING
    assert dead.take_up_dead() == (0, 0)
    silence()
    assert dead.take_up_dead() == (1, 0)
    assert (jobs("doing"), jobs("todo").count("transfer.write")) == ([], 1)
    done(default_jobs)
    assert (Import.objects.get().state, run_of(file).state) == (ImportState.DONE, RunState.DONE)


def test_a_reaction_whose_worker_was_killed_is_not_lost(cast: Cast) -> None:
    create_account({"kind": "organisation", "name": "岚川"}, actor=cast.alice)
    waiting = jobs("todo").count(DELIVER)
    killed_before_writing_to("events_delivery", reactions)
    assert jobs("doing") == [DELIVER]
    silence()
    assert dead.take_up_dead() == (1, 0)
    done(reactions)
    assert (jobs("doing"), jobs("todo").count(DELIVER)) == ([], 0)
    assert Delivery.objects.count() >= waiting


def test_what_killed_its_worker_five_times_has_failed_and_says_so(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = file_of_customers()
    killed_before_writing_to("transfer_importedrow", default_jobs)
    silence()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 5 WHERE status = 'doing'")
    assert dead.take_up_dead() == (0, 1)
    run = run_of(file)
    assert (jobs("failed"), run.state, run.message) == (
        ["transfer.write"],
        RunState.FAILED,
        "The worker that did it died.",
    )
