"""Run-time settings as rows."""

from django.db import models


class Preference(models.Model):
    """One changed setting. Grain: key; a key without a row has its declared default."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()


class ExchangeRate(models.Model):
    """What one unit of a currency was worth in the currency `house` on a day. Grain: house, currency, day."""

    house = models.CharField(max_length=3)
    currency = models.CharField(max_length=3)
    day = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["house", "currency", "day"], name="preferences_one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(value__gt=0), name="preferences_rate_is_positive"),
        ]
