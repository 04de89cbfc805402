"""What the lake holds: parts that are complete, and how far each dataset has been carried over."""

from django.db import models
from django.db.models.functions import Now


class LakeState(models.Model):
    """How far a dataset has been carried into the lake. Grain: dataset.

    Rows with id ≤ `base_id` came with the last rebuild; of later rows, those of transactions before
    `next_transaction` are there. `cluster` identifies the database server: after a restore into another one,
    transaction numbers mean nothing and the lake is rebuilt. `declared` is what its columns were; it is rebuilt, too,
    when they are others now.
    """

    dataset = models.CharField(max_length=60, primary_key=True)
    cluster = models.BigIntegerField()
    base_id = models.BigIntegerField()
    next_transaction = models.BigIntegerField()
    declared = models.TextField(blank=True)
    refreshed_at = models.DateTimeField(db_default=Now())


class LakePart(models.Model):
    """One complete Parquet file. Grain: file; a file without a row here is a leftover of a crash and is never read.

    `month` is "" in a dataset whose files are not split by months.
    """

    dataset = models.CharField(max_length=60)
    month = models.CharField(max_length=7, blank=True)
    path = models.CharField(max_length=200, unique=True)
    row_count = models.BigIntegerField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["dataset", "month"], name="lake_part_month")]
