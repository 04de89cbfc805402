"""The verbs of stewardship."""
