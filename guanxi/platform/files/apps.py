"""The files room."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files that people hand in."""

    name = "guanxi.platform.files"
    label = "files"
