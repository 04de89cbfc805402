"""The outbox of published events and the log of their deliveries."""

from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    """One published event, committed with the change that caused it. Grain: one event."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["-published_at"], name="events_by_time")]


class Delivery(models.Model):
    """One event handed to one reaction. Grain: event × reaction; present once the reaction's work is committed."""

    event_id = models.UUIDField()
    reaction = models.CharField(max_length=120)
    delivered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event_id", "reaction"], name="events_delivered_once")]
