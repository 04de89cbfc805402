"""Noticing what is unusual: what the security watch shows is kept once a day for each person and published."""

from collections.abc import Iterator
from datetime import datetime, time

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.platform.access.limits import ReadKind
from guanxi.platform.accounts.events import UnusualNoticed
from guanxi.platform.accounts.models import ApiToken, NoticeKind, SecurityNotice, SignInTry
from guanxi.platform.accounts.reading_queries import ReadToday, reads_today, today
from guanxi.platform.accounts.security_queries import LOCKED_AFTER
from guanxi.platform.events.commands import publish

FAILED_FROM_NOWHERE = 20
"""So many failed tries with addresses that nobody has are worth a notice."""
MUCH = {ReadKind.VIEW: NoticeKind.VIEWS, ReadKind.REVEAL: NoticeKind.REVEALS, ReadKind.EXPORT: NoticeKind.EXPORTS}
REFUSED = {
    ReadKind.VIEW: NoticeKind.VIEW_LIMIT,
    ReadKind.REVEAL: NoticeKind.REVEAL_LIMIT,
    ReadKind.EXPORT: NoticeKind.EXPORT_LIMIT,
}
_NOTE = """
INSERT INTO accounts_securitynotice (kind, user_id, day, count) VALUES (%s, %s, %s, %s)
ON CONFLICT (kind, user_id, day) DO NOTHING RETURNING id
"""


@transaction.atomic
def notice_unusual(*, actor: Actor) -> int:
    """Keep and publish what is unusual today and was not noticed yet; doing it again changes nothing.

    Returns how much was new. Raises: AccessDenied for who does not administer everybody.
    """
    new = 0
    for found in (*_unusual_reads(actor), *_failed_tries(), *_new_tokens()):
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [found.kind, found.user_id, found.day, found.count])
            row = cursor.fetchone()
        if row is not None:
            publish(UnusualNoticed(notice_id=row[0]))
            new += 1
    return new


def _unusual_reads(actor: Actor) -> Iterator[SecurityNotice]:
    for item in reads_today(actor):
        kind = _kind_of(item)
        if kind is not None:
            yield SecurityNotice(kind=kind, user_id=item.user_id, day=today(), count=item.count)


def _kind_of(item: ReadToday) -> NoticeKind | None:
    if item.is_refused:
        return REFUSED[item.kind]
    return MUCH[item.kind] if item.is_much or item.is_unusual else None


def _failed_tries() -> Iterator[SecurityNotice]:
    """Who failed to sign in as often as locks one out, and those whom nobody knows, as one."""
    rows = SignInTry.objects.filter(is_success=False, at__gte=_morning()).values_list("user_id")
    for user_id, count in rows.annotate(tries=Count("id")).order_by("user_id"):
        if count >= (LOCKED_AFTER if user_id else FAILED_FROM_NOWHERE):
            yield SecurityNotice(kind=NoticeKind.FAILED, user_id=user_id, day=today(), count=count)


def _new_tokens() -> Iterator[SecurityNotice]:
    rows = ApiToken.objects.filter(created_at__gte=_morning()).values_list("user_id")
    for user_id, count in rows.annotate(tokens=Count("id")).order_by("user_id"):
        yield SecurityNotice(kind=NoticeKind.TOKEN, user_id=user_id, day=today(), count=count)


def _morning() -> datetime:
    """When the day began in which things are counted."""
    return datetime.combine(today(), time.min, tzinfo=timezone.get_default_timezone())
