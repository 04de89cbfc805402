"""Looking for duplicates in the background."""

from guanxi.platform.jobs.progress import running
from guanxi.platform.jobs.queue import periodic, task
from guanxi.stewardship.adapters.scanning import scan_base

SCAN_JOB = "stewardship.scan"


@task(SCAN_JOB, queue="analysis")
def scan(run_id: int) -> None:
    """Look through the whole base for records that may be one."""
    with running(run_id) as progress:
        scan_base(progress)


@periodic("stewardship.scan_weekly", cron="30 18 * * 6", queue="analysis")
def scan_weekly(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Look through the whole base once a week."""
    scan_base()
