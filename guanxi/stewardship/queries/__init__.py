"""The reads of stewardship."""
