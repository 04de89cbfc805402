"""The collaboration room."""

from django.apps import AppConfig


class CollaborationConfig(AppConfig):
    """Comments, following, documents, history, trash, notifications."""

    name = "guanxi.platform.collaboration"
    label = "collaboration"
