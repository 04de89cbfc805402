"""The search room."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The search room."""

    name = "guanxi.platform.search"
    label = "search"
