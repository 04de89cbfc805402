"""The project: settings, URLs, command line; the only place that knows all capabilities."""
