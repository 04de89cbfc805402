"""The transfer room."""

from django.apps import AppConfig


class TransferConfig(AppConfig):
    """Records as files, and files as records."""

    name = "guanxi.platform.transfer"
    label = "transfer"
