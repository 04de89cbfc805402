"""Work of the night and in the background."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.progress import running
from guanxi.platform.jobs.queue import periodic, task
from guanxi.stewardship.adapters.scanning import scan_accounts
from guanxi.stewardship.commands.holding import refresh_terms
from guanxi.stewardship.commands.recycling import recycle
from guanxi.stewardship.events import REFRESH_TERMS

SCAN_JOB = "stewardship.scan"
NIGHT_ENDS = time(6, 0)


@task(SCAN_JOB, queue="analysis")
def scan(run_id: int) -> None:
    """Look through the whole base for records that may be one."""
    with running(run_id) as progress:
        scan_accounts(progress)


@periodic("stewardship.scan_weekly", cron="30 18 * * 6", queue="analysis")
def scan_weekly(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Look through the whole base once a week."""
    scan_accounts()


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
