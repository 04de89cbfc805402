"""The planning capability."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """The information plan, completeness and freshness."""

    name = "guanxi.planning"
    label = "planning"
