"""Files that fields of records hold."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from guanxi.platform.access.guard import GuardedManager


class KeptFile(models.Model):
    """A file that a field of a record holds, or held before. Grain: file; it never changes.

    `stored_as` is the random name of its content in the folder of files, `size` is in bytes. It is seen exactly as the
    field of that record is: `record_id` is empty only inside the transaction that creates the record.
    """

    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField(null=True)
    field_key = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=32, unique=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        indexes = [models.Index(fields=["object_key", "record_id"], name="files_of_a_record")]
