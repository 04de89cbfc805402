"""The embedded PostgreSQL server: a wheel's binaries, our own supervisor, one owner for each data folder."""
