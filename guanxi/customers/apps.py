"""The customers capability."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Accounts, contacts, contact points, dates, classifications and external keys."""

    name = "guanxi.customers"
    label = "customers"
