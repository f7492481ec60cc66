"""One module a format: each is imported by io.registry and registers its reader."""
