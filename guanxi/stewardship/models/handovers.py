"""Who looked after customers, and handovers: the case, who takes over, and each customer that passes."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.models import Account
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection


class OwnerWay(models.TextChoices):
    """How a customer came to somebody."""

    ASSIGNED = "assigned", pgettext_lazy("owner", "Assigned")
    IMPORT = "import", pgettext_lazy("owner", "By an import")
    CLAIM = "claim", pgettext_lazy("owner", "Claimed from the pool")
    HANDOVER = "handover", pgettext_lazy("owner", "Handed over")
    POOL = "pool", pgettext_lazy("owner", "Through a pool")
    CREATED = "created", pgettext_lazy("owner", "Entered")


class OwnerPeriod(models.Model):
    """Somebody looked after a customer from when to when. Grain: account × period; `owner` None = nobody did.

    It is written anew from the former values that the database keeps, whichever way an owner was changed.
    """

    protection: ClassVar[Protection] = Protection(key="owner_period", follows="account", label=_("Owner history"))

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=10, choices=OwnerWay.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(ended_at__isnull=True), name="stewardship_one_owner_now"
            )
        ]
        indexes = [models.Index(fields=["account", "-id"], name="stewardship_owner_of")]


class HandoverReason(models.TextChoices):
    """Why somebody's customers pass to others."""

    LEAVING = "leaving", pgettext_lazy("handover", "Leaves the house")
    MOVING = "moving", pgettext_lazy("handover", "Takes another position")
    AWAY = "away", pgettext_lazy("handover", "Is away for long")
    BALANCE = "balance", pgettext_lazy("handover", "Has too many")


class SplitMethod(models.TextChoices):
    """By what customers are split among colleagues; the words of `rules.handovers`."""

    LOAD = "load", pgettext_lazy("handover", "Even load")
    REGION = "region", pgettext_lazy("handover", "Region")
    AFFINITY = "affinity", pgettext_lazy("handover", "Who knows them")


class CaseState(models.TextChoices):
    """Where a handover stands."""

    DRAFT = "draft", pgettext_lazy("handover", "Being prepared")
    SPLIT = "split", pgettext_lazy("handover", "Split")
    HANDING = "handing", pgettext_lazy("handover", "Being handed over")
    CONFIRMED = "confirmed", pgettext_lazy("handover", "Signed for")
    CHECKED = "checked", pgettext_lazy("handover", "Checked")
    UNDOING = "undoing", pgettext_lazy("handover", "Being taken back")
    UNDONE = "undone", pgettext_lazy("handover", "Taken back")


PREPARING = (CaseState.DRAFT, CaseState.SPLIT)


class HandoverCase(models.Model):
    """The customers of one person pass to colleagues. Grain: case.

    It stands beside records: who may hand over the customers of `person` in `unit_id` reaches it. `reads_until` is the
    last day on which the person still reads the customers, None for not at all. `left_behind` are the keys of what does
    not go along with them. `entry_ids` are the audit entries of
    the runs that moved them, `moved_at` when a run last wrote a block, `kept` how many an undo left alone.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unit_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=10, choices=HandoverReason.choices)
    last_day = models.DateField()
    reads_until = models.DateField(null=True)
    is_customer_told = models.BooleanField(default=True)
    left_behind = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    method = models.CharField(max_length=10, choices=SplitMethod.choices, default=SplitMethod.LOAD)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.DRAFT)
    entry_ids = models.JSONField(default=list)
    undo_entry_id = models.UUIDField(null=True)
    run_id = models.BigIntegerField(null=True)
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    kept = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(state__in=["draft", "split"]),
                name="stewardship_one_open_handover",
            )
        ]


class HandoverReceiver(models.Model):
    """A colleague who takes over. Grain: case × person; `capacity` is how many at most, None for any number."""

    case = models.ForeignKey(HandoverCase, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    capacity = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="stewardship_one_receiver")]


class ItemState(models.TextChoices):
    """Where the handover of one customer stands."""

    PROPOSED = "proposed", pgettext_lazy("handover", "Planned")
    MOVED = "moved", pgettext_lazy("handover", "To be signed for")
    ACCEPTED = "accepted", pgettext_lazy("handover", "Accepted")
    REFUSED = "refused", pgettext_lazy("handover", "Refused")
    LEFT = "left", pgettext_lazy("handover", "Has another owner already")
    UNDONE = "undone", pgettext_lazy("handover", "Taken back")


class MessageState(models.TextChoices):
    """Whether the customer was told of the new owner."""

    NONE = "none", pgettext_lazy("handover", "Not told yet")
    SENT = "sent", pgettext_lazy("handover", "Told")


HANDED = (ItemState.MOVED, ItemState.ACCEPTED, ItemState.REFUSED)


class HandoverItem(models.Model):
    """One customer in a handover. Grain: case × account.

    `held_by_id` is who looks after it until it passes: the person of the case, or who refused it. `former_unit_id` is
    the unit it had at first. `grade`, `region` and `value` (money of twelve months) are those of the day of the split.
    `brief` is what the receiver read when signing; it holds nothing that is protected. `contacted_at` is when the new
    owner first spoke with the customer, known once `is_checked`.
    """

    case = models.ForeignKey(HandoverCase, on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    held_by_id = models.BigIntegerField()
    former_unit_id = models.BigIntegerField(null=True)
    grade = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=80, blank=True)
    value = models.FloatField(default=0)
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.PROPOSED)
    brief = models.JSONField(null=True)
    refusal = models.CharField(max_length=300, blank=True)
    message = models.CharField(max_length=6, choices=MessageState.choices, default=MessageState.NONE)
    moved_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    is_checked = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "account"], name="stewardship_one_item")]
        indexes = [
            models.Index(fields=["case", "-value", "account"], name="stewardship_item_order"),
            models.Index(fields=["receiver", "state"], name="stewardship_item_of"),
        ]
