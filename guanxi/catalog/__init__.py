"""Products, services and their categories."""
