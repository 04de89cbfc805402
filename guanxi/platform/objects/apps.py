"""The objects room."""

from importlib import import_module

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules

REGISTERING = ("datasets", "objects", "reactions")


class ObjectsConfig(AppConfig):
    """ObjectSpec and the registries of contributions."""

    name = "guanxi.platform.objects"
    label = "objects"

    def ready(self) -> None:
        """Let every capability register: importing its datasets, objects and reactions does it.

        Raises: ImproperlyConfigured when something is contributed to an object that nobody registered, or a table leads
        to records and does not say what becomes of its rows when they are deleted for good, or when a person is erased.
        """
        import_module("guanxi.platform.records.change").register_check(
            import_module("guanxi.platform.objects.checks").refused_values
        )
        autodiscover_modules(*REGISTERING)
        registry = import_module("guanxi.platform.objects.registry")  # its models are there only now
        links = import_module("guanxi.platform.objects.belongings").unsaid_links(registry.own_specs())
        unsaid = import_module("guanxi.platform.objects.erasing").unsaid_erasures()
        problems: list[str] = [*registry.check_contributions(), *links, *unsaid]
        if problems:
            raise ImproperlyConfigured(" ".join(problems))
