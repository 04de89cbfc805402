"""The pages of stewardship."""
