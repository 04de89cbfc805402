"""The jobs room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The queue, schedules, progress."""

    name = "guanxi.platform.jobs"
    label = "jobs"
