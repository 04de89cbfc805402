"""What each role may do, as rows that an administrator edits."""

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
