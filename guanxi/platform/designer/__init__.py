"""Pages on which an administrator makes objects and fields without code."""
