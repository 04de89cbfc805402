"""The catalog capability."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Products, services and their categories."""

    name = "guanxi.catalog"
    label = "catalog"
