"""Asking for a mail about the sign-in; it is written and sent in the background, after the change is certain."""

from guanxi.platform.accounts.mail import MailKind
from guanxi.platform.accounts.models import User
from guanxi.platform.jobs.queue import defer

SEND_MAIL = "accounts.send_mail"


def ask_for_mail(user: User, *, kind: MailKind, origin: str) -> None:
    """Put a mail into the queue, with the surrounding change."""
    defer(SEND_MAIL, user_id=user.pk, kind=kind.value, origin=origin)
