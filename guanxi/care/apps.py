"""The care capability."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Cadence, occasions and the Today queue."""

    name = "guanxi.care"
    label = "care"
