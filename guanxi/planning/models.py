"""Versions of the information plan, their items, sign-offs and receipts, the needs that people name; and how complete
and fresh accounts are."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.models import Account
from guanxi.planning.choices import (
    REMIND_DAYS,
    AskedAs,
    BindingKind,
    GroupKind,
    MarketStage,
    Moment,
    NeedValue,
    PlanState,
    SignoffState,
    Way,
)
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.records.models import Record, tracked

OPEN_STATES = (PlanState.DRAFT, PlanState.SIGN_OFF)


class Audience(models.Model):
    """One entry of the editable list of those in the house who use information: account managers, sales and so on."""

    key = models.SlugField(max_length=30, primary_key=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]


class Binding(models.Model):
    """A place where a customer's information stands. Grain: place; the same in every version of the plan.

    `object_key` and `name` say which: a field of an account or contact, a kind of part, a kind of fact ("purchase" or
    "purchase.buy").
    """

    id = models.SmallAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=BindingKind.choices)
    object_key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_key", "name"], name="planning_one_binding")]


@tracked
class MarketPhase(Record):
    """The phase of the market from a day on. Grain: product line × unit × day; "" = all lines, no unit = the house."""

    protection = Protection(key="market_phase", label=_("Market phases"))

    product_line = models.CharField(_("Product line"), max_length=80, blank=True)
    unit = models.ForeignKey(
        OrgUnit, verbose_name=_("Department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stage = models.CharField(_("Market phase"), max_length=14, choices=MarketStage.choices)
    from_on = models.DateField(_("From"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product_line", "unit", "from_on"],
                condition=models.Q(trashed_at__isnull=True),
                nulls_distinct=False,
                name="planning_one_phase_a_day",
            )
        ]


@tracked
class InformationPlan(Record):
    """A version of the plan for a product line ("" = all) and a unit (none = the whole house).

    What it asks for is never changed after publishing; the next version begins as its copy. `former` is the version
    that it was copied from.
    """

    protection = Protection(key="information_plan", label=_("Information plan"))

    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    product_line = models.CharField(_("Product line"), max_length=80, blank=True)
    unit = models.ForeignKey(
        OrgUnit, verbose_name=_("Department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stage = models.CharField(_("Market phase"), max_length=14, choices=MarketStage.choices, default=MarketStage.GROWTH)
    state = models.CharField(max_length=10, choices=PlanState.choices, default=PlanState.DRAFT)
    former = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("Sign off until"), null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product_line", "unit"],
                condition=models.Q(state__in=OPEN_STATES, trashed_at__isnull=True),
                nulls_distinct=False,
                name="planning_one_draft",
            ),
            models.UniqueConstraint(
                fields=["product_line", "unit"],
                condition=models.Q(state=PlanState.PUBLISHED, trashed_at__isnull=True),
                nulls_distinct=False,
                name="planning_one_published",
            ),
            models.UniqueConstraint(
                fields=["product_line", "unit", "year", "number"], nulls_distinct=False, name="planning_one_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"


@tracked
class InformationItem(Record):
    """One item of information that a version asks for. Grain: version × item; `key` names it in every version.

    `needs` maps "audience|party|phase" to must or needed; an empty phase counts in all phases in which none of its own
    is named, as does an empty party. `relations` and `account_kind` say whose record owes it, [] and "" = everybody's.
    """

    protection = Protection(key="information_item", follows="plan", label=_("Information items"))

    plan = models.ForeignKey(InformationPlan, on_delete=models.CASCADE, related_name="+")
    key = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    name_zh = models.CharField(_("Name in Chinese"), max_length=60)
    name_en = models.CharField(_("Name in English"), max_length=80)
    group_zh = models.CharField(_("Group in Chinese"), max_length=60)
    group_en = models.CharField(_("Group in English"), max_length=80)
    binding = models.ForeignKey(
        Binding, verbose_name=_("Where it is kept"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    purposes = ArrayField(models.CharField(max_length=10), verbose_name=_("Purposes"), default=list, blank=True)
    needs = models.JSONField(default=dict, blank=True)
    supplier_zh = models.CharField(_("Supplied by, in Chinese"), max_length=60, blank=True)
    supplier_en = models.CharField(_("Supplied by, in English"), max_length=80, blank=True)
    way = models.CharField(_("Comes in by"), max_length=10, choices=Way.choices, default=Way.TYPED)
    moment = models.CharField(_("Owed from"), max_length=16, choices=Moment.choices, default=Moment.FIRST_CONTACT)
    limit_days = models.PositiveSmallIntegerField(_("Fresh for, in days"), null=True, blank=True)
    decision_zh = models.CharField(_("Decision it serves, in Chinese"), max_length=200, blank=True)
    decision_en = models.CharField(_("Decision it serves, in English"), max_length=200, blank=True)
    account_kind = models.CharField(_("Asked of"), max_length=12, blank=True)
    relations = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    is_retired = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="planning_one_item")]

    def __str__(self) -> str:
        return self.name_zh


@tracked
class Signoff(Record):
    """What a unit says to a version in sign-off. Grain: version × unit."""

    protection = Protection(key="plan_signoff", unit_field="unit_id", label=_("Sign-offs of the plan"))

    plan = models.ForeignKey(InformationPlan, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=SignoffState.choices, default=SignoffState.WAITING)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    comment = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "unit"], name="planning_one_signoff")]


class BriefingReceipt(models.Model):
    """That a person was told of a published version, and read it. Grain: version × person; each sees the own alone."""

    plan = models.ForeignKey(InformationPlan, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "user"], name="planning_one_receipt")]


@tracked
class NeedsRound(Record):
    """A round of the needs questionnaire: the house is asked about the draft of a plan. Grain: version × round.

    `parties` are the relations asked about. It is open up to and including `closes_on`, unless it was closed before.
    `remind_days` before that day, and on the day itself, it reminds by itself; empty = never.
    """

    protection = Protection(key="needs_round", follows="plan", label=_("Rounds of the needs questionnaire"))

    plan = models.ForeignKey(InformationPlan, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    introduction = models.TextField(pgettext_lazy("questionnaire", "Introduction"), max_length=600, blank=True)
    parties = ArrayField(models.CharField(max_length=30), verbose_name=_("External parties"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closes_on = models.DateField(_("Open until"))
    closed_at = models.DateTimeField(null=True, blank=True)
    remind_days = models.PositiveSmallIntegerField(
        _("Remind, days before the end"), null=True, blank=True, default=REMIND_DAYS
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="planning_one_round")]


class NeedsReminder(models.Model):
    """That a round reminded those who had not handed in. Grain: round × day.

    `people` is how many they were, null where nobody counted; `by` is who pressed it, null for the round by itself.
    """

    round = models.ForeignKey(NeedsRound, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    people = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "day"], name="planning_one_reminder_a_day")]


class NeedsSheet(models.Model):
    """What one person is asked in a round, and answers. Grain: round × person; each sees the own, the planner all.

    `audience` is for whom the person speaks, `unit` the department of the person when asked, `asked_as` the ways in
    which the person is asked, `wishes` what the plan lacks in the person's own words. `version` rises with each save.
    """

    round = models.ForeignKey(NeedsRound, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(OrgUnit, null=True, on_delete=models.PROTECT, related_name="+")
    asked_as = ArrayField(models.CharField(max_length=10, choices=AskedAs.choices))
    wishes = ArrayField(models.CharField(max_length=200), default=list)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(null=True)
    handed_in_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="planning_one_sheet")]


class NeedsAnswer(models.Model):
    """What a person says of one item about one external party. Grain: sheet × item × party.

    As a user: `need`, for which `decision`, and within how many days it must be fresh. As a collector: by which `way`
    it could come in, and whether it `is_never_used` by anybody the collector knows. As a keeper: within how many days
    it can be kept fresh. What was not said is "" or null.
    """

    sheet = models.ForeignKey(NeedsSheet, on_delete=models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey(InformationItem, on_delete=models.CASCADE, related_name="+")
    party = models.CharField(max_length=30)
    need = models.CharField(max_length=6, choices=NeedValue.choices, blank=True)
    decision = models.CharField(max_length=120, blank=True)
    fresh_days = models.PositiveSmallIntegerField(null=True)
    way = models.CharField(max_length=10, choices=Way.choices, blank=True)
    is_never_used = models.BooleanField(default=False)
    kept_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "item", "party"], name="planning_one_answer")]


class TakenNeed(models.Model):
    """From which answers a value of an item was taken over. Grain: item × what was taken, the last time.

    `name` is a column of the item, or "needs:" with the key of the need; `value` and `former` are as the item holds
    them.
    """

    item = models.ForeignKey(InformationItem, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=100)
    value = models.CharField(max_length=200, blank=True)
    former = models.CharField(max_length=200, blank=True)
    round = models.ForeignKey(NeedsRound, on_delete=models.CASCADE, related_name="+")
    sheet_ids = ArrayField(models.BigIntegerField())
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "name"], name="planning_one_origin")]


class StaleNews(models.Model):
    """How many values of a person's customers went past their limit since the person was last told. Grain: person."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    count = models.PositiveIntegerField()


class Verification(Record):
    """That somebody found what is known of an account still right. Grain: account × place × time."""

    protection = Protection(key="information_check", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    binding = models.ForeignKey(Binding, on_delete=models.PROTECT, related_name="+", db_index=False)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    verified_at = models.DateTimeField(db_default=Now())


class Completeness(models.Model):
    """How complete and how fresh an account is by the published plan. Grain: account. Written by the refresh.

    `due`, `filled`, `fresh` are sums of weights (must 2, needed 1): of what the record owes, of what of it is there,
    and of what of that is within its limit. `completeness` = filled ÷ due, `freshness` = fresh ÷ filled, 0 to 1, null
    where nothing is owed or there. `missing` and `stale` are bindings, the weightiest first.
    """

    protection = Protection(key="completeness", follows="account", label=_("Completeness"))

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    due = models.PositiveSmallIntegerField()
    filled = models.PositiveSmallIntegerField()
    fresh = models.PositiveSmallIntegerField()
    completeness = models.FloatField(null=True)
    freshness = models.FloatField(null=True)
    missing = ArrayField(models.SmallIntegerField())
    stale = ArrayField(models.SmallIntegerField())

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        indexes = [
            models.Index(fields=["completeness", "account"], name="planning_by_completeness"),
            models.Index(fields=["freshness", "account"], name="planning_by_freshness"),
        ]


class ItemScore(models.Model):
    """How many accounts owe, have and freshly have what stands in a place. Grain: day × place.

    `written` counts those whose value was written or found right in the 90 days before.
    """

    day = models.DateField()
    binding = models.ForeignKey(Binding, on_delete=models.PROTECT, related_name="+", db_index=False)
    due = models.PositiveIntegerField()
    filled = models.PositiveIntegerField()
    fresh = models.PositiveIntegerField()
    written = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["binding", "day"], name="planning_one_item_score")]


class GroupScore(models.Model):
    """The sums of weights of a group of customers. Grain: day × kind of group × group; "" is the group of none."""

    day = models.DateField()
    kind = models.CharField(max_length=8, choices=GroupKind.choices)
    key = models.CharField(max_length=30, blank=True)
    accounts = models.PositiveIntegerField()
    due = models.PositiveBigIntegerField()
    filled = models.PositiveBigIntegerField()
    fresh = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "day"], name="planning_one_group_score")]


class FieldRead(models.Model):
    """How often a field or a kind of part or fact was used. Grain: day × object × name × use."""

    day = models.DateField()
    object_key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    use = models.CharField(max_length=10)
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object_key", "name", "use", "day"], name="planning_one_read")]
