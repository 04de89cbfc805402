"""Run-time settings as rows."""

from django.db import models


class Preference(models.Model):
    """One changed setting. Grain: key; a key without a row has its declared default."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()
