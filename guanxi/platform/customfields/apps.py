"""The room of custom fields and objects."""

from importlib import import_module

from django.apps import AppConfig

from guanxi.platform.access.catalogue import register_made_models
from guanxi.platform.access.protection import register_sensitivities


class CustomFieldsConfig(AppConfig):
    """Fields and objects that people make."""

    name = "guanxi.platform.customfields"
    label = "customfields"

    def ready(self) -> None:
        """Let the rights know the objects that people made and how their fields are protected."""
        schema = import_module("guanxi.platform.customfields.schema")  # its models are there only now
        register_sensitivities(schema.sensitivities)
        register_made_models(schema.made_models)
