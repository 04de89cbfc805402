"""Publishing what happened, the outbox, reactions and their delivery log."""
