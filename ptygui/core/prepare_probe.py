"""Steps that give the scan another probe: from optics, from the mean pattern, from a file."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ptygui.core.describe import mean_photons
from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.fourier import far_field, near_field
from ptygui.core.geometry import wavelength_m
from ptygui.core.preparation import DiskProbe, FileProbe, MeanPatternProbe, ZonePlateProbe
from ptygui.core.prepare_base import (
    Done,
    StoredProbe,
    Tools,
    bad_pixels,
    moments,
    pixel_size,
    size_text,
)
from ptygui.core.preprocess import fill_bad_pixels
from ptygui.core.probe import ProbeError, effective_diameter_px, scale_to_photons
from ptygui.core.probe_guess import disk_probe, zone_plate_probe
from ptygui.core.probe_sampling import resampled_probe
from ptygui.core.scan import Scan

SAME_PIXEL = 1e-3
"""Pixels that differ by less, relatively, are the same."""


def disk(step: DiskProbe, scan: Scan, _tools: Tools) -> Done:
    """Light a round hole evenly, and let the wave travel."""
    diameter = step.diameter, step.diameter
    if scan.positions.unit == "m":
        pixel = pixel_size(scan, "this probe")
        diameter = step.diameter / pixel[0], step.diameter / pixel[1]
    try:
        probe = disk_probe(scan.pattern_shape, diameter)
    except ProbeError as error:
        raise ScanError(str(error)) from error
    return _with_probe(scan, travelled(probe, step.defocus_m, scan), "A disk")


def zone_plate(step: ZonePlateProbe, scan: Scan, _tools: Tools) -> Done:
    """Focus with a zone plate."""
    if step.stop_m >= step.diameter_m:
        raise ScanError("The central stop covers the whole zone plate: make it smaller.")
    try:
        probe = zone_plate_probe(
            scan.pattern_shape,
            wavelength_m=wavelength(scan),
            pixel_size_m=pixel_size(scan, "this probe"),
            outer_zone_m=step.outer_zone_m,
            defocus_m=step.defocus_m,
            stop_fraction=step.stop_m / step.diameter_m,
        )
    except ProbeError as error:
        raise ScanError(str(error)) from error
    return _with_probe(scan, probe, "The beam of a zone plate")


def mean_pattern(step: MeanPatternProbe, scan: Scan, tools: Tools) -> Done:
    """Take the root of the mean pattern for the far field of the probe, with a flat phase."""
    seen, bad = moments(scan, tools.report), bad_pixels(scan)
    mean = np.maximum(seen.mean, 0)[None].astype(np.float32)
    if bad.any():
        mean = fill_bad_pixels(mean, bad)
    probe = near_field(np.sqrt(mean).astype(np.complex64)).astype(np.complex64)
    return _with_probe(scan, travelled(probe, step.defocus_m, scan), "A probe of the mean pattern")


def from_file(step: FileProbe, scan: Scan, tools: Tools) -> Done:
    """Take the probe of another file, on this scan's pixels."""
    found = tools.load.probe(step.path, step.key)
    ratio = _pixel_ratio(found, scan, step.path)
    what = f"The probe of {step.path}"
    if found.values.shape[1:] == scan.pattern_shape and max(abs(one - 1) for one in ratio) < SAME_PIXEL:
        return _with_probe(scan, found.values, what)
    probe = resampled_probe(found.values, scan.pattern_shape, ratio)
    return _with_probe(scan, probe, f"{what}, brought to {size_text(scan.pattern_shape)},")


def _pixel_ratio(found: StoredProbe, scan: Scan, path: str) -> tuple[float, float]:
    """Return the scan's pixel by that of a probe (y, x); pixels that are as many are the same if unknown."""
    pixel, theirs = scan.metadata.pixel_size_m, found.pixel_size_m
    if theirs is not None and pixel is not None:
        return pixel[0] / theirs[0], pixel[1] / theirs[1]
    size, shape = found.values.shape[1:], scan.pattern_shape
    if size == shape:
        return 1.0, 1.0
    text = f"The probe of {path} has {size_text(size)}, the patterns {size_text(shape)}"
    if theirs is None:
        raise ScanError(f"{text}, and the file does not tell its pixel size: choose a probe of that size.")
    raise IncompleteScanError(f"{text}: the object pixel must be told to fit it.", ("pixel_size_m",))


def travelled(probe: NDArray[np.complex64], distance_m: float, scan: Scan) -> NDArray[np.complex64]:
    """Let a wave (modes, H, W) travel downstream, by Fresnel's transfer function exp(-i pi lambda z |nu|^2).

    Raises
    ------
    IncompleteScanError
        If energy or object pixel are unknown.
    ScanError
        If the window is too small for so long a way: the wave would leave it.
    """
    if distance_m == 0:
        return probe
    pixel = pixel_size(scan, "this probe")
    reach = math.pi * wavelength(scan) * distance_m
    steps = [1 / (length * size) for length, size in zip(probe.shape[1:], pixel, strict=True)]
    # Neighbouring frequencies at the rim must not differ by more than half a turn.
    turn = max(abs(reach) * step / size for step, size in zip(steps, pixel, strict=True))
    if turn > math.pi:
        raise ScanError(
            f"A defocus of {distance_m * 1e6:.4g} µm spreads the wave beyond its window: make it "
            f"{distance_m * 1e6 * math.pi / turn:.4g} µm or less."
        )
    rows, cols = ((np.arange(n) - n // 2) * step for n, step in zip(probe.shape[1:], steps, strict=True))
    transfer = np.exp(-1j * reach * (rows[:, None] ** 2 + cols[None, :] ** 2))
    return np.asarray(near_field(far_field(probe) * transfer), np.complex64)


def wavelength(scan: Scan) -> float:
    """Return the wavelength in metres; raises IncompleteScanError if the energy is unknown."""
    if scan.metadata.energy_ev is None:
        raise IncompleteScanError("The photon energy must be told for this probe.", ("energy_ev",))
    return wavelength_m(scan.metadata.energy_ev)


def _with_probe(scan: Scan, probe: NDArray[np.complex64], what: str) -> Done:
    """Return the scan with this probe, as bright as its patterns."""
    try:
        bright = scale_to_photons(probe, mean_photons(scan))
    except ProbeError as error:
        raise ScanError(str(error)) from error
    diameter = effective_diameter_px(bright)
    instead = "instead of the scan's" if scan.probe is not None else "as the scan's"
    return Done(
        replace(scan, probe=bright), f"{what} is the probe {instead}, {diameter:.3g} object pixels wide."
    )
