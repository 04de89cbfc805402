"""Long work of stewardship: scans of the whole base."""
