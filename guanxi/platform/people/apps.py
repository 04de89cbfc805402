"""The people room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Pages of users, sessions, tokens and sign-in."""

    name = "guanxi.platform.people"
    label = "people"
