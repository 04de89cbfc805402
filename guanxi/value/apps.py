"""The value capability."""

from django.apps import AppConfig


class ValueConfig(AppConfig):
    """Indicators, the value index and its attribution, grades."""

    name = "guanxi.value"
    label = "value"
