"""What the queue does for itself."""

from guanxi.platform.jobs.dead import take_up_dead
from guanxi.platform.jobs.queue import periodic


@periodic("jobs.take_up_dead", cron="* * * * *")
def take_up(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Begin jobs again whose worker died."""
    take_up_dead()
