"""Channels, message templates and the timeline."""
