"""Rules by which records go that are no longer needed, the dry runs before them and the nights in which they worked."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked
from guanxi.stewardship.choices import RetentionAction


@tracked
class RetentionRule(Record):
    """Which records of an object are no longer needed, and what becomes of them. Grain: rule.

    `conditions` are [key, count] of what capabilities contribute, all of which must be true; `relations` say of which
    customers, none = all. `edition` counts the changes of the rule, and `author` is who made the last one. A rule works
    from when another person confirmed the edition.
    """

    protection: ClassVar[Protection] = Protection(key="retention_rule", label=_("Retention rules"))

    name = models.CharField(_("Name"), max_length=120)
    object_key = models.CharField(_("What it is about"), max_length=60)
    conditions = models.JSONField(default=list)
    relations = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    action = models.CharField(_("What becomes of them"), max_length=8, choices=RetentionAction.choices)
    edition = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="stewardship_confirmed_whole",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(author__isnull=True) | ~Q(confirmed_by=F("author")),
                name="stewardship_confirmed_by_other",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RetentionDryRun(models.Model):
    """Who looked when at what an edition of a rule would do. Grain: rule × edition × person."""

    rule = models.ForeignKey(RetentionRule, on_delete=models.CASCADE, related_name="+")
    edition = models.PositiveIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "edition", "made_by"], name="stewardship_one_dry_run")]


class RetentionRun(models.Model):
    """One night in which a rule worked. Grain: rule × day; the trash of a whole night stands under one audit entry.

    `edition` is that of the rule, `last_id` the record up to which it looked, `gone` how many records went, `held` how
    many stayed because of a legal hold. `is_cut` is true when the night held no more of them, or the rule was stopped.
    """

    rule = models.ForeignKey(RetentionRule, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    edition = models.PositiveIntegerField()
    action = models.CharField(max_length=8, choices=RetentionAction.choices)
    entry_id = models.UUIDField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    last_id = models.BigIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    is_cut = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="stewardship_one_retention_run")]
        indexes = [models.Index(fields=["rule", "-day"], name="stewardship_retention_runs")]
