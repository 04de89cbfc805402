"""The portal capability."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Public forms, what comes in by them, the preference centre."""

    name = "guanxi.portal"
    label = "portal"
