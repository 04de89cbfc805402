"""The ledger capability."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The customer ledger: append-only facts, their ways in and their provenance."""

    name = "guanxi.ledger"
    label = "ledger"
