"""The preferences room."""

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    """Typed run-time settings."""

    name = "guanxi.platform.preferences"
    label = "preferences"
