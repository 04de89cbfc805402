"""The engagement capability."""

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """Channels, message templates and the timeline."""

    name = "guanxi.engagement"
    label = "engagement"
