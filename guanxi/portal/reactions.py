"""What the portal does when something happened."""

from uuid import UUID

from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.events.registry import register_reaction
from guanxi.portal.commands import take_in
from guanxi.portal.events import FormSubmitted


def take_in_submission(event: FormSubmitted, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Make a customer of what came in, or find the one that is there."""
    take_in(event.submission_id, actor=system_actor("Web forms"))


register_reaction("portal.take_in_submission", event_type=FormSubmitted, react=take_in_submission)
