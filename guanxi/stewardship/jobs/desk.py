"""What the desk does by night: conflicts and bounces of the day that nobody noticed, and counting quality."""

from datetime import datetime, timedelta

from django.utils import timezone

from guanxi.customers.facade import changed_account_ids
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.progress import running
from guanxi.platform.jobs.queue import periodic, task
from guanxi.stewardship.commands.bounces import note_undelivered
from guanxi.stewardship.commands.conflicts import find_conflicts, forget_sealed
from guanxi.stewardship.commands.quality import count_quality
from guanxi.stewardship.events import NOTE_ALL_UNDELIVERED
from guanxi.stewardship.queries.conflicts import LINKS

LOOKED_BACK = timedelta(days=2)
COUNT_JOB = "stewardship.count_quality_now"
ACTOR = "Steward’s desk"


@task(NOTE_ALL_UNDELIVERED, queue="analysis", attempts=3)
def note_all_undelivered() -> None:
    """Note what a large load says was not delivered."""
    note_undelivered((), since=timezone.now() - LOOKED_BACK)


@task(COUNT_JOB, queue="analysis")
def count_quality_now(run_id: int) -> None:
    """Count the quality of today."""
    with running(run_id):
        count_quality(timezone.localdate(), actor=system_actor(ACTOR))


@periodic("stewardship.desk_nightly", cron="45 20 * * *", queue="analysis")
def desk_nightly(timestamp: int) -> None:
    """Look for what the day left, then count its quality (04:45 in China), after completeness."""
    since = timezone.now() - LOOKED_BACK
    forget_sealed()
    for object_key in LINKS:
        find_conflicts(changed_account_ids(object_key, since), among=(object_key,))
    note_undelivered((), since=since)
    moment = datetime.fromtimestamp(timestamp, tz=timezone.get_current_timezone())
    count_quality(timezone.localdate(moment), actor=system_actor(ACTOR))
