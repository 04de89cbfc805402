"""The access room."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Row rules, field rules, Grant."""

    name = "guanxi.platform.access"
    label = "access"
