"""Verbs about what stands beside a record."""
