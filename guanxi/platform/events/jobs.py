"""The job that hands one event to one reaction; it is retried and, when it keeps failing, stays visible."""

from uuid import UUID

from guanxi.platform.events.commands import DELIVER, deliver
from guanxi.platform.jobs.queue import task


@task(DELIVER, queue="reactions", attempts=6)
def deliver_event(event_id: str, reaction_key: str) -> None:
    """Deliver an event to a reaction."""
    deliver(UUID(event_id), reaction_key=reaction_key)
