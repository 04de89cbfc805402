"""Pure analyses of stewardship: which records are one."""
