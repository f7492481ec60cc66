"""Simulated scans, made in float64 by numpy and scipy alone: independent of the physics that they test.

A pattern is |fftshift(fft2(ifftshift(P O), norm="ortho"))|². Sub-pixel parts of a position move the probe,
not the object: a shifted exit wave has the same far-field intensity, and the object is never interpolated.
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import fourier_shift

from ptygui.core.fourier import detector_intensity
from ptygui.core.objects import grid_lines
from ptygui.core.probe import scale_to_photons
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.scan import ArrayPatterns, ObjectImage, ProbePositions, Scan, ScanMetadata
from ptygui.core.scan_paths import raster_path


def simulate_scan(
    object_values: NDArray[np.complex64],
    probe: NDArray[np.complex64],
    positions_px: NDArray[np.float64],
    photons_per_pattern: float,
    *,
    seed: int = 0,
    noise: bool = True,
    name: str = "simulated",
    pixel_size_m: tuple[float, float] | None = None,
) -> Scan:
    """Simulate a scan.

    Parameters
    ----------
    object_values : (rows, cols) complex64
    probe : (modes, H, W) complex64, any scale; it should fade towards the rim of its window
    positions_px : (n, 2) float64 (y, x) patch centres in pixels of the object array
    photons_per_pattern : float
        Mean over the patterns of the expected total count; scales the probe that the scan carries.
    seed : int
    noise : bool
        True: Poisson counts. False: the expected counts.
    name : str
    pixel_size_m : (y, x) or None
        If given, the positions are stored in metres.

    Returns
    -------
    Scan
        With the scaled probe and the true object.

    Raises
    ------
    ValueError
        If a window leaves the object.
    """
    expected = expected_intensities(object_values, probe, positions_px)
    factor = photons_per_pattern / float(expected.sum(axis=(1, 2)).mean())
    expected *= factor
    counts = np.random.default_rng(seed).poisson(expected) if noise else expected
    return Scan(
        patterns=ArrayPatterns(counts.astype(np.float32)),
        positions=_stored_positions(positions_px, pixel_size_m),
        metadata=ScanMetadata(
            name=name, format="simulation", pixel_size_m=pixel_size_m, extra={"simulated": True}
        ),
        probe=(probe * np.sqrt(factor)).astype(np.complex64),
        reference_object=ObjectImage(
            object_values.astype(np.complex64),
            np.ones(object_values.shape, np.bool_),
            (0.0, 0.0),
            pixel_size_m,
        ),
    )


def expected_intensities(
    object_values: NDArray[np.complex64], probe: NDArray[np.complex64], positions_px: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the patterns without noise, (n, H, W) float64, zero frequency in the centre.

    Parameters
    ----------
    object_values : (rows, cols) complex64
    probe : (modes, H, W) complex64; modes add incoherently
    positions_px : (n, 2) float64 (y, x)
    """
    spectra = scipy.fft.fft2(probe.astype(np.complex128))
    patterns = np.empty((len(positions_px), *probe.shape[1:]))
    for pattern, position in zip(patterns, positions_px, strict=True):
        nearest = np.rint(position).astype(int)
        patch = _cut(object_values, nearest, probe.shape[1:])
        pattern[:] = detector_intensity(patch * _shifted(spectra, position - nearest))
    return patterns


def lines_scan(
    size: int = 64,
    *,
    object_px: int = 392,
    step_px: float = 18.0,
    jitter_px: float = 2.0,
    photons_per_pattern: float = 1e9,
    with_phase: bool = True,
    seed: int = 0,
) -> Scan:
    """Simulate the grid-lines benchmark: lines64 for `size` 64, lines128 for 128.

    Parameters
    ----------
    size : int
        H = W of the patterns.
    object_px : int
        Rows = columns of the object.
    step_px, jitter_px : float
        Raster step, and how far positions are off the raster.
    photons_per_pattern : float
    with_phase : bool
    seed : int
        Of the object, the jitter and the noise; another seed is another object under the same probe.
    """
    positions = raster_path((object_px, object_px), (size, size), step_px, jitter_px=jitter_px, seed=seed)
    return simulate_scan(
        grid_lines((object_px, object_px), seed=seed, with_phase=with_phase),
        lines_probe(size),
        positions,
        photons_per_pattern,
        seed=seed,
        name=f"lines{size} seed {seed}",
    )


def lines_probe(size: int = 64) -> NDArray[np.complex64]:
    """Return the probe of `lines_scan`: a defocused zone plate, 0.55 of the window wide, (1, N, N)."""
    outer_zone_px, diameter_px = 2.0, 0.55 * size
    defocus_rad = np.pi * diameter_px / (4 * outer_zone_px)
    return scale_to_photons(zone_plate_probe_px((size, size), outer_zone_px, defocus_rad), 1.0)


def _cut(
    object_values: NDArray[np.complex64], centre: NDArray[np.int_], shape: tuple[int, ...]
) -> NDArray[np.complex128]:
    row, col = centre[0] - shape[0] // 2, centre[1] - shape[1] // 2
    patch = object_values[max(row, 0) : row + shape[0], max(col, 0) : col + shape[1]]
    if patch.shape != shape:
        raise ValueError(f"The window at (y, x) = {tuple(centre)} leaves the object.")
    return patch.astype(np.complex128)


def _shifted(spectra: NDArray[np.complex128], fraction: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return the modes (modes, H, W) moved by `fraction` pixels (y, x), from their spectra."""
    moved: NDArray[np.complex128] = scipy.fft.ifft2(
        np.stack([fourier_shift(spectrum, fraction) for spectrum in spectra])
    )
    return moved


def _stored_positions(
    positions_px: NDArray[np.float64], pixel_size_m: tuple[float, float] | None
) -> ProbePositions:
    if pixel_size_m is None:
        return ProbePositions(positions_px, "px")
    return ProbePositions(positions_px * np.asarray(pixel_size_m), "m")
