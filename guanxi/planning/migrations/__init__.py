"""Database migrations of the planning capability."""
