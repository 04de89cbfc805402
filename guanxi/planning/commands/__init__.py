"""The verbs of planning."""
