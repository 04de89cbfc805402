"""The ledger: one plain, append-only table of facts, and what stands beside it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked


class CurrentTransaction(Func):
    """The number of the running transaction, by which the lake finds what is new."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Fact(models.Model):
    """One thing that happened between us and an account. Grain: fact. Never changed, never deleted but by
    erasure.

    `source` and `source_id` name it where it came from; the pair is unique, so replays change nothing.
    `digest` is a 63-bit hash of its content, by which a replay with other content is noticed. `corrects`
    holds the `source_id` of an earlier fact of the same source that this one replaces; a fact is corrected at
    most once, then its correction is. `amount` and `cost` are in the company's currency; they and `quantity`
    are positive, the sub-kind says the direction. The account id is the one the fact came with; merging
    accounts rewrites nothing. The texts by which facts are found are kept in byte order (collation C), which
    compares fastest and is the same in every program.
    """

    protection = Protection(key="fact", follows="account", sensitivities={"cost": "cost"}, label=_("Facts"))

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=40, db_collation="C")
    source_id = models.CharField(max_length=120, db_collation="C")
    digest = models.BigIntegerField()
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    contact_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=16)
    sub_kind = models.CharField(max_length=24)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_transaction = models.BigIntegerField(db_default=CurrentTransaction())
    is_typed = models.BooleanField(default=False)
    channel = models.CharField(max_length=24, null=True)
    product_id = models.BigIntegerField(null=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    place = models.CharField(max_length=60, null=True)
    corrects = models.CharField(max_length=120, null=True, db_collation="C")
    payload = models.JSONField(null=True)

    objects = GuardedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="ledger_fact_source"),
            models.UniqueConstraint(
                fields=["source", "corrects"],
                name="ledger_fact_corrects",
                condition=Q(corrects__isnull=False),
            ),
        ]
        indexes = [
            models.Index(F("account"), F("occurred_at").desc(), name="ledger_fact_account"),
            BrinIndex(fields=["recorded_transaction"], name="ledger_fact_transaction"),
            models.Index(
                fields=["occurred_at"],
                condition=Q(kind="interaction", sub_kind__in=("gift_given", "material_posted")),
                name="ledger_fact_given",
            ),
        ]


class WaitingFact(models.Model):
    """A well-formed fact whose account is not known yet; it moves to the ledger when the account's key
    arrives.
    """

    source = models.CharField(max_length=40, db_collation="C")
    source_id = models.CharField(max_length=120, db_collation="C")
    digest = models.BigIntegerField()
    system = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    row = models.JSONField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="ledger_waiting_source")]
        indexes = [models.Index(fields=["system", "key"], name="ledger_waiting_key")]


@tracked
class CompetitorPromotion(Record):
    """A competitor's promotion: who, what, where, from when to when, how deep, who noted it."""

    protection = Protection(key="competitor_promotion", label=_("Promotions of competitors"))

    competitor = models.CharField(max_length=120)
    name = models.CharField(max_length=200, blank=True)
    category_keys = models.JSONField(default=list)
    region = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=24, blank=True)
    start_on = models.DateField()
    end_on = models.DateField()
    depth = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(end_on__gte=models.F("start_on")), name="ledger_promotion_order")
        ]
