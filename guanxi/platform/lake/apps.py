"""The lake room."""

from django.apps import AppConfig


class LakeConfig(AppConfig):
    """The lake room."""

    name = "guanxi.platform.lake"
    label = "lake"
