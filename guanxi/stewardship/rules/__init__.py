"""The rules of stewardship."""
