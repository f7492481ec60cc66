"""Probe positions in a file of their own, apart from the patterns."""
