"""The events room."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Publishing, outbox, reactions."""

    name = "guanxi.platform.events"
    label = "events"
