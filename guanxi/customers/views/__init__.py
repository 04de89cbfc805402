"""Pages about customers: accounts, and what belongs to them."""
