"""Small scans simulated with plain numpy in float64, independent of the code that they test."""

import numpy as np
import pytest

from ptygui.core.scan import ArrayPatterns, ObjectImage, ProbePositions, Scan, ScanMetadata
from ptygui.core.shift import shift_subpixel, split_positions

SIZE = 32
ROWS = COLS = 80


def smooth_object(seed: int = 3) -> np.ndarray:
    """A complex object (ROWS, COLS) of a few low frequencies: amplitude 0.7..1, phase within ±0.6."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:ROWS, :COLS] / ROWS
    waves = [
        np.cos(2 * np.pi * (ky * y + kx * x) + phase)
        for ky, kx, phase in zip(*rng.integers(-6, 7, (2, 12)), rng.uniform(0, 6, 12), strict=True)
    ]
    first, second = np.mean(waves[:6], axis=0), np.mean(waves[6:], axis=0)
    return (0.85 + 0.15 * first / np.abs(first).max()) * np.exp(0.6j * second / np.abs(second).max())


def gaussian_probe() -> np.ndarray:
    """A probe (1, SIZE, SIZE) that fades to nothing at the rim, with some curvature."""
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    radius = y**2 + x**2
    return (np.exp(-radius / (2 * 4.5**2)) * np.exp(1j * radius / 60))[None]


def raster(step: float, jitter: float) -> np.ndarray:
    """Patch centres (n, 2) that keep every patch inside the object."""
    line = np.arange(SIZE // 2 + 1, ROWS - SIZE // 2 - 1, step)
    grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2).astype(float)
    return grid + np.random.default_rng(0).uniform(-jitter, jitter, grid.shape)


def simulate(
    positions: np.ndarray, photons: float = 1e6, bad: np.ndarray | None = None, name: str = "lines"
) -> Scan:
    """A noiseless scan whose probe explains the photons exactly; integer cut, probe moved by the rest."""
    truth, probe = smooth_object(), gaussian_probe()
    probe = probe * np.sqrt(photons / np.sum(np.abs(probe) ** 2))
    corners, rests = split_positions(positions, (SIZE, SIZE))
    patches = np.stack([truth[r : r + SIZE, c : c + SIZE] for r, c in corners])
    waves = patches[:, None] * np.stack([shift_subpixel(np.repeat(probe, len(positions), 0), rests)], axis=1)
    spectrum = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(waves, axes=(-2, -1)), norm="ortho"), (-2, -1))
    patterns = (np.abs(spectrum) ** 2).sum(axis=1).astype(np.float32)
    if bad is not None:
        patterns[:, bad] = 4e9
    reference = ObjectImage(truth.astype(np.complex64), np.ones(truth.shape, bool))
    return Scan(
        ArrayPatterns(patterns),
        ProbePositions(positions, "px"),
        ScanMetadata(name, format="simulation", extra={"simulated": True}),
        probe.astype(np.complex64),
        bad,
        reference,
    )


@pytest.fixture
def whole_pixel_scan() -> Scan:
    """49 patterns at whole object pixels."""
    return simulate(raster(7, 0.0))


@pytest.fixture
def scan() -> Scan:
    """144 patterns at fractional positions, much overlap."""
    return simulate(raster(4, 1.2))


@pytest.fixture
def bad_scan() -> Scan:
    """The same with bad pixels that hold 4e9 counts, a stripe and a corner."""
    bad = np.zeros((SIZE, SIZE), bool)
    bad[14] = True
    bad[:4, :4] = True
    return simulate(raster(4, 1.2), bad=bad)


@pytest.fixture
def truth() -> np.ndarray:
    """The true object, (ROWS, COLS) complex128."""
    return smooth_object()


@pytest.fixture
def oracle(truth):
    """A generator that knows the answer: cuts the true patches at the nearest whole pixel."""

    def make_patches(batch):
        corners, _ = split_positions(batch.positions_px, (SIZE, SIZE))
        return np.stack([truth[r : r + SIZE, c : c + SIZE] for r, c in corners]).astype(np.complex64)

    return make_patches
