"""Cadence, occasions and the Today queue."""
