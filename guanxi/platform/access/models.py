"""What each role may do, as rows that an administrator edits."""

from django.db import models


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


class PolicyVersion(models.Model):
    """The one row whose number rises with every change of a rule, so that caches know at once."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveIntegerField(default=1)
