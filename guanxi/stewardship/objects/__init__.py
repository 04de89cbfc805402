"""What stewardship contributes to objects and to the navigation."""
