"""What each role may do, what is shared with whom, and how much is read, as rows."""

from django.db import models
from django.db.models.functions import Now


class RoleRule(models.Model):
    """One row rule: role × object × action. Grain: one row each."""

    role_key = models.CharField(max_length=60)
    object_key = models.CharField(max_length=60)
    action = models.CharField(max_length=20)
    rule = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role_key", "object_key", "action"], name="access_one_rule_per_action")
        ]


class FieldRule(models.Model):
    """One field rule: role × object × sensitivity. Grain: one row each."""

    role_key = models.CharField(max_length=60)
    object_key = models.CharField(max_length=60)
    sensitivity = models.CharField(max_length=30)
    access = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role_key", "object_key", "sensitivity"], name="access_one_rule_per_sensitivity"
            )
        ]


class PolicyChange(models.Model):
    """One change of the rules. The newest id is the version of the policy in force, so that caches know at once.

    Ids come from a sequence: one that a rolled-back change used is never used again for other rules.
    """

    id = models.BigAutoField(primary_key=True)
    changed_at = models.DateTimeField(db_default=Now())


class RoleLimit(models.Model):
    """How much a person of a role reads in a day. Grain: role × kind of read.

    From `warn_at` on the administrators see it, beyond `most` it is refused; None = no such limit.
    """

    role_key = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    warn_at = models.PositiveIntegerField(null=True)
    most = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role_key", "kind"], name="access_one_limit_per_kind")]


class ReadCount(models.Model):
    """How much somebody read on one day. Grain: person × day × kind of read."""

    user_id = models.BigIntegerField()
    day = models.DateField()
    kind = models.CharField(max_length=12)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "user_id", "kind"], name="access_one_count_per_day")]


class Share(models.Model):
    """One record shared with one person or one org unit. Grain: record × person, or record × unit.

    With `is_team` the person or unit is a collaborator. `ends_at` is when it ends, None for never.
    """

    id = models.BigAutoField(primary_key=True)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    may_edit = models.BooleanField(default=False)
    is_team = models.BooleanField(default=False)
    ends_at = models.DateTimeField(null=True)
    shared_by_id = models.BigIntegerField(null=True)
    shared_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object_key", "record_id", "user_id", "unit_id"],
                name="access_one_share",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(user_id__isnull=True) ^ models.Q(unit_id__isnull=True),
                name="access_share_with_one",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user_id", "object_key"], name="access_share_user", condition=models.Q(user_id__isnull=False)
            ),
            models.Index(
                fields=["unit_id", "object_key"], name="access_share_unit", condition=models.Q(unit_id__isnull=False)
            ),
        ]
