"""Fields, objects and relations that an administrator makes without code."""
