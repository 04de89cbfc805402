"""What the steward's desk remembers: work that was put off, values on which sources disagree, quality day by day."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.stewardship.choices import ConflictState, ValueSource


class PutOff(models.Model):
    """Work of the desk that comes back later. Grain: kind of work × entry.

    `asked` is the owner who was asked meanwhile, None where the steward put it off. `object_key` and `record_id` name
    the record it is about.
    """

    source = models.SlugField(max_length=20)
    entry = models.CharField(max_length=40)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    until = models.DateField()
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "entry"], name="stewardship_put_off_once")]
        indexes = [models.Index(fields=["object_key", "record_id"], name="stewardship_put_off_record")]


class FieldConflict(models.Model):
    """Two values of one field on which sources disagree. Grain: record × field × unordered pair of values.

    The record is the account itself, or the `contact` of it or the `point`, a way to reach it, that is named; who may
    see the account may see the conflict, as far as he may read the field. `first` is the value that a person said or
    that stood before, `second` the other one, both as JSON holds them; `pair` is a hash of both in whichever order, so
    that a pair that was decided does not come back. `chosen` is the one that was decided for, `former` what stood
    before that.
    """

    protection = Protection(key="field_conflict", follows="account", label=_("Conflicts between sources"))

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    point = models.ForeignKey(ContactPoint, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    field = models.CharField(max_length=60)
    pair = models.CharField(max_length=64)
    first = models.JSONField(null=True)
    first_source = models.CharField(max_length=10, choices=ValueSource.choices)
    first_name = models.CharField(max_length=120, blank=True)
    first_at = models.DateTimeField()
    second = models.JSONField(null=True)
    second_source = models.CharField(max_length=10, choices=ValueSource.choices)
    second_name = models.CharField(max_length=120, blank=True)
    second_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ConflictState.choices, default=ConflictState.OPEN)
    chosen = models.JSONField(null=True)
    former = models.JSONField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "field", "pair"],
                condition=Q(contact__isnull=True, point__isnull=True),
                name="stewardship_one_conflict",
            ),
            models.UniqueConstraint(fields=["contact", "field", "pair"], name="stewardship_one_of_contact"),
            models.UniqueConstraint(fields=["point", "field", "pair"], name="stewardship_one_of_point"),
        ]
        indexes = [
            models.Index(fields=["second_at", "id"], condition=Q(state="open"), name="stewardship_open_conflicts"),
            models.Index(fields=["account"], name="stewardship_conflict_account"),
        ]

    @property
    def object_key(self) -> str:
        """The object of the record that has the field."""
        return "contact_point" if self.point_id else "contact" if self.contact_id else "account"

    @property
    def record_id(self) -> int:
        """The record that has the field."""
        return self.point_id or self.contact_id or self.account_id


class QualityDay(models.Model):
    """How many customers a fault concerns. Grain: day × unit × owner × kind of work; 0 = no unit, nobody.

    `measure` is the key of a kind of work; `customers` are all that the owner looks after in that unit.
    """

    day = models.DateField()
    unit_id = models.BigIntegerField(default=0)
    owner_id = models.BigIntegerField(default=0)
    measure = models.SlugField(max_length=20)
    affected = models.PositiveIntegerField()
    customers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "unit_id", "owner_id", "measure"], name="stewardship_one_quality_day"
            )
        ]
