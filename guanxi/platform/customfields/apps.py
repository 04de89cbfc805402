"""The room of custom fields and objects."""

from importlib import import_module

from django.apps import AppConfig

from guanxi.platform.access.protection import register_sensitivities


class CustomFieldsConfig(AppConfig):
    """Fields and objects that people make."""

    name = "guanxi.platform.customfields"
    label = "customfields"

    def ready(self) -> None:
        """Let the rights know how fields that people made are protected."""
        register_sensitivities(import_module("guanxi.platform.customfields.schema").sensitivities)
