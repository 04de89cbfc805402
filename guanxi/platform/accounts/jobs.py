"""What the accounts room does in the background: mails about the sign-in, clearing up, watching."""

from guanxi.platform.accounts.commands import SEND_MAIL, clear_ended_sessions, clear_old_tries, notice_unusual
from guanxi.platform.accounts.mail import MailKind, sign_in_mail
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.queue import periodic, task


@task(SEND_MAIL, attempts=5)
def send_sign_in_mail(user_id: int, kind: str, origin: str) -> None:
    """Write a mail to a user and send it; a link in it is made here. Who was deactivated since is not written to."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        sign_in_mail(user, kind=MailKind(kind), origin=origin).send()


@periodic("accounts.clear_sessions", cron="23 * * * *")
def clear_sessions(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Remove sessions whose time is over, and tries to sign in that nobody looks at any more, every hour."""
    clear_ended_sessions()
    clear_old_tries()


@periodic("accounts.watch", cron="*/5 * * * *")
def watch(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Notice what is unusual; who administers everybody is told of it, once a day for each kind and person."""
    notice_unusual(actor=system_actor("Security watch"))
