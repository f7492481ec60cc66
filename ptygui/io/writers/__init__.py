"""One module a format of results; each writes one file at a path that io.export made for it."""
