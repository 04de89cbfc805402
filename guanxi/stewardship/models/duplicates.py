"""Pairs of records that may be one."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.stewardship.choices import TwinState


class Twin(models.Model):
    """Two records of an object that may be one. Grain: object × pair, the lower id first.

    `weight` is the log2 of the odds that they are one, `reasons` what speaks for and against it: [evidence, weight]
    each. "Not the same" is remembered: a later scan does not ask again.
    """

    protection = Protection(key="twin", label=_("Duplicates"))

    object_key = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    weight = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=TwinState.choices, default=TwinState.OPEN)
    later_until = models.DateField(null=True)
    merge_id = models.BigIntegerField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(db_default=Now())

    objects = GuardedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_key", "first_id", "second_id"], name="stewardship_one_twin"),
            models.CheckConstraint(condition=Q(first_id__lt=F("second_id")), name="stewardship_twin_order"),
        ]
        indexes = [
            models.Index(fields=["object_key", "state", "-weight", "id"], name="stewardship_twin_queue"),
            models.Index(fields=["second_id"], name="stewardship_twin_second"),
        ]
