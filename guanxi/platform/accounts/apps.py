"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, org units, roles."""

    name = "guanxi.platform.accounts"
    label = "accounts"
