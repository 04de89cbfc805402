"""The audit trail: one entry per change, however many rows it touched."""

from django.db import models
from django.db.models.functions import Now

READS_OF_NOTE = ("reveal", "export", "bulk_edit", "bulk_assign", "bulk_tag", "bulk_trash", "remove_for_good")
"""The actions that take much out or touch much: the page of reads of note lists them."""


class AuditEntry(models.Model):
    """Who did what to which record, why, through which surface. Grain: one change, read of note, or export.

    Its id is the context of the history rows that the database's triggers write in the same transaction.
    """

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120)
    surface = models.CharField(max_length=20)
    address = models.CharField(max_length=60, blank=True)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    record_count = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_key", "record_id", "-at"], name="audit_by_record"),
            models.Index(fields=["-at"], name="audit_by_time"),
            models.Index(fields=["-at"], name="audit_reads", condition=models.Q(action__in=READS_OF_NOTE)),
        ]
