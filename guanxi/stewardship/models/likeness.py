"""What the house takes for the same customer or contact."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked


@tracked
class LikenessRule(Record):
    """By what two records of an object look alike, and what is done at each way in. Grain: object.

    `groups` are lists of evidence: all of one list has to hold. `weights` are the log2 of the odds by evidence,
    `entries` (treatment, least certainty) by the way in. Without a row the defaults hold.
    """

    protection: ClassVar[Protection] = Protection(key="likeness_rule", label=_("House rules of duplicates"))

    object_key = models.CharField(max_length=60)
    groups = models.JSONField(default=list)
    weights = models.JSONField(default=dict)
    entries = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object_key"], condition=Q(trashed_at__isnull=True), name="stewardship_one_likeness_rule"
            )
        ]

    def __str__(self) -> str:
        return self.object_key
