"""What pools do by night and in the background."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.policy import use_policy
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.progress import RunCancelled, running
from guanxi.platform.jobs.queue import periodic, task
from guanxi.stewardship.commands.holding import refresh_terms
from guanxi.stewardship.commands.night_undo import (
    UNDO_NIGHT_JOB,
    stop_night_undo,
    unfinished_night_undos,
    write_night_undo,
)
from guanxi.stewardship.commands.recycling import recycle
from guanxi.stewardship.events import REFRESH_TERMS

NIGHT_ENDS = time(6, 0)
STALE = timedelta(minutes=10)


@task(REFRESH_TERMS, attempts=3)
def refresh_all_terms() -> None:
    """Work out anew when customers leave their owners."""
    refresh_terms()


@periodic("stewardship.recycle_nightly", cron="25 * * * *")
def recycle_nightly(timestamp: int) -> None:
    """Apply the rules of pools between midnight and six of the company's clock; what was killed is gone on with."""
    due_at = datetime.fromtimestamp(timestamp, tz=ZoneInfo(settings.TIME_ZONE))
    if due_at.time() < NIGHT_ENDS:
        recycle(due_at.date(), actor=system_actor("Pool"))


@task(UNDO_NIGHT_JOB)
def take_night_back(run_id: int, night_id: int) -> None:
    """Take a night back, block by block; a person may stop it between two blocks and take back the rest later."""
    with running(run_id) as progress:
        try:
            write_night_undo(night_id, progress)
        except RunCancelled:
            stop_night_undo(night_id)
            raise


@periodic("stewardship.go_on_taking_back", cron="*/10 * * * *")
def go_on_taking_back(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Go on with nights whose undo died."""
    use_policy(None)
    for night_id in unfinished_night_undos(timezone.now() - STALE):
        try:
            write_night_undo(night_id)
        except AccessDenied:
            continue  # who asked for it may not do it any more: the page says where it stands
