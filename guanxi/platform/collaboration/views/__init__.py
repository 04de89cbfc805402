"""Pages and fragments of the collaboration room."""
