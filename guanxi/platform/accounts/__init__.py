"""Users, org units, roles and who is acting."""
