"""Each person's working day, wanted intervals, the state of contact per account, and the stored queue."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.care.choices import Answer, Hold, RowState, Tone
from guanxi.customers.models import Account
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked


@tracked
class CareSetting(Record):
    """One person's capacity and hours; who has no row works by the defaults. Hours are of the company's
    clock."""

    protection: ClassVar[Protection] = Protection(
        key="care_setting", owner_field="user_id", unit_field="user__unit_id", label=_("Working days")
    )

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    contacts_per_day = models.PositiveSmallIntegerField(default=24)
    minutes_per_day = models.PositiveSmallIntegerField(default=300)
    works_from_hour = models.PositiveSmallIntegerField(default=9)
    works_to_hour = models.PositiveSmallIntegerField(default=20)
    quiet_from_hour = models.PositiveSmallIntegerField(default=12)
    quiet_to_hour = models.PositiveSmallIntegerField(default=14)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(works_from_hour__lt=models.F("works_to_hour"), works_to_hour__lte=24),
                name="care_setting_hours",
            )
        ]


@tracked
class CadenceRule(Record):
    """A wanted interval between contacts with the customers of a grade; it overrides the default. Grain: grade."""

    protection: ClassVar[Protection] = Protection(key="cadence_rule", label=_("Contact frequencies"))

    grade = models.CharField(max_length=2, unique=True)
    ideal_days = models.PositiveSmallIntegerField()
    maximum_days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ideal_days__gte=1, maximum_days__gte=models.F("ideal_days")),
                name="care_cadence_order",
            ),
        ]


@tracked
class AccountCadence(Record):
    """The wanted interval between contacts with one account; it overrides everything else. Grain: account."""

    protection: ClassVar[Protection] = Protection(key="account_cadence", follows="account")

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    ideal_days = models.PositiveSmallIntegerField()
    maximum_days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ideal_days__gte=1, maximum_days__gte=models.F("ideal_days")),
                name="care_account_cadence_order",
            ),
        ]


class ContactState(models.Model):
    """Where contact with an account stands. Grain: account with any touch or an owner.

    `rhythm_days` is the median gap of the account's own contacts and purchases, 0 with fewer than 3 gaps;
    `spread` is the standard deviation of the logarithm of the gaps, shrunk to the peers'. `due_on` and
    `red_on` are the days after which the ideal and the maximum interval are passed.
    """

    protection = Protection(key="contact_state", follows="account")

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    last_touch_at = models.DateTimeField(null=True)
    last_channel = models.CharField(max_length=24, blank=True)
    rhythm_days = models.FloatField(default=0)
    gaps = models.PositiveIntegerField(default=0)
    spread = models.FloatField(default=0.5)
    ideal_days = models.PositiveSmallIntegerField(default=0)
    maximum_days = models.PositiveSmallIntegerField(default=0)
    due_on = models.DateField(null=True)
    red_on = models.DateField(null=True)

    objects = GuardedManager()

    class Meta:
        indexes = [models.Index(fields=["due_on", "account"], name="care_state_due")]


class CategoryRhythm(models.Model):
    """How often an account buys a category. Grain: account × category with at least 3 gaps and soon or lately
    due.

    `share` is the category's part of the account's purchases in the last year, 0 to 1.
    """

    protection = Protection(key="category_rhythm", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    category_id = models.BigIntegerField()
    gap_days = models.FloatField()
    gaps = models.PositiveIntegerField()
    spread = models.FloatField()
    last_bought_on = models.DateField()
    due_on = models.DateField()
    share = models.FloatField()

    objects = GuardedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "category_id"], name="care_one_rhythm")]


class ResponseRate(models.Model):
    """How often contact helped. Grain: channel × weekday × band of hours; `trials` and `successes` are
    counts."""

    channel = models.CharField(max_length=10)
    weekday = models.PositiveSmallIntegerField()
    band = models.PositiveSmallIntegerField()
    trials = models.PositiveIntegerField()
    successes = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "weekday", "band"], name="care_one_rate")]


class QueueRow(Record):
    """One customer in one person's queue of one day. Grain: person × day × account.

    `evidence` and `further` hold plain values that each language renders: the reason's own numbers, and the
    other reasons of the same customer. `stake` is money at risk (¥ a year), `urgency` a multiple of the usual
    risk, `chance` 0 to 1, `minutes` of a person's time, `priority` expected gain less cost in ¥.
    """

    protection: ClassVar[Protection] = Protection(
        key="queue_row",
        follows="account",
        sensitivities={"stake": "cost", "priority": "cost"},
        label=_("Rows of Today"),
    )

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    rank = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RowState.choices, default=RowState.OPEN)
    hold = models.CharField(max_length=10, choices=Hold.choices, blank=True, default=Hold.NONE)
    reason = models.CharField(max_length=24)
    tone = models.CharField(max_length=12, choices=Tone.choices, default=Tone.PLANNED)
    evidence = models.JSONField(default=dict, blank=True)
    further = models.JSONField(default=list, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    time_from = models.TimeField(null=True, blank=True)
    time_to = models.TimeField(null=True, blank=True)
    stake = models.FloatField(default=0)
    urgency = models.FloatField(default=0)
    chance = models.FloatField(default=0)
    minutes = models.PositiveSmallIntegerField(default=0)
    priority = models.FloatField(default=0)
    variant = models.PositiveSmallIntegerField(default=1)
    answer = models.CharField(max_length=20, choices=Answer.choices, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    fact_id = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day", "account"], name="care_one_row_per_day")]
        indexes = [
            models.Index(fields=["user", "day", "state", "rank"], name="care_queue_of_day"),
            models.Index(fields=["account", "state"], name="care_queue_of_account"),
        ]
