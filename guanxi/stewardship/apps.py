"""The stewardship capability."""

from django.apps import AppConfig


class StewardshipConfig(AppConfig):
    """Duplicates and merges, the steward's desk, pools, handovers, subject requests."""

    name = "guanxi.stewardship"
    label = "stewardship"
