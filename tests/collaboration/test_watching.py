"""What is unusual is told to who administers everybody: once a day for each kind and person, by bell and mail."""

from datetime import timedelta

from django.core import mail
from django.db import connection
from django.utils import timezone

from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.accounts.commands import create_token, note_try
from guanxi.platform.accounts.jobs import watch
from guanxi.platform.accounts.models import NoticeKind, SecurityNotice, User
from guanxi.platform.collaboration.commands.notifying import choose_notifications
from guanxi.platform.collaboration.inbox import inbox_of, unread_count
from guanxi.platform.collaboration.jobs import mail_notifications
from guanxi.platform.collaboration.models import MailRhythm, Notification, NotificationKind
from guanxi.platform.events.commands import deliver
from guanxi.platform.events.models import OutboxEvent
from tests.cast import Cast, SignIn

EVENT = "platform.unusual_noticed"


def noticed() -> list[tuple[str, int | None, int]]:
    """What was noticed, let reactions run that wait."""
    for event in OutboxEvent.objects.filter(name=EVENT):
        deliver(event.pk, reaction_key="collaboration.tell_of_unusual")
    return list(SecurityNotice.objects.order_by("pk").values_list("kind", "user_id", "count"))


def fail(cast: Cast, times: int) -> None:
    """Let somebody fail to sign in as Alice."""
    for _time in range(times):
        note_try("alice@example.com", is_success=False, address="203.0.113.9", browser="")


def test_each_kind_is_told_once_a_day_in_the_language_of_the_reader(cast: Cast) -> None:
    User.objects.filter(pk=cast.dora.user_id or 0).update(language="en")
    count_reads(cast.alice, ReadKind.REVEAL, amount=25)
    fail(cast, 5)
    create_token(User.objects.get(pk=cast.bob.user_id or 0), name="Robot", actor=cast.bob)
    for _try in range(20):
        note_try("nobody@example.com", is_success=False, address="203.0.113.9", browser="")
    watch(0)
    found = {
        (NoticeKind.REVEALS.value, cast.alice.user_id, 25),
        (NoticeKind.FAILED.value, cast.alice.user_id, 5),
        (NoticeKind.FAILED.value, None, 20),
        (NoticeKind.TOKEN.value, cast.bob.user_id, 1),
    }
    assert set(noticed()) == found
    count_reads(cast.alice, ReadKind.REVEAL, amount=25)
    fail(cast, 5)
    watch(0)
    assert set(noticed()) == found
    told = [notice.sentence for notice in inbox_of(cast.dora).notices]
    assert len(told) == unread_count(cast.dora) == 4
    assert {notice.url for notice in inbox_of(cast.dora).notices} == {"/settings/security/"}
    assert Notification.objects.exclude(user_id=cast.dora.user_id or 0).count() == 0
    assert cast.dora.user_id is not None
    mail_notifications(cast.dora.user_id)
    mail_notifications(cast.dora.user_id)
    (letter,) = mail.outbox
    assert letter.to == ["dora@example.com"]
    assert "Test Alice revealed unusually many protected values today: 25" in letter.body
    assert "Failed sign-ins of somebody unknown today: 20" in letter.body
    assert "Hello Test Dora," in letter.body


def test_it_is_mailed_at_once_while_the_rest_waits_for_the_morning(cast: Cast) -> None:
    user_id = cast.dora.user_id or 0
    choose_notifications(
        silent_kinds=[], mailed_kinds=list(NotificationKind.values), rhythm=MailRhythm.DAILY, actor=cast.dora
    )
    connection.cursor().execute(
        "UPDATE collaboration_notificationsettings SET mailed_on = %s", [timezone.localdate() + timedelta(days=1)]
    )
    Notification.objects.create(user_id=user_id, kind=NotificationKind.FINISHED, is_mail_due=True)
    fail(cast, 5)
    watch(0)
    noticed()
    mail_notifications(user_id)
    assert "登录" in mail.outbox[0].body or "sign-ins" in mail.outbox[0].body
    waiting = Notification.objects.filter(user_id=user_id, is_mail_due=True).values_list("kind", flat=True)
    assert list(waiting) == [NotificationKind.FINISHED]


def test_who_muted_it_or_watches_no_more_is_told_nothing(cast: Cast, sign_in: SignIn) -> None:
    choose_notifications(
        silent_kinds=[NotificationKind.UNUSUAL], mailed_kinds=[], rhythm=MailRhythm.AT_ONCE, actor=cast.dora
    )
    fail(cast, 5)
    watch(0)
    noticed()
    assert (Notification.objects.count(), inbox_of(cast.dora).notices) == (0, ())
    notice = SecurityNotice.objects.get()
    Notification.objects.create(user_id=cast.alice.user_id or 0, kind="unusual", notice=notice, is_mail_due=True)
    assert (unread_count(cast.alice), inbox_of(cast.alice).notices) == (0, ())
    mail_notifications(cast.alice.user_id or 0)
    assert mail.outbox == []
    assert "security watch" not in sign_in(cast.alice).get("/settings/notifications/").content.decode()
    assert "security watch" in sign_in(cast.dora).get("/settings/notifications/").content.decode()
