"""The exhibitions capability."""

from django.apps import AppConfig


class ExhibitionsConfig(AppConfig):
    """Booths at exhibitions."""

    name = "exhibitions"
    label = "exhibitions"
