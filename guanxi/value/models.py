"""Weight sets, references, editions, and each account's latest index."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked


@tracked
class WeightSet(Record):
    """A version of the weights. `weights` maps "relation.indicator" to a share; immutable once published."""

    protection = Protection(key="weight_set", label=_("Weights of the index"))

    name = models.CharField(max_length=60)
    weights = models.JSONField()
    published_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class PeerGroup(models.Model):
    """A group of accounts that are compared with each other; `key` is relation.kind."""

    id = models.SmallAutoField(primary_key=True)
    key = models.CharField(max_length=60, unique=True)


class Reference(models.Model):
    """A frozen reference: what scores are positions in. Its points and means never change."""

    frozen_on = models.DateField()
    created_at = models.DateTimeField(db_default=Now())


class ReferencePoint(models.Model):
    """One kept value of a reference distribution. Grain: reference × peer group × indicator × value."""

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="+")
    peer_group = models.CharField(max_length=60)
    indicator = models.CharField(max_length=40)
    value = models.FloatField()
    below = models.FloatField()
    upto = models.FloatField()


class ReferenceMean(models.Model):
    """The peers' mean rate. Grain: reference × peer group × indicator."""

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="+")
    peer_group = models.CharField(max_length=60)
    indicator = models.CharField(max_length=40)
    mean = models.FloatField()


class Edition(models.Model):
    """What was in force from a day on: a weight set, a reference and the grade boundaries that follow from both.

    `thresholds` maps a peer group to the least index of each grade but the last.
    """

    weight_set = models.ForeignKey(WeightSet, on_delete=models.PROTECT, related_name="+")
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="+")
    thresholds = models.JSONField(default=dict)
    in_force_from = models.DateField()
    created_at = models.DateTimeField(db_default=Now())


class PromotionSeason(models.Model):
    """How peers' buying of other categories compared during an ended promotion; frozen at its first use."""

    promotion_id = models.BigIntegerField(primary_key=True)
    season = models.FloatField()


class ValueIndex(models.Model):
    """An account's latest index with its parts. Grain: account. Written as a whole by the refresh.

    `index_value` 0 to 100; `index_before` the index `compare_days` earlier, NaN if none; `confidence` 0 to 1.
    `scores`, `faded`, `new`: one number per indicator in the order of `rules.ALL_INDICATORS`, NaN = not applicable;
    faded and new are index points since the former day. `applicability` … `peer_group_effect`: index points.
    `grade` and `base_grade` (the settled grade of an earlier day) are letters; `grade_30/90/360` the grades so many
    days ago, "" if none. `trend` holds the index on the days of `rules.TREND_DAYS` before `as_of`, NaN if none.
    Money is of the last 365 days.
    """

    protection = Protection(
        key="value_index", follows="account", sensitivities={"margin_12_months": "cost"}, label=_("Value index")
    )

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", db_index=False)
    peer_group = models.ForeignKey(PeerGroup, on_delete=models.PROTECT, related_name="+", db_index=False)
    index_value = models.FloatField()
    index_before = models.FloatField()
    confidence = models.FloatField()
    applicability = models.FloatField()
    weights_effect = models.FloatField()
    reference_effect = models.FloatField()
    peer_group_effect = models.FloatField()
    amount_12_months = models.FloatField()
    margin_12_months = models.FloatField()
    grade = models.CharField(max_length=1)
    base_grade = models.CharField(max_length=1, blank=True)
    grade_30 = models.CharField(max_length=1, blank=True)
    grade_90 = models.CharField(max_length=1, blank=True)
    grade_360 = models.CharField(max_length=1, blank=True)
    is_core = models.BooleanField(default=False)
    last_purchase_on = models.DateField(null=True)
    scores = ArrayField(models.FloatField())
    faded = ArrayField(models.FloatField())
    new = ArrayField(models.FloatField())
    trend = ArrayField(models.FloatField())
    calculated_at = models.DateTimeField(db_default=Now())

    objects = GuardedManager()

    class Meta:
        indexes = [
            models.Index(F("index_value").desc(), F("account"), name="value_by_index"),
            models.Index(fields=["grade"], name="value_by_grade"),
        ]
