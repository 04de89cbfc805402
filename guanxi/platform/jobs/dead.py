"""Jobs whose worker died: they are taken up again, or said to have failed.

Whoever is killed leaves his job marked as being done, for ever: nobody would begin it again, and jobs behind the same
lock would wait for it. Every task may be begun again, that is what it is written for; schedules come by themselves.
"""

import json
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app

from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.jobs.queue import is_asked_for

SILENT = timedelta(minutes=1)
"""A worker says six times as often that it lives."""

DIED = gettext_noop("The worker that did it died.")
MOST_TRIES = 5
"""What has killed its worker so often is not begun again."""

_DEAD = """
SELECT job.id, job.task_name, job.attempts, job.args::text FROM procrastinate_jobs job
LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < %s)
ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
"""


@transaction.atomic
def take_up_dead() -> tuple[int, int]:
    """Begin jobs again whose worker died. Returns how many, and how many are said to have failed instead."""
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, [timezone.now() - SILENT])
        rows = cursor.fetchall()
    again = 0
    for job_id, name, attempts, arguments in rows:
        if is_asked_for(name) and attempts < MOST_TRIES:
            app.job_manager.retry_job_by_id(job_id, retry_at=timezone.now())
            again += 1
        else:
            _fail(job_id, json.loads(arguments).get("run_id"))
    return again, len(rows) - again


def _fail(job_id: int, run_id: object) -> None:
    """Let a job have failed, and the run that a person watches."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job_id])
    if isinstance(run_id, int):
        JobRun.objects.filter(pk=run_id, state=RunState.RUNNING).update(
            state=RunState.FAILED, message=DIED, finished_at=timezone.now()
        )
