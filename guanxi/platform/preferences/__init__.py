"""Typed settings that an administrator edits at run time."""
