"""The customer ledger: append-only facts, their ways in and their provenance."""
