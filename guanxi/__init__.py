"""Guanxi (关系): a self-hosted CRM whose heart is the customer ledger and the question whom to contact today."""

__version__ = "0.1.0"
