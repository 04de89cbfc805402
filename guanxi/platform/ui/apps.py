"""The user interface room."""

from django.apps import AppConfig


class UserInterfaceConfig(AppConfig):
    """Base page, components, charts, navigation."""

    name = "guanxi.platform.ui"
    label = "ui"
