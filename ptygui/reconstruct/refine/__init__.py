"""Refinement: object, probe and positions, improved until the measurement is explained."""
