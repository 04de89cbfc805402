"""Reading what comes from outside: files in any encoding and format, and rows sent as JSON."""
