"""Job runs: long work that a person may watch, with its progress."""

from django.db import models
from django.db.models.functions import Now


class RunState(models.TextChoices):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRun(models.Model):
    """One run of one job. Grain: run. `done` of `total` are counted in `unit`; total 0 means not known yet."""

    job_name = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    unit = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict)
    started_by_id = models.BigIntegerField(null=True)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="jobs_by_time")]
