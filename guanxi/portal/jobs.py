"""Work in the background."""

from guanxi.platform.access.policy import use_policy
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.queue import periodic
from guanxi.portal.commands import forget_discarded


@periodic("portal.forget_discarded", cron="40 19 * * *")
def forget_spam(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Delete spam that is older than 30 days, each night."""
    use_policy(None)
    forget_discarded(actor=system_actor("Web forms"))
