"""Which information serves which purpose: the information plan, how complete and how fresh what it asks for is."""
