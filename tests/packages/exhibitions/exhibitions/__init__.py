"""Booths at exhibitions: a capability that is installed as a package of its own."""
