"""A scan without symmetry: 7 patterns of 6 x 10 pixels that are no squares, two probe modes."""

from dataclasses import dataclass

import numpy as np

from ptygui.core.geometry import object_pixel_m
from ptygui.core.scan import ArrayPatterns, ObjectImage, ProbePositions, Scan, ScanMetadata

ENERGY_EV, DISTANCE_M, DETECTOR_PIXEL_M = 8800.0, 1.9, (75e-6, 55e-6)
SHAPE = (6, 10)
PIXEL_M = object_pixel_m(ENERGY_EV, DISTANCE_M, DETECTOR_PIXEL_M, SHAPE)


def scan(*, metres: bool = True, counts: bool = True, flat: bool = False) -> Scan:
    """With or without geometry; patterns as whole numbers or not; with nothing but patterns and positions."""
    rng = np.random.default_rng(3)
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    beam = 60000 * np.exp(-((rows - 3) ** 2) - (cols - 5) ** 2)
    patterns = rng.poisson(beam + 9, (7, *SHAPE)).astype(np.float32)
    patterns[0, 3, 5] = 70000  # more than 16 bits
    if not counts:
        patterns += np.float32(0.3)
    positions_px = rng.uniform(20, 60, (7, 2))
    known = {
        "energy_ev": ENERGY_EV,
        "distance_m": DISTANCE_M,
        "detector_pixel_m": DETECTOR_PIXEL_M,
        "pixel_size_m": PIXEL_M,
    }
    metadata = ScanMetadata("näïve", **(known if metres else {}))
    if flat:
        return Scan(ArrayPatterns(patterns), ProbePositions(positions_px, "px"), metadata)
    bad = np.zeros(SHAPE, bool)
    bad[1, 7] = True
    values = (rng.normal(size=(70, 90)) + 1j).astype(np.complex64)
    return Scan(
        ArrayPatterns(patterns),
        ProbePositions(positions_px * PIXEL_M if metres else positions_px, "m" if metres else "px"),
        metadata,
        probe=(rng.normal(size=(2, *SHAPE)) + 2j).astype(np.complex64),
        bad_pixels=bad,
        dark=rng.uniform(0, 1, SHAPE).astype(np.float32),
        flat=rng.uniform(1, 2, SHAPE).astype(np.float32),
        monitor=rng.uniform(1, 2, 7),
        reference_object=ObjectImage(
            values, np.ones(values.shape, bool), (5.0, -3.0), PIXEL_M if metres else None
        ),
    )


def all_patterns(of: Scan) -> np.ndarray:
    """Read them all."""
    return of.patterns.read(np.arange(len(of)))


@dataclass
class Endless:
    """Many patterns that are made when they are read; remembers how many at most were asked for at once."""

    shape: tuple[int, int, int]
    most: int = 0
    reads: int = 0

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return zeros."""
        self.most, self.reads = max(self.most, len(indices)), self.reads + 1
        return np.zeros((len(indices), *self.shape[1:]), np.float32)
