"""The audit room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who changed, read or exported what."""

    name = "guanxi.platform.audit"
    label = "audit"
