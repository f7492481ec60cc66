"""The algorithms of refinement, one a file; each is named after what the field calls it."""
