"""Keeping information unique, right and in good hands: duplicates, the desk, the pool, handovers, privacy."""
