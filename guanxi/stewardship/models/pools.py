"""Pools of customers that nobody looks after, the rules that fill them, and the trail of who was in them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.models import Account
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.platform.accounts.models import OrgUnit, Role
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.records.models import Record, tracked
from guanxi.stewardship.choices import AssignWay, EntryReason, LeavingWay

LONGEST_DAYS = 3_650
SHOWN_AT_FIRST = ("name", "relation", "industry", "city", "grade")


def shown_at_first() -> list[str]:
    """The fields that a new pool shows to its members."""
    return list(SHOWN_AT_FIRST)


@tracked
class Pool(Record):
    """Customers without an owner, and who may take them. Grain: pool.

    `relations` are the relations that it takes in, none = all. `unit` is where its customers stand; without one they
    keep theirs. Members are users and everybody of some units; `shown_fields` are what members read of a customer whom
    they may not see otherwise. Limits that are None do not bind.
    """

    protection: ClassVar[Protection] = Protection(key="pool", label=_("Pools"))

    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(pgettext_lazy("among the pools", "Position"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)
    relations = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    member_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    unit_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    admin_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    shown_fields = ArrayField(models.CharField(max_length=40), default=shown_at_first, blank=True)
    claims_per_day = models.PositiveSmallIntegerField(null=True, blank=True)
    claims_in_hand = models.PositiveIntegerField(null=True, blank=True)
    cooling_days = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(LONGEST_DAYS)])
    assign_way = models.CharField(max_length=12, choices=AssignWay.choices, default=AssignWay.NONE)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name_zh, self.name_en or self.name_zh)


@tracked
class RecycleRule(Record):
    """When customers go into a pool by themselves. Grain: rule.

    `criterion` and `exemptions` are keys of what capabilities contribute; `grades` and `relations` say whom the rule is
    about, none = all. Nobody leaves by it before `starts_on`. So many days before, the owner is told (`warn_days`, 0 =
    never), and so many days before the manager too (`manager_days`, None = never).
    """

    protection: ClassVar[Protection] = Protection(key="recycle_rule", follows="pool")

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="+")
    criterion = models.CharField(max_length=40)
    days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)])
    grades = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    relations = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    exemptions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    warn_days = models.PositiveSmallIntegerField(default=7, validators=[MaxValueValidator(90)])
    manager_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(90)])
    starts_on = models.DateField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(days__gte=1), name="stewardship_rule_days")]


@tracked
class HoldingLimit(Record):
    """How many customers one person may look after. Grain: limit of one person, one unit with those below, or one role.

    `exemptions` are keys of what does not count: customers with purchases, for example.
    """

    protection: ClassVar[Protection] = Protection(key="holding_limit", label=_("Holding limits"))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    most = models.PositiveIntegerField(validators=[MaxValueValidator(1_000_000)])
    exemptions = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(user__isnull=False, unit__isnull=True, role__isnull=True)
                    | Q(user__isnull=True, unit__isnull=False, role__isnull=True)
                    | Q(user__isnull=True, unit__isnull=True, role__isnull=False)
                ),
                name="stewardship_limit_of_one",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                condition=Q(trashed_at__isnull=True),
                nulls_distinct=False,
                name="stewardship_one_limit",
            ),
        ]


@tracked
class AccountLock(Record):
    """A customer who does not go into a pool by a rule, until a day. Grain: account."""

    protection: ClassVar[Protection] = Protection(key="account_lock", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    until_on = models.DateField()
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(trashed_at__isnull=True), name="stewardship_one_lock"
            )
        ]


class RecycleRun(models.Model):
    """One night in which the rules were applied. Grain: day. All that it moved stands under one audit entry.

    One that is taken back is so from `undone_at` on, under the entry `undo_entry_id`, until `undo_ended_at`;
    `undo_moved_at` is when the latest block went back, `undo_run_id` the job that does it.
    """

    day = models.DateField(unique=True)
    entry_id = models.UUIDField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    moved = models.PositiveIntegerField(default=0)
    assigned = models.PositiveIntegerField(default=0)
    warned = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    restored = models.PositiveIntegerField(default=0)
    undo_entry_id = models.UUIDField(null=True)
    undo_run_id = models.BigIntegerField(null=True)
    undo_moved_at = models.DateTimeField(null=True)
    undo_ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["RecycleRun"]] = models.Manager()


class PoolEntry(models.Model):
    """One stay of a customer in a pool. Grain: stay; `left_at` is None while the customer is there.

    It is the memory of who looked after whom, so that nobody claims back what left him before the cooling-off is over.
    `unit` is where the pool put the customer, None where it kept its own.
    `entered_entry` and `left_entry` are the audit entries of the way in and out, by which both can be taken back.
    """

    protection = Protection(key="pool_entry", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(db_default=Now())
    entered_entry = models.UUIDField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=12, choices=EntryReason.choices)
    rule = models.ForeignKey(RecycleRule, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    former_owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    former_unit = models.ForeignKey(OrgUnit, null=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey(OrgUnit, null=True, on_delete=models.SET_NULL, related_name="+")
    run = models.ForeignKey(RecycleRun, null=True, on_delete=models.SET_NULL, related_name="+")
    left_at = models.DateTimeField(null=True)
    left_entry = models.UUIDField(null=True)
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    way = models.CharField(max_length=10, choices=LeavingWay.choices, blank=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = GuardedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(left_at__isnull=True), name="stewardship_in_one_pool"
            ),
        ]
        indexes = [
            models.Index(
                F("pool"),
                F("entered_at").desc(),
                F("id").desc(),
                condition=Q(left_at__isnull=True),
                name="steward_in_pool",
            ),
            models.Index(fields=["pool", "entered_at"], name="steward_entered"),
            models.Index(fields=["taken_by", "left_at"], name="steward_taken"),
            models.Index(fields=["former_owner", "account"], name="steward_former"),
            models.Index(fields=["entered_entry"], name="steward_entered_entry"),
            models.Index(fields=["left_entry"], name="steward_left_entry"),
        ]


class HoldingTerm(models.Model):
    """When a customer leaves the owner by a rule. Grain: account that somebody looks after, or did.

    `holder_id` is the last owner that was noticed, `held_since` the day on which that person got the customer; None
    when nobody noticed it: then it is the day on which the account was made. `leaves_on` is None where no rule reaches.
    `warned_for` is the day of leaving of which the owner was told, `manager_warned_for` that of which the manager was.
    """

    protection = Protection(key="holding_term", follows="account")

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    holder_id = models.BigIntegerField(null=True)
    held_since = models.DateField(null=True)
    rule = models.ForeignKey(RecycleRule, null=True, on_delete=models.SET_NULL, related_name="+")
    leaves_on = models.DateField(null=True)
    warned_for = models.DateField(null=True)
    manager_warned_for = models.DateField(null=True)

    objects = GuardedManager()

    class Meta:
        indexes = [models.Index(fields=["leaves_on", "account"], name="steward_leaves_on")]
