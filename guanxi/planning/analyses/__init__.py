"""What the answers of a round say, worked out from values alone."""
