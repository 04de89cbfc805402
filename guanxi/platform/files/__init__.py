"""Files that people hand in: how they are kept, which are taken, how they are handed out again."""
