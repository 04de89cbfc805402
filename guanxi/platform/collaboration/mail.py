"""Notifications as a mail: plain text, in the language of the reader, with what the reader may see at that moment."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.collaboration.inbox import Notice, notices
from guanxi.platform.collaboration.models import (
    MailRhythm,
    Notification,
    NotificationKind,
    NotificationSettings,
)
from guanxi.platform.collaboration.queries import settings_of
from guanxi.platform.ui import format as formats

DAILY_HOUR = 8
MOST_IN_A_MAIL = 50


def due_readers(now: datetime) -> list[int]:
    """The users to whom a mail is due: at once, or daily after eight in the morning of their own time zone.

    What is unusual waits for no morning.
    """
    waiting = Notification.objects.filter(is_mail_due=True, user__is_active=True).order_by("user_id")
    zones = dict(waiting.values_list("user_id", "user__time_zone").distinct())
    chosen, urgent = settings_of(zones), set(_urgent(waiting).values_list("user_id", flat=True))
    return [
        user_id
        for user_id, zone in zones.items()
        if user_id in urgent or _is_due(chosen[user_id], now.astimezone(ZoneInfo(zone)))
    ]


def _urgent(rows: QuerySet[Notification]) -> QuerySet[Notification]:
    return rows.filter(kind=NotificationKind.UNUSUAL)


def _is_due(chosen: NotificationSettings, local: datetime) -> bool:
    if chosen.rhythm == MailRhythm.AT_ONCE:
        return True
    is_new_day = chosen.mailed_on is None or chosen.mailed_on < local.date()
    return chosen.rhythm == MailRhythm.DAILY and is_new_day and local.hour >= DAILY_HOUR


def claim(user_id: int) -> list[Notification]:
    """Take what is to be mailed to a user off the pile, so that it is written once; and note the day.

    What is urgent goes alone while the time of the others has not come.
    """
    with transaction.atomic():
        rows = Notification.objects.select_for_update(skip_locked=True).filter(user_id=user_id, is_mail_due=True)
        zone = User.objects.filter(pk=user_id).values_list("time_zone", flat=True).get()
        local = timezone.now().astimezone(ZoneInfo(zone))
        is_due, has_urgent = _is_due(settings_of([user_id])[user_id], local), _urgent(rows).exists()
        claimed = list((rows if is_due or not has_urgent else _urgent(rows)).order_by("-pk"))
        Notification.objects.filter(pk__in=[row.pk for row in claimed]).update(is_mail_due=False)
        if is_due or not has_urgent:
            NotificationSettings.objects.update_or_create(user_id=user_id, defaults={"mailed_on": local.date()})
    return claimed


def put_back(claimed: Sequence[Notification]) -> None:
    """Put notifications that could not be mailed back on the pile."""
    Notification.objects.filter(pk__in=[row.pk for row in claimed]).update(is_mail_due=True)


def digest(user_id: int, rows: Sequence[Notification]) -> EmailMessage | None:
    """A mail that tells these notifications; None when the reader may see none of them or has read them all."""
    user = User.objects.get(pk=user_id)
    unread = [row for row in rows if row.read_at is None][:MOST_IN_A_MAIL]
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        found = notices(unread, actor_by_user_id(user_id))
        if not found:
            return None
        subject = ngettext("%(count)s notification from Guanxi", "%(count)s notifications from Guanxi", len(found))
        greeting = _("Hello %(name)s,") % {"name": user.full_name}
        closing = _("What is mailed to you and how often is up to you:")
        parts = [greeting, *map(_lines, found), f"{closing}\n{settings.PUBLIC_URL}/settings/notifications/"]
        return EmailMessage(
            subject % {"count": formats.number(len(found))},
            "\n\n".join(parts) + "\n",
            settings.DEFAULT_FROM_EMAIL,
            [user.email],
        )


def _lines(notice: Notice) -> str:
    moment = timezone.localtime(notice.at)
    when = f"{formats.day(moment.date(), today=timezone.localdate())} {formats.clock(moment)}"
    head = f"{notice.sentence} · {notice.label}" if notice.label else notice.sentence
    lines = [f"{when}  {head}", notice.excerpt, f"{settings.PUBLIC_URL}{notice.url}"]
    return "\n".join(line for line in lines if line)
