"""ObjectSpec, the registries of contributions and their start-up checks."""
