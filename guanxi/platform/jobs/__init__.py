"""Background work: the queue, schedules and progress."""
