"""Database migrations of the stewardship capability."""
