"""Accounts and what belongs to them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Coalesce, Greatest, Least, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import (
    INFLUENCE,
    AccountKind,
    Bond,
    CalendarType,
    ConsentState,
    ContactedBy,
    DateType,
    DecisionRole,
    Joins,
    PointType,
    Stance,
    TraitKind,
)
from guanxi.kernel.names import full_name
from guanxi.platform.access.protection import Protection
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.customfields.models import TagColour
from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.records.models import Record, tracked
from guanxi.platform.records.values import CustomValues


class Relation(models.Model):
    """One entry of the editable list of relations: customer, partner, media and so on."""

    key = models.SlugField(max_length=30, primary_key=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name_zh


@tracked
class Account(Record):
    """An organisation or a person we have a relationship with. Grain: account.

    `name_key` is the name's pinyin for sorting, as PostgreSQL here has no Chinese collation.
    """

    protection = Protection(
        key="account",
        owner_field="owner_id",
        unit_field="unit_id",
        sensitivities={"tax_id": "identity", "credit_rating": "credit"},
    )

    kind = models.CharField(_("Kind"), max_length=12, choices=AccountKind.choices)
    relation = models.ForeignKey(
        Relation, verbose_name=_("Relation"), on_delete=models.PROTECT, related_name="+", default="customer"
    )
    name = models.CharField(_("Name"), max_length=200)
    name_key = models.CharField(max_length=400, editable=False, blank=True)
    short_name = models.CharField(_("Short name"), max_length=80, blank=True)
    industry = models.CharField(_("Industry"), max_length=80, blank=True)
    size = models.CharField(_("Size"), max_length=40, blank=True)
    region = models.CharField(_("Region"), max_length=80, blank=True)
    city = models.CharField(_("City"), max_length=80, blank=True)
    address = models.CharField(_("Address"), max_length=300, blank=True)
    website = models.CharField(_("Website"), max_length=200, blank=True)
    credit_rating = models.CharField(_("Credit rating"), max_length=10, blank=True)
    tax_id = EncryptedTextField(_("Tax id"), place="account.tax_id", max_length=40, blank=True)
    source = models.CharField(_("Source"), max_length=60, blank=True)
    since_on = models.DateField(_("Customer since"), null=True, blank=True)
    note = models.TextField(_("Note"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    unit = models.ForeignKey(
        OrgUnit, verbose_name=_("Department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    custom = CustomValues()

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "id"], name="customers_account_name"),
            models.Index(fields=["owner", "name_key", "id"], name="customers_account_owner"),
            models.Index(fields=["unit", "name_key", "id"], name="customers_account_unit"),
            models.Index("tax_id__token", name="customers_account_tax_id"),
            models.Index(fields=["id"], condition=models.Q(trashed_at__isnull=True), name="customers_account_live"),
            models.Index(fields=["id"], condition=models.Q(trashed_at__isnull=False), name="customers_account_trashed"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class Contact(Record):
    """A person at an account. Grain: person × main account; further accounts by Affiliation.

    `name` is the full name as its own language writes it, `name_key` its pinyin for sorting; the commands keep both.
    """

    protection = Protection(key="contact", follows="account", label=_("Contacts"))

    account = models.ForeignKey(Account, verbose_name=_("Customer"), on_delete=models.CASCADE, related_name="+")
    family_name = models.CharField(_("Family name"), max_length=60)
    given_name = models.CharField(_("Given name"), max_length=60, blank=True)
    name = models.CharField(_("Name"), max_length=121, editable=False, blank=True, db_default="")
    name_key = models.CharField(max_length=400, editable=False, blank=True, db_default="")
    title = models.CharField(_("Job title"), max_length=80, blank=True)
    department = models.CharField(_("Department"), max_length=80, blank=True)
    decision_role = models.CharField(
        _("Role in decisions"), max_length=12, choices=DecisionRole.choices, default=DecisionRole.NONE
    )
    closeness = models.PositiveSmallIntegerField(_("Closeness"), default=1, validators=[MaxValueValidator(3)])
    influence = models.PositiveSmallIntegerField(_("Influence"), choices=INFLUENCE, default=0, db_default=0)
    stance = models.CharField(
        _("Stance towards us"), max_length=10, choices=Stance.choices, default=Stance.UNKNOWN, db_default="unknown"
    )
    salutation = models.CharField(_("Salutation"), max_length=40, blank=True)
    is_main = models.BooleanField(_("Main contact"), default=False)
    custom = CustomValues()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closeness__gte=0, closeness__lte=3), name="customers_closeness_range"
            )
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="customers_contact_name"),
            models.Index(fields=["id"], condition=models.Q(trashed_at__isnull=False), name="customers_contact_trashed"),
        ]

    def __str__(self) -> str:
        return self.name or self.full_name

    @property
    def full_name(self) -> str:
        """The name as its own language writes it."""
        return full_name(self.family_name, self.given_name)


@tracked
class Affiliation(Record):
    """A contact's role at a further account, from when to when."""

    protection = Protection(key="affiliation", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=80, blank=True)
    decision_role = models.CharField(max_length=12, choices=DecisionRole.choices, default=DecisionRole.NONE)
    start_on = models.DateField(null=True, blank=True)
    end_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "contact"],
                condition=models.Q(trashed_at__isnull=True),
                name="customers_one_affiliation",
            )
        ]


@tracked
class ContactPoint(Record):
    """A way to reach an account or a contact of it: `value` as written, `normalised` for comparing.

    `wrong_since` is when it was found not to reach anybody, None while nothing speaks against it; `wrong_source`
    says who or what found so. `right_since` is when it was last written or found to work: what bounced before that says
    nothing.
    """

    protection = Protection(
        key="contact_point",
        follows="account",
        sensitivities={"value": "reach", "normalised": "reach"},
        label=_("Contact points"),
    )

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=10, choices=PointType.choices)
    value = models.CharField(max_length=300)
    normalised = models.CharField(max_length=300)
    label = models.CharField(max_length=60, blank=True)
    is_preferred = models.BooleanField(default=False)
    receives_mail = models.BooleanField(default=False)
    receives_sms = models.BooleanField(default=False)
    consent = models.CharField(max_length=10, choices=ConsentState.choices, default=ConsentState.UNKNOWN)
    consent_at = models.DateTimeField(null=True, blank=True)
    wrong_since = models.DateTimeField(null=True, blank=True)
    wrong_source = models.CharField(max_length=60, blank=True, db_default="", default="")
    right_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["normalised"], name="customers_point_value"),
            models.Index(
                fields=["wrong_since", "id"],
                condition=models.Q(wrong_since__isnull=False, trashed_at__isnull=True),
                name="customers_point_wrong",
            ),
        ]


@tracked
class ImportantDate(Record):
    """A day to remember each year, in the solar or the lunar calendar. Month and day are of that calendar."""

    protection = Protection(key="important_date", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=12, choices=DateType.choices)
    label = models.CharField(max_length=80, blank=True)
    calendar = models.CharField(max_length=6, choices=CalendarType.choices, default=CalendarType.SOLAR)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    month = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(month__gte=1, month__lte=12, day__gte=1, day__lte=31),
                name="customers_date_range",
            )
        ]
        indexes = [models.Index(fields=["calendar", "month", "day"], name="customers_date_day")]


@tracked
class Trait(Record):
    """One thing worth knowing: a hobby, an experience, family, a taboo."""

    protection = Protection(key="trait", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=TraitKind.choices)
    text = models.CharField(max_length=200)


class Classification(Record):
    """A scheme by which accounts are sorted into classes: by hand, by rule, by outside source.

    `setters` are the keys of the roles that may sort by it; none = whoever may edit the account. One that is not in use
    any more sorts nobody anew.
    """

    protection = Protection(key="classification", label=_("Classifications"))

    key = models.SlugField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, default="")
    purpose = models.CharField(max_length=300, blank=True, default="", db_default="")
    setters = ArrayField(models.CharField(max_length=60), default=list, blank=True, db_default=[])
    is_active = models.BooleanField(default=True, db_default=True)


class ClassOption(models.Model):
    """One class that a scheme offers. Grain: scheme × class. One that is not in use any more takes nobody in."""

    classification = models.ForeignKey(Classification, on_delete=models.CASCADE, related_name="+")
    key = models.SlugField(max_length=60)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    definition = models.CharField(max_length=300, blank=True, default="", db_default="")
    colour = models.CharField(max_length=10, choices=TagColour.choices, blank=True, default="", db_default="")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        ordering = ["classification_id", "position", "key"]
        constraints = [models.UniqueConstraint(fields=["classification", "key"], name="customers_one_class_per_key")]


@tracked
class ClassStrategy(Record):
    """How we keep up contact with the customers of a class. Grain: class of a scheme.

    The interval is in days, both or neither; `channels` are keys of channels, the preferred one first. `tone` says how
    to speak, `offer` what to offer, in the words of the house.
    """

    protection = Protection(key="class_strategy", label=_("Communication strategies"))

    option = models.OneToOneField(ClassOption, on_delete=models.CASCADE, related_name="+")
    ideal_days = models.PositiveSmallIntegerField(null=True, blank=True)
    maximum_days = models.PositiveSmallIntegerField(null=True, blank=True)
    channels = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    contacted_by = models.CharField(max_length=10, choices=ContactedBy.choices, default=ContactedBy.OWNER)
    tone = models.CharField(max_length=200, blank=True)
    offer = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ideal_days__isnull=True, maximum_days__isnull=True)
                | models.Q(ideal_days__gte=1, maximum_days__gte=models.F("ideal_days")),
                name="customers_strategy_order",
            )
        ]


@tracked
class AccountClass(Record):
    """An account's class in one scheme. Grain: account × scheme."""

    protection = Protection(key="account_class", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    classification = models.ForeignKey(Classification, on_delete=models.CASCADE, related_name="+")
    class_key = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "classification"],
                condition=models.Q(trashed_at__isnull=True),
                name="customers_one_class_per_scheme",
            )
        ]


class ClassMerge(models.Model):
    """That all customers of one class went into another class of its scheme. Grain: merge.

    `entry_id` is the audit entry under which the history keeps where each of the `moved` customers was before.
    """

    classification = models.ForeignKey(Classification, on_delete=models.CASCADE, related_name="+")
    from_key = models.SlugField(max_length=60)
    into_key = models.SlugField(max_length=60)
    entry_id = models.UUIDField(unique=True)
    moved = models.PositiveIntegerField(default=0)
    merged_at = models.DateTimeField(db_default=Now())
    merged_by = models.CharField(max_length=120)
    undone_at = models.DateTimeField(null=True, blank=True)


class ExternalKey(models.Model):
    """How another system calls an account: (system, key) → account, many per account. Grain: system × key."""

    protection = Protection(
        key="external_key", follows="account", sensitivities={"key": "identity"}, label=_("Keys of other systems")
    )

    system = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "key"], name="customers_external_key")]


class AccountAlias(models.Model):
    """An account that was merged into another: what the ledger knows under the former is read as the other's.

    Facts keep the account they came with, so a merge and its undo rewrite nothing. Grain: former account.
    """

    former_id = models.BigIntegerField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(db_default=Now())


class RelationshipType(models.Model):
    """One entry of the editable list of what parties are to each other.

    `name_…` is what the first party is to the second, `inverse_…` what the second is to the first; without an inverse
    the type reads the same from both sides. One that is not in use any more is not offered for new relationships.
    """

    protection: ClassVar[Protection] = Protection(key="relationship_type", label=_("Types of relationship"))

    key = models.SlugField(max_length=30, primary_key=True)
    joins = models.CharField(max_length=15, choices=Joins.choices, default=Joins.ANY)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    inverse_zh = models.CharField(max_length=60, blank=True)
    inverse_en = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name_zh


def _party(account: str, contact: str) -> Coalesce:
    """A party as one number: the contact's id below zero, else the account's."""
    return Coalesce(models.F(contact) * -1, models.F(account), output_field=models.BigIntegerField())


_ONE, _OTHER = _party("account_id", "contact_id"), _party("other_account_id", "other_contact_id")


@tracked
class Relationship(Record):
    """What one party is to another. Grain: unordered pair of parties × type.

    A party is an account, or a contact of it when that is named. It is seen by who sees both accounts.
    """

    protection = Protection(
        key="relationship", follows="account", also_follows="other_account", label=_("Relationships")
    )

    type = models.ForeignKey(RelationshipType, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    other_account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    other_contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    bond = models.PositiveSmallIntegerField(choices=Bond.choices, default=Bond.FAIR)
    since_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.F("type"),
                Least(_ONE, _OTHER),
                Greatest(_ONE, _OTHER),
                condition=models.Q(trashed_at__isnull=True),
                name="customers_one_relationship",
            ),
            models.CheckConstraint(condition=~models.Q(Exact(_ONE, _OTHER)), name="customers_two_parties"),
        ]
