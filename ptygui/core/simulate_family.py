"""A broad family of simulated scans: any object under any probe, at any overlap and in any light.

One seed draws everything, so a scan repeats from its seed. Some kinds of objects and probes are kept apart,
to measure a generator on what it never saw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import fourier_shift

from ptygui.core.aberrations import pupil_probe
from ptygui.core.objects import grid_lines, siemens_star
from ptygui.core.objects_random import Looks, dead_leaves, grains, photograph, smooth_field
from ptygui.core.probe import ProbeError, effective_diameter_px
from ptygui.core.probe_guess import disk_probe, zone_plate_probe_px
from ptygui.core.scan import Scan
from ptygui.core.scan_paths import raster_path
from ptygui.core.simulate import simulate_scan

RIM_POWER = 0.01
"""A probe fits its window if at most this share of its power lies in the outermost sixteenth."""
SEEN_PROBES = ("aperture", "zone plate", "aberrated")
UNSEEN_PROBES = ("stopped zone plate", "mirrors")
SEEN_OBJECTS = ("lines", "leaves", "grains", "field", "photograph")
UNSEEN_OBJECTS = ("star", "portrait")
PORTRAITS = ("astronaut", "camera", "clock", "coins")
"""Photographs of skimage.data that are not among objects_random.PHOTOGRAPHS."""

Object = NDArray[np.complex64]
Probe = NDArray[np.complex64]
Range = tuple[float, float]


@dataclass(frozen=True)
class Family:
    """From what scans are drawn."""

    pattern_px: int = 64
    side: int = 6
    """Patterns along each side of the raster."""
    objects: tuple[str, ...] = SEEN_OBJECTS
    probes: tuple[str, ...] = SEEN_PROBES
    photons: Range = (1e4, 1e8)
    """Mean count of a pattern, from an equal distribution of its logarithm."""
    overlap: Range = (0.4, 0.85)
    """Linear overlap of neighbouring probes."""


def family_scan(seed: int, family: Family | None = None) -> Scan:
    """Simulate a scan of a family.

    Parameters
    ----------
    seed : int
        Draws the kinds of object and probe, their shapes, step, photons and noise.
    family : Family or None
        None: the defaults.

    Returns
    -------
    Scan
        With the true probe and the true object; its name says what was drawn.
    """
    family = family or Family()
    rng = np.random.default_rng(seed)
    kind, lens = str(rng.choice(family.objects)), str(rng.choice(family.probes))
    overlap, photons = rng.uniform(*family.overlap), np.exp(rng.uniform(*np.log(family.photons)))
    probe = draw_probe(lens, family.pattern_px, rng)
    step = max(1.0, (1 - overlap) * effective_diameter_px(probe))
    size = int(np.ceil(family.pattern_px + (family.side - 1) * step)) + 1
    values = draw_object(kind, (size, size), rng)
    window = (family.pattern_px, family.pattern_px)
    positions = raster_path((size, size), window, step, jitter_px=0.15 * step, seed=seed)
    name = f"family {seed}: {kind}, {lens}, overlap {overlap:.0%}, {photons:.1e} photons"
    return simulate_scan(values, probe, positions, float(photons), seed=seed, name=name)


def draw_object(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Object:
    """Draw an object of a kind, (rows, cols) complex64; from weak to strong phase."""
    return _OBJECTS[kind](shape, int(rng.integers(2**31)), rng)


def draw_probe(kind: str, pattern_px: int, rng: np.random.Generator) -> Probe:
    """Draw a probe of a kind that fits its window, a little off its centre, (1, N, N) complex64.

    Raises
    ------
    ProbeError
        If none of 100 fits.
    """
    for _ in range(100):
        try:
            probe = _PROBES[kind](pattern_px, rng)
        except ProbeError:
            continue  # too wide: another one
        probe = _moved(probe, rng.uniform(-0.03, 0.03, 2) * pattern_px)
        if rim_power(probe) < RIM_POWER:
            return probe
    raise ProbeError(f"No probe of the kind '{kind}' fits into {pattern_px} x {pattern_px} pixels.")


def rim_power(probe: Probe) -> float:
    """Return the share of a probe's power that lies in the outermost sixteenth of its window, 0..1."""
    power = np.sum(np.abs(probe) ** 2, axis=0)
    height, width = (max(1, size // 16) for size in power.shape)
    return 1 - float(power[height:-height, width:-width].sum() / power.sum())


def _moved(probe: Probe, shift_px: NDArray[np.float64]) -> Probe:
    spectrum = scipy.fft.fft2(probe[0].astype(np.complex128))
    return np.asarray(scipy.fft.ifft2(fourier_shift(spectrum, shift_px)), np.complex64)[None]


def _looks(rng: np.random.Generator) -> Looks:
    return Looks(
        lowest_amplitude=rng.uniform(0.3, 1.0),
        phase_range_rad=_log_uniform(rng, 0.3, 5.0),
        one_material=bool(rng.integers(2)),
    )


def _lines(shape: tuple[int, int], seed: int, rng: np.random.Generator) -> Object:
    count = round(shape[0] * rng.uniform(0.3, 1.5))
    values = grid_lines(shape, seed=seed, lines=count)
    phase = np.angle(values) * _log_uniform(rng, 0.1, 1.0)
    return np.asarray(np.abs(values) * np.exp(1j * phase), np.complex64)


def _leaves(shape: tuple[int, int], seed: int, rng: np.random.Generator) -> Object:
    radii = (rng.uniform(2.0, 5.0), rng.uniform(15.0, 50.0))
    return dead_leaves(shape, seed=seed, radii_px=radii, looks=_looks(rng))


def _grains(shape: tuple[int, int], seed: int, rng: np.random.Generator) -> Object:
    return grains(shape, seed=seed, grain_px=rng.uniform(5.0, 25.0), looks=_looks(rng))


def _field(shape: tuple[int, int], seed: int, rng: np.random.Generator) -> Object:
    return smooth_field(shape, seed=seed, exponent=rng.uniform(2.0, 4.0), looks=_looks(rng))


def _photograph(shape: tuple[int, int], seed: int, rng: np.random.Generator) -> Object:
    return photograph(shape, seed=seed, looks=_looks(rng))


def _portrait(shape: tuple[int, int], seed: int, rng: np.random.Generator) -> Object:
    return photograph(shape, seed=seed, names=PORTRAITS, looks=_looks(rng))


def _star(shape: tuple[int, int], _seed: int, rng: np.random.Generator) -> Object:
    return siemens_star(
        shape,
        spokes=int(rng.integers(12, 37)),
        transmission=rng.uniform(0.5, 1.0),
        phase_rad=-_log_uniform(rng, 0.3, 2.5),
    )


def _aperture(size: int, rng: np.random.Generator) -> Probe:
    """Draw a pinhole just upstream: a disk with a curved wavefront."""
    disk = disk_probe((size, size), rng.uniform(0.25, 0.55) * size, edge_px=rng.uniform(1.0, 3.0))
    axis = (np.arange(size) - size // 2) / (size / 2)
    curved = np.exp(1j * rng.uniform(-12, 12) * (axis[:, None] ** 2 + axis[None, :] ** 2))
    return np.asarray(disk * curved, np.complex64)


def _zone_plate(size: int, rng: np.random.Generator, stop_fraction: float = 0.0) -> Probe:
    outer_zone = rng.uniform(1.5, 3.5)
    defocus = np.pi * rng.uniform(0.25, 0.6) * size / (4 * outer_zone) * rng.choice((-1, 1))
    return zone_plate_probe_px((size, size), outer_zone, defocus, stop_fraction)


def _stopped(size: int, rng: np.random.Generator) -> Probe:
    return _zone_plate(size, rng, rng.uniform(0.2, 0.45))


def _aberrated(size: int, rng: np.random.Generator, *, square: bool = False) -> Probe:
    """Draw a lens out of focus, with astigmatism, coma and spherical aberration (Noll's 5 to 8 and 11)."""
    outer_zone = rng.uniform(1.5, 3.5)
    rim_rad = np.pi * rng.uniform(0.25, 0.5) * size / (4 * outer_zone) * rng.choice((-1, 1))
    noll = {4: rim_rad / np.sqrt(12)} | {number: float(rng.normal(0, 0.5)) for number in (5, 6, 7, 8, 11)}
    return pupil_probe((size, size), outer_zone, noll, square=square)


def _mirrors(size: int, rng: np.random.Generator) -> Probe:
    return _aberrated(size, rng, square=True)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


_OBJECTS: dict[str, Callable[[tuple[int, int], int, np.random.Generator], Object]] = {
    "lines": _lines,
    "leaves": _leaves,
    "grains": _grains,
    "field": _field,
    "photograph": _photograph,
    "portrait": _portrait,
    "star": _star,
}
_PROBES: dict[str, Callable[[int, np.random.Generator], Probe]] = {
    "aperture": _aperture,
    "zone plate": _zone_plate,
    "aberrated": _aberrated,
    "stopped zone plate": _stopped,
    "mirrors": _mirrors,
}
