"""Comments, documents, followers and notifications: what stands beside a record, named by its object and its id.

Comments and documents are seen exactly as their record is: they are guarded, and `queries` reads them after the record
itself was read through the reader's grant.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.accounts.models import SecurityNotice
from guanxi.platform.records.models import tracked

MOST_CHARACTERS = 5_000


@tracked
class Comment(models.Model):
    """One remark about a record, as plain text. Grain: comment.

    `mentioned_ids` are the users whom the text names with an @ and who may see the record.
    """

    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("Comment"), max_length=MOST_CHARACTERS)
    mentioned_ids = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        indexes = [models.Index(fields=["object_key", "record_id", "-id"], name="collaboration_comments")]


class Document(models.Model):
    """One version of a file beside a record. Grain: version; versions of one name count from 1.

    `stored_as` is the random name of its content in the folder of files, `size` is in bytes.
    """

    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    number = models.PositiveIntegerField(default=1)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=32, unique=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    trashed_at = models.DateTimeField(null=True)

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object_key", "record_id", "name", "number"], name="collaboration_one_version"
            )
        ]


class FollowState(models.TextChoices):
    """What a person wants to hear of a record."""

    FOLLOWED = "followed", _("Following")
    LEFT = "left", _("Not following")
    MUTED = "muted", _("Muted")


class Following(models.Model):
    """What a person said about following a record. Grain: record × person; who owns it follows without saying so."""

    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=FollowState.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_key", "record_id", "user"], name="collaboration_one_following")
        ]


class NotificationKind(models.TextChoices):
    """Why somebody is told something."""

    MENTIONED = "mentioned", _("I am mentioned")
    COMMENTED = "commented", _("Comment on a record I follow")
    ASSIGNED = "assigned", _("A record is assigned to me")
    SHARED = "shared", _("A record is shared with me")
    LEAVING = "leaving", _("Records are about to leave me")
    HEARD = "heard", _("Something comes in by itself for a record of mine")
    ASKED = "asked", _("Something waits for my answer")
    FINISHED = "finished", _("My work in the background is finished")
    UNUSUAL = "unusual", _("Something unusual on the security watch (mailed within five minutes)")


class Notification(models.Model):
    """One thing that one person is told. Grain: person × happening.

    It holds no words of the record: who reads it reads those anew, with the rights of that moment. Without a record it
    is about `run_id`, about a `notice` of the security watch, or about `count` records of `object_key`; of the kind
    ASKED, `object_key` names a topic and `record_id` a subject of it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    object_key = models.CharField(max_length=60, blank=True)
    record_id = models.BigIntegerField(null=True)
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    count = models.PositiveIntegerField(default=1)
    run_id = models.BigIntegerField(null=True)
    notice = models.ForeignKey(SecurityNotice, null=True, on_delete=models.CASCADE, related_name="+")
    is_shown = models.BooleanField(default=True)
    is_mail_due = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], condition=models.Q(is_shown=True), name="collaboration_shown"),
            models.Index(
                fields=["user", "-id"],
                condition=models.Q(is_shown=True, read_at__isnull=True),
                name="collaboration_unread",
            ),
            models.Index(fields=["user"], condition=models.Q(is_mail_due=True), name="collaboration_mail_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run_id"], condition=models.Q(run_id__isnull=False), name="collaboration_one_of_a_run"
            ),
            models.UniqueConstraint(
                fields=["user", "notice"],
                condition=models.Q(notice__isnull=False),
                name="collaboration_one_of_a_notice",
            ),
        ]


class MailRhythm(models.TextChoices):
    """How often notifications are written to a person."""

    OFF = "off", pgettext_lazy("mail", "Never")
    AT_ONCE = "at_once", _("At once, within five minutes")
    DAILY = "daily", _("Once a day, at eight in the morning")


def mailed_at_first() -> list[str]:
    """The kinds that are mailed to who chose nothing: what is meant for this person alone, and what cannot wait."""
    kinds = (
        NotificationKind.MENTIONED,
        NotificationKind.ASSIGNED,
        NotificationKind.SHARED,
        NotificationKind.LEAVING,
        NotificationKind.ASKED,
        NotificationKind.UNUSUAL,
    )
    return [kind.value for kind in kinds]


class NotificationSettings(models.Model):
    """What a person wants to be told, and how. Grain: person; a person without a row has the defaults.

    `silent_kinds` are not shown at all, `mailed_kinds` come by mail in the `rhythm`; `mailed_on` is the day of the last
    daily mail, in the time zone of the person.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    silent_kinds = ArrayField(models.CharField(max_length=10), default=list)
    mailed_kinds = ArrayField(models.CharField(max_length=10), default=mailed_at_first)
    rhythm = models.CharField(max_length=10, choices=MailRhythm.choices, default=MailRhythm.DAILY)
    mailed_on = models.DateField(null=True)
