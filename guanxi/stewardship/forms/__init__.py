"""Forms of stewardship. Rules across fields are the commands'."""
