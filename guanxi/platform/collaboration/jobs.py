"""What the collaboration room does in the background: telling of finished work, writing mails."""

from datetime import timedelta
from smtplib import SMTPException

from django.db.models import Exists, OuterRef
from django.utils import timezone

from guanxi.kernel.errors import ExternalFailure
from guanxi.platform.collaboration.commands.notifying import tell
from guanxi.platform.collaboration.mail import claim, digest, due_readers, put_back
from guanxi.platform.collaboration.models import Notification, NotificationKind
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.jobs.queue import defer, periodic, task

MAIL = "collaboration.mail_notifications"
LOOKING_BACK = timedelta(hours=6)


@periodic("collaboration.tell_finished", cron="* * * * *")
def tell_finished(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Tell people of their work in the background that ended; each run is told once, however often this runs."""
    told = Notification.objects.filter(run_id=OuterRef("pk"))
    ended = JobRun.objects.filter(finished_at__gte=timezone.now() - LOOKING_BACK, started_by_id__isnull=False)
    for run in ended.exclude(Exists(told)).order_by("pk"):
        if run.started_by_id is not None:
            tell([run.started_by_id], NotificationKind.FINISHED, about=Notification(run_id=run.pk))


@periodic("collaboration.mail_due", cron="*/5 * * * *")
def mail_due(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Ask for a mail to each person to whom one is due."""
    for user_id in due_readers(timezone.now()):
        defer(MAIL, lock=f"{MAIL}.{user_id}", user_id=user_id)


@task(MAIL, attempts=5)
def mail_notifications(user_id: int) -> None:
    """Write to one person what was not mailed yet; what cannot be sent waits for the next try.

    Raises: ExternalFailure("mail.not_sent").
    """
    claimed = claim(user_id)
    mail = digest(user_id, claimed) if claimed else None
    if mail is None:
        return
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        put_back(claimed)
        raise ExternalFailure("mail.not_sent", "The mail server did not take a mail.") from error
