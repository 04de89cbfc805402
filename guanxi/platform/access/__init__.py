"""Row rules, field rules, Grant and the guarded Query: the one door to the data."""
