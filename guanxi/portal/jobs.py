"""Work in the background."""

from guanxi.platform.access.policy import use_policy
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.queue import periodic, task
from guanxi.portal.adapters import confirmation_mail
from guanxi.portal.commands import CONFIRM_MAIL, forget_discarded


@periodic("portal.forget_discarded", cron="40 19 * * *")
def forget_spam(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Delete spam that is older than 30 days, each night."""
    use_policy(None)
    forget_discarded(actor=system_actor("Web forms"))


@task(CONFIRM_MAIL, attempts=5)
def mail_confirmation(submission_id: int) -> None:
    """Write to a visitor who agreed to something; who has confirmed it or is gone meanwhile is not written to."""
    mail = confirmation_mail(submission_id)
    if mail is not None:
        mail.send()
