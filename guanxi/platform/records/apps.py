"""The records room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The base of all records."""

    name = "guanxi.platform.records"
    label = "records"
