"""ptygui: reconstruct ptychography scans with trained generators, and watch it happen."""

__version__ = "0.1.0"
