"""Telling people: who is told is decided here, what they read is read anew with their rights when they read it."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models.functions import Now

from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.collaboration.models import (
    Comment,
    Following,
    FollowState,
    MailRhythm,
    Notification,
    NotificationKind,
    NotificationSettings,
)
from guanxi.platform.collaboration.queries import settings_of


@transaction.atomic
def tell(user_ids: Iterable[int], kind: NotificationKind, *, about: Notification) -> int:
    """Tell people something, each in the way they chose; not about what they muted. Returns how many are told.

    `about` is the notification without its reader. Nobody is told what they did themselves.
    """
    readers = set(user_ids) - {about.by_id}
    if about.record_id is not None:
        readers -= _muted(about.object_key, about.record_id, readers)
    rows = []
    for user_id, chosen in settings_of(readers).items():
        is_shown = kind.value not in chosen.silent_kinds
        is_mailed = kind.value in chosen.mailed_kinds and chosen.rhythm != MailRhythm.OFF
        if is_shown or is_mailed:
            rows.append(_for_reader(about, user_id, kind, is_shown=is_shown, is_mailed=is_mailed))
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _muted(object_key: str, record_id: int, user_ids: Collection[int]) -> set[int]:
    rows = Following.objects.filter(
        object_key=object_key, record_id=record_id, user_id__in=user_ids, state=FollowState.MUTED
    )
    return set(rows.values_list("user_id", flat=True))


def _for_reader(
    about: Notification, user_id: int, kind: NotificationKind, *, is_shown: bool, is_mailed: bool
) -> Notification:
    return Notification(
        user_id=user_id,
        kind=kind,
        object_key=about.object_key,
        record_id=about.record_id,
        comment_id=about.comment_id,
        by_id=about.by_id,
        count=about.count,
        run_id=about.run_id,
        notice_id=about.notice_id,
        is_shown=is_shown,
        is_mail_due=is_mailed,
    )


def tell_about_comment(comment: Comment, *, mentioned: Collection[int], followers: Collection[int]) -> None:
    """Tell who is mentioned in a comment, and the others who follow its record."""
    about = Notification(
        object_key=comment.object_key, record_id=comment.record_id, comment_id=comment.pk, by_id=comment.author_id
    )
    tell(mentioned, NotificationKind.MENTIONED, about=about)
    tell(set(followers) - set(mentioned), NotificationKind.COMMENTED, about=about)


def read_notifications(notification_ids: Collection[int], *, actor: Actor) -> int:
    """Note that the actor has read these of the own notifications. Returns how many were new."""
    rows = Notification.objects.filter(user_id=own_id(actor), pk__in=notification_ids, read_at__isnull=True)
    return rows.update(read_at=Now())


def unread_again(notification_ids: Collection[int], *, actor: Actor) -> int:
    """Take back that the actor has read these of the own notifications. Returns how many are new again."""
    rows = Notification.objects.filter(user_id=own_id(actor), pk__in=notification_ids, read_at__isnull=False)
    return rows.update(read_at=None)


@transaction.atomic
def choose_notifications(
    *, silent_kinds: Collection[str], mailed_kinds: Collection[str], rhythm: str, actor: Actor
) -> None:
    """Keep what the actor wants to be told and how; it holds for what happens from now on."""
    user_id = own_id(actor)
    known = set(NotificationKind.values)
    chosen = {
        "silent_kinds": sorted(known.intersection(silent_kinds)),
        "mailed_kinds": sorted(known.intersection(mailed_kinds)),
        "rhythm": MailRhythm(rhythm),
    }
    NotificationSettings.objects.update_or_create(user_id=user_id, defaults=chosen)
    if rhythm == MailRhythm.OFF:
        Notification.objects.filter(user_id=user_id, is_mail_due=True).update(is_mail_due=False)
    begin_entry(actor, action="choose_notifications", object_key="user", record_id=user_id)
