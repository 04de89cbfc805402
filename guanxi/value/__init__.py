"""Indicators, the value index and its attribution, grades."""
