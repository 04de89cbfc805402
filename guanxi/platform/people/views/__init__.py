"""Pages, one file per thing that is shown."""
