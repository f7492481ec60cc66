"""Random objects to simulate scans of: dead leaves, grains, smooth fields, cuttings of photographs.

All are (rows, cols) complex64 of root mean square amplitude 1, and the same for the same seed. Each is made
of grey pictures of values 0..1 (`Looks` says what a grey means).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import KDTree
from scipy.special import ndtr

from ptygui.core.objects import compose

EDGE_PX = 0.7
"""Gaussian sigma of the edges; keeps objects band-limited."""
PHOTOGRAPHS = ("brick", "chelsea", "coffee", "grass", "gravel", "moon")
"""Pictures of skimage.data that are part of its package: nothing is downloaded."""

Grey = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """What a grey picture means: amplitude 1 - (1 - lowest) g, phase range * (g' - 1/2)."""

    lowest_amplitude: float = 0.5
    """Of the darkest material by that of the free surroundings; 1: a pure phase object."""
    phase_range_rad: float = 1.5
    one_material: bool = False
    """True: g' = g, so that amplitude and phase show one thickness. False: the two are independent."""


def dead_leaves(
    shape: tuple[int, int],
    *,
    seed: int,
    radii_px: tuple[float, float] = (3.0, 40.0),
    looks: Looks | None = None,
) -> NDArray[np.complex64]:
    """Return overlapping disks that hide one another, with edges at all scales as in natural images.

    Radii follow the density r^-3 between the limits, which makes the picture nearly scale invariant (Lee,
    Mumford and Huang, "Occlusion models for natural images", Int. J. Comput. Vision 41, 35 (2001)). Leaves
    are laid from the top downwards until none of the ground is seen, so the picture is exactly stationary.

    Parameters
    ----------
    shape : (rows, cols)
    seed : int
    radii_px : (least, greatest)
    looks : Looks or None
        None: the defaults.
    """
    rng = np.random.default_rng(seed)
    labels = _leaf_labels(shape, radii_px, rng)
    return _coloured(labels, int(labels.max()) + 1, rng, looks or Looks())


def grains(
    shape: tuple[int, int], *, seed: int, grain_px: float = 14.0, looks: Looks | None = None
) -> NDArray[np.complex64]:
    """Return a polycrystal: the Voronoi cells of random points, each of one amplitude and one phase.

    Parameters
    ----------
    shape : (rows, cols)
    seed : int
    grain_px : float
        Square root of a grain's mean area.
    looks : Looks or None
        None: the defaults.
    """
    rng = np.random.default_rng(seed)
    margin = 2 * grain_px  # so that grains at the rim are like the others
    low, high = np.array([-margin, -margin]), np.array(shape) + margin
    count = max(2, round(float(np.prod(high - low)) / grain_px**2))
    pixels = np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 2)
    _, nearest = KDTree(rng.uniform(low, high, (count, 2))).query(pixels)
    return _coloured(np.asarray(nearest).reshape(shape), count, rng, looks or Looks())


def smooth_field(
    shape: tuple[int, int], *, seed: int, exponent: float = 3.0, looks: Looks | None = None
) -> NDArray[np.complex64]:
    """Return a Gaussian random field of power spectrum |frequency|^-exponent, brought to equally many greys.

    Parameters
    ----------
    shape : (rows, cols)
    seed : int
    exponent : float
        2 is as rough as a natural image, 4 is a landscape of soft hills.
    looks : Looks or None
        None: the defaults.
    """
    rng = np.random.default_rng(seed)
    return _dressed([_field(shape, exponent, rng) for _ in range(2)], looks or Looks())


def photograph(
    shape: tuple[int, int], *, seed: int, names: Sequence[str] = PHOTOGRAPHS, looks: Looks | None = None
) -> NDArray[np.complex64]:
    """Return random cuttings of two photographs, turned and mirrored, in random magnification.

    Parameters
    ----------
    shape : (rows, cols)
    seed : int
    names : sequence of str
        Photographs to choose from, as functions of skimage.data are called.
    looks : Looks or None
        None: the defaults.
    """
    rng = np.random.default_rng(seed)
    return _dressed([_cutting(str(rng.choice(names)), shape, rng) for _ in range(2)], looks or Looks())


def _leaf_labels(
    shape: tuple[int, int], radii_px: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return for every pixel the number of the topmost leaf that covers it."""
    labels = np.full(shape, -1, np.intp)
    low, high = radii_px
    number = 0
    while (labels < 0).any():
        radius = (low**-2 - rng.uniform() * (low**-2 - high**-2)) ** -0.5  # inverse of the distribution
        row, col = rng.uniform(-high, np.array(shape) + high)
        box = tuple(slice(max(0, int(c - radius)), max(0, int(c + radius) + 2)) for c in (row, col))
        rows, cols = np.ogrid[: shape[0], : shape[1]]
        leaf = np.hypot(rows[box[0]] - row, cols[:, box[1]] - col) <= radius
        seen = labels[box]
        seen[leaf & (seen < 0)] = number
        number += 1
    return labels


def _coloured(
    labels: NDArray[np.intp], count: int, rng: np.random.Generator, looks: Looks
) -> NDArray[np.complex64]:
    """Give every label a grey for its amplitude and one for its phase."""
    return _dressed([rng.uniform(size=count)[labels] for _ in range(2)], looks)


def _dressed(greys: list[Grey], looks: Looks) -> NDArray[np.complex64]:
    dark, shift = (gaussian_filter(grey, EDGE_PX) for grey in greys)
    if looks.one_material:
        shift = dark
    return compose(1 - (1 - looks.lowest_amplitude) * dark, looks.phase_range_rad * (shift - 0.5))


def _field(shape: tuple[int, int], exponent: float, rng: np.random.Generator) -> Grey:
    frequency = np.hypot(scipy.fft.fftfreq(shape[0])[:, None], scipy.fft.fftfreq(shape[1])[None, :])
    frequency[0, 0] = np.inf  # no mean
    spectrum = scipy.fft.fft2(rng.standard_normal(shape)) * frequency ** (-exponent / 2)
    field = scipy.fft.ifft2(spectrum).real
    return np.asarray(ndtr(field / field.std()), np.float64)


def _cutting(name: str, shape: tuple[int, int], rng: np.random.Generator) -> Grey:
    from skimage import color, data, transform  # slow to import, and seldom needed

    image = getattr(data, name)()
    grey = (color.rgb2gray(image) if image.ndim == 3 else image / 255.0).astype(np.float64)
    grey = np.rot90(grey, int(rng.integers(4)))[:: rng.choice((-1, 1))]
    magnification = rng.uniform(0.75, 1.5)
    size = [min(have, round(want / magnification)) for have, want in zip(grey.shape, shape, strict=True)]
    row, col = (int(rng.integers(have - take + 1)) for have, take in zip(grey.shape, size, strict=True))
    cut: Grey = transform.resize(grey[row : row + size[0], col : col + size[1]], shape, anti_aliasing=True)
    return np.asarray((cut - cut.min()) / max(float(np.ptp(cut)), 1e-6), np.float64)
