"""Encryption of identity and bank numbers: keys, texts at rest, and the blind index by which they are found."""
