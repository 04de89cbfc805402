"""The search index: one row of tokens per record."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class SearchEntry(models.Model):
    """The tokens of one record. Grain: object × record. It says where to look; results are re-read through a Grant."""

    object_key = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    tokens = ArrayField(models.TextField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object_key", "record_id"], name="search_one_entry")]
        indexes = [GinIndex(fields=["tokens"], name="search_by_token", fastupdate=True)]
