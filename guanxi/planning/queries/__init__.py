"""The reads of planning."""
