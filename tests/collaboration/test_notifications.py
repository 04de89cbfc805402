"""Notifications: who is told what, nothing of what one may no longer see, and mails once."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.utils import timezone

from guanxi.customers.commands import edit_account, trash_account
from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.collaboration.commands.comments import add_comment, remove_comment
from guanxi.platform.collaboration.commands.following import follow
from guanxi.platform.collaboration.commands.notifying import choose_notifications, tell
from guanxi.platform.collaboration.inbox import inbox_of, unread_count
from guanxi.platform.collaboration.jobs import mail_notifications, tell_finished
from guanxi.platform.collaboration.mail import due_readers
from guanxi.platform.collaboration.models import Notification, NotificationKind, NotificationSettings
from guanxi.platform.collaboration.queries import BESIDE
from guanxi.platform.events.commands import deliver
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.objects.bulk import change_many
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.records.change import change
from tests.cast import Cast, SignIn

MORNING, NIGHT = datetime(2026, 11, 22, 0, 5, tzinfo=UTC), datetime(2026, 11, 22, 23, 55, tzinfo=UTC)


def hand_over(account: Account, owner_id: int | None, cast: Cast) -> None:
    """Give the account to somebody else, and let the reaction run."""
    with change(Account, account.pk, action="transfer", actor=cast.dora) as work:
        work.record.owner_id = owner_id
    event = OutboxEvent.objects.get(name="platform.record_assigned")
    deliver(event.pk, reaction_key="collaboration.tell_of_assignment")


def test_the_new_owner_is_told_once(account: Account, cast: Cast) -> None:
    hand_over(account, cast.bob.user_id, cast)
    (notice,) = inbox_of(cast.bob).notices
    assert (notice.kind, notice.label, notice.url) == ("assigned", "岚川精密仪器", f"/accounts/{account.pk}/")
    edit_account(account.pk, {"city": "无锡"}, actor=cast.dora)
    assert OutboxEvent.objects.filter(name="platform.record_assigned").count() == 1


def test_many_records_are_one_notification(account: Account, cast: Cast) -> None:
    values = {"owner": cast.bob.user_id}
    change_many("account", [account.pk], action=BulkAction.ASSIGN, values=values, title="", actor=cast.dora)
    event = OutboxEvent.objects.get(name="platform.records_assigned")
    deliver(event.pk, reaction_key="collaboration.tell_of_assignments")
    (notice,) = inbox_of(cast.bob).notices
    assert (notice.record_id, notice.url) == (None, "/accounts/?owner=me")


def test_finished_work_is_told_once_to_who_started_it(cast: Cast) -> None:
    for state in (RunState.DONE, RunState.FAILED):
        JobRun.objects.create(
            job_name="x", title="Export", state=state, started_by_id=cast.alice.user_id, finished_at=timezone.now()
        )
    tell_finished(0)
    tell_finished(0)
    assert [notice.sentence for notice in inbox_of(cast.alice).notices] == ["Export: failed", "Export: done"]
    assert inbox_of(cast.dora).notices == ()


def test_what_may_no_longer_be_seen_is_neither_shown_nor_counted_nor_mailed(account: Account, cast: Cast) -> None:
    hand_over(account, cast.charlie.user_id, cast)
    assert unread_count(cast.charlie) == 0
    assert inbox_of(cast.charlie).notices == ()
    assert cast.charlie.user_id is not None
    mail_notifications(cast.charlie.user_id)
    assert mail.outbox == []


def test_a_removed_comment_and_a_record_in_the_trash_are_told_no_more(account: Account, cast: Cast) -> None:
    comment = add_comment("account", account.pk, text=f"@{cast.bob.name}", actor=cast.alice)
    assert unread_count(cast.bob) == 1
    remove_comment(comment.id, actor=cast.alice)
    assert unread_count(cast.bob) == 0
    add_comment("account", account.pk, text=f"@{cast.bob.name}", actor=cast.alice)
    trash_account(account.pk, actor=cast.dora)
    assert unread_count(cast.bob) == 0
    assert inbox_of(cast.bob).notices == ()


def test_nobody_opens_or_reads_what_another_was_told(account: Account, cast: Cast, sign_in: SignIn) -> None:
    add_comment("account", account.pk, text=f"@{cast.bob.name}", actor=cast.alice)
    told = Notification.objects.get()
    for actor in (cast.charlie, cast.dora):
        client = sign_in(actor)
        assert client.post(f"/notifications/{told.pk}/open/").status_code == 404
        client.post("/notifications/read/", {"id": told.pk})
        client.post("/notifications/read/")
        assert client.get("/notifications/count/").content.strip() == b""
    assert Notification.objects.get().read_at is None


def test_opening_marks_as_read_and_leads_to_the_comment(account: Account, cast: Cast, sign_in: SignIn) -> None:
    add_comment("account", account.pk, text=f"@{cast.bob.name} <b>", actor=cast.alice)
    client, told = sign_in(cast.bob), Notification.objects.get()
    assert b"1 new notification" in client.get("/notifications/count/").content
    assert "&lt;b&gt;" in client.get("/notifications/").content.decode()
    answer = client.post(f"/notifications/{told.pk}/open/")
    assert answer.headers["Location"] == f"/accounts/{account.pk}/#comments"
    assert unread_count(cast.bob) == 0
    client.post(f"/notifications/unread/?id={told.pk}", headers={"HX-Request": "true"})
    assert unread_count(cast.bob) == 1
    answer = client.post("/notifications/read/", follow=True)
    assert f"/notifications/unread/?id={told.pk}" in answer.content.decode()


def test_the_bell_hangs_on_every_page_and_asks_by_itself(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.alice).get("/settings/").content.decode()
    assert 'href="/notifications/"' in text
    assert 'hx-get="/notifications/count/"' in text


def test_who_chose_so_is_not_told(account: Account, cast: Cast, sign_in: SignIn) -> None:
    sign_in(cast.bob).post("/settings/notifications/", {"shown": ["assigned"], "rhythm": "off"})
    add_comment("account", account.pk, text=f"@{cast.bob.name}", actor=cast.alice)
    assert not Notification.objects.exists()
    assert sign_in(cast.bob).post("/settings/notifications/", {"rhythm": "hourly"}).status_code == 422


def test_muting_a_record_silences_its_assignment_too(account: Account, cast: Cast) -> None:
    follow("account", account.pk, state="muted", actor=cast.bob)
    hand_over(account, cast.bob.user_id, cast)
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("rhythm", "now", "is_due"),
    [("daily", MORNING, True), ("daily", datetime(2026, 11, 21, 20, tzinfo=UTC), False), ("at_once", NIGHT, True)],
)
def test_a_daily_mail_comes_at_eight_in_the_reader_s_morning(
    rhythm: str, now: datetime, is_due: bool, account: Account, cast: Cast
) -> None:
    kinds = [NotificationKind.MENTIONED]
    choose_notifications(silent_kinds=(), mailed_kinds=kinds, rhythm=rhythm, actor=cast.bob)
    add_comment("account", account.pk, text=f"@{cast.bob.name}", actor=cast.alice)
    assert due_readers(now) == ([cast.bob.user_id] if is_due else [])


def test_a_mail_is_written_once_and_only_of_what_is_unread(account: Account, cast: Cast) -> None:
    add_comment("account", account.pk, text=f"@{cast.bob.name} 交期", actor=cast.alice)
    add_comment("account", account.pk, text=f"@{cast.bob.name} 已读", actor=cast.alice)
    Notification.objects.filter(pk=Notification.objects.latest("pk").pk).update(read_at=timezone.now())
    assert cast.bob.user_id is not None
    mail_notifications(cast.bob.user_id)
    mail_notifications(cast.bob.user_id)
    (sent,) = mail.outbox
    assert sent.to == ["bob@example.com"]
    assert "交期" in sent.body
    assert "已读" not in sent.body
    assert NotificationSettings.objects.get(user_id=cast.bob.user_id).mailed_on is not None


def test_nobody_is_told_what_they_did_themselves(account: Account, cast: Cast) -> None:
    about = Notification(object_key="account", record_id=account.pk, by_id=cast.alice.user_id)
    assert cast.alice.user_id is not None
    assert tell([cast.alice.user_id], NotificationKind.SHARED, about=about) == 0


def test_the_number_of_queries_does_not_grow(
    account: Account, cast: Cast, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        add_comment("account", account.pk, text=f"@{cast.bob.name} {number}", actor=cast.alice)
    inbox_of(cast.bob)
    with django_assert_max_num_queries(5):  # type: ignore[operator]  # pytest-django's fixture
        assert len(inbox_of(cast.bob).notices) == 12
    with django_assert_max_num_queries(3):  # type: ignore[operator]  # pytest-django's fixture
        assert unread_count(cast.bob) == 12
    assert unscoped(Account, reason=BESIDE).count() == 1
