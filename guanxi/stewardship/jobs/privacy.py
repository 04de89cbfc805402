"""Erasing people in the background."""

from guanxi.platform.access.policy import use_policy
from guanxi.platform.jobs.progress import running
from guanxi.platform.jobs.queue import periodic, task
from guanxi.stewardship.adapters.erasing import unfinished_erasures, write_erasure
from guanxi.stewardship.commands.privacy import ERASE_JOB


@task(ERASE_JOB, attempts=3)
def erase(run_id: int, request_id: int) -> None:
    """Erase a person step by step; begun again, it goes on where it stopped."""
    with running(run_id) as progress:
        write_erasure(request_id, progress)


@periodic("stewardship.erase_on", cron="*/10 * * * *")
def erase_on(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Go on with erasures whose run died."""
    use_policy(None)
    for request_id in unfinished_erasures():
        write_erasure(request_id)
