"""Reconstruction engines of other projects, each in a process of its own."""
