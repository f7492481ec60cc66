"""A run is a directory: one process writes it, any number watch it.

`layout` names the files, `writer` writes them, `reader` follows them while they grow.
"""
