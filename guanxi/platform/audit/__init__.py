"""Who changed, read or exported what, when and through which surface."""
