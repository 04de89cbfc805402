"""Named reads of the portal."""
