"""Scans and shorthands for the tests of preparation."""

from dataclasses import replace

import numpy as np

from ptygui.core.prepare import apply_steps
from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan, ScanMetadata


def counts_scan(n=9, shape=(12, 12), unit="px", seed=0, **changes):
    """Random counts on a raster; dark, flat and monitor are there."""
    rng = np.random.default_rng(seed)
    places = np.stack(np.meshgrid(np.arange(n) // 3, [0.0]), -1).reshape(-1, 2)[:n] * 3.0
    places[:, 1] = np.arange(n) % 3 * 4.0
    pixel = (1e-8, 2e-8) if unit == "m" else None
    positions = ProbePositions(places * (np.array(pixel) if pixel else 1), unit)
    metadata = ScanMetadata(name="counts", pixel_size_m=pixel, energy_ev=8000.0 if unit == "m" else None)
    scan = Scan(
        ArrayPatterns(rng.poisson(20, (n, *shape)).astype(np.float32)),
        positions,
        metadata,
        dark=np.full(shape, 2, np.float32),
        flat=rng.uniform(0.5, 1.5, shape).astype(np.float32),
        monitor=rng.uniform(1, 2, n),
    )
    return replace(scan, **changes)


def with_patterns(scan, patterns):
    return replace(scan, patterns=ArrayPatterns(np.asarray(patterns, np.float32)))


def read_all(scan):
    return scan.patterns.read(np.arange(len(scan)))


def last_note(scan):
    return scan.metadata.notes[-1]


def prepared(scan, *steps, **options):
    return apply_steps(scan, steps, **options)


class Files:
    """A loader whose files are arrays in memory."""

    def __init__(self, arrays=(), probes=()):
        self.arrays, self.probes = dict(arrays), dict(probes)

    def array(self, path, key, what):
        return self.arrays[path]

    def probe(self, path, key):
        return self.probes[path]


def same(a, b):
    """Whether two scans hold the same, but for their notes and the list of steps."""
    np.testing.assert_array_equal(read_all(a), read_all(b))
    np.testing.assert_array_equal(a.positions.values, b.positions.values)
    for name in ("bad_pixels", "probe", "dark", "flat", "monitor"):
        one, other = getattr(a, name), getattr(b, name)
        assert (one is None) == (other is None), name
        if one is not None:
            np.testing.assert_array_equal(one, other, err_msg=name)
    assert a.metadata.pixel_size_m == b.metadata.pixel_size_m
    return True
