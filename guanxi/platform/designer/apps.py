"""The designer room."""

from django.apps import AppConfig


class DesignerConfig(AppConfig):
    """Pages for making objects and fields."""

    name = "guanxi.platform.designer"
    label = "designer"
