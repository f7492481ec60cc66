"""Objects to simulate scans of: grid lines, Siemens star, natural image; all (rows, cols) complex64.

Each has a root mean square amplitude of 1, so that a flat object of 1 explains the same photons.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

LINE_BLURS = ((1.0, 1.0), (2.0, 5.0), (5.0, 10.0))
"""(factor, sigma in pixels) of the blurs that are summed in `grid_lines`."""


def grid_lines(
    shape: tuple[int, int], *, seed: int, lines: int = 400, with_phase: bool = True
) -> NDArray[np.complex64]:
    """Return the "grid lines" object of the benchmark that this field's generators are compared on.

    Random straight lines of value 1 are drawn on twice the size; the amplitude a is the sum of their
    Gaussian blurs (sigma 1, 2 x sigma 5, 5 x sigma 10), cropped to the middle. The phase is
    pi * tanh((a - max(a)/2) / (3 * mean(a))). The amplitude is then divided by its root mean square (the
    phase does not depend on its scale).

    Parameters
    ----------
    shape : (rows, cols)
    seed : int
    lines : int
        How many lines fall on the area of twice the size.
    with_phase : bool
        False: a pure amplitude object.
    """
    rows, cols = shape
    drawn = _draw_lines((2 * rows, 2 * cols), lines, np.random.default_rng(seed))
    blurred = sum(factor * gaussian_filter(drawn, sigma) for factor, sigma in LINE_BLURS)
    amplitude = np.asarray(blurred)[rows // 2 : rows // 2 + rows, cols // 2 : cols // 2 + cols]
    phase = np.pi * np.tanh((amplitude - amplitude.max() / 2) / (3 * amplitude.mean()))
    return compose(amplitude, phase if with_phase else np.zeros_like(amplitude))


def siemens_star(
    shape: tuple[int, int],
    *,
    spokes: int = 36,
    transmission: float = 0.8,
    phase_rad: float = -0.6,
    blur_px: float = 0.7,
) -> NDArray[np.complex64]:
    """Return a star of dark, phase-shifting spokes with two ring gaps.

    Parameters
    ----------
    shape : (rows, cols)
    spokes : int
    transmission, phase_rad : float
        Amplitude and phase of a spoke against the free surroundings.
    blur_px : float
        Gaussian sigma of the edges; keeps the object band-limited.
    """
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    y, x = rows - (shape[0] - 1) / 2, cols - (shape[1] - 1) / 2
    radius = np.hypot(y, x) / (0.45 * min(shape))
    inside = (np.cos(spokes * np.arctan2(y, x)) > 0) & (radius < 1)
    for gap in (0.33, 0.66):
        inside &= np.abs(radius - gap) > 0.02
    material = gaussian_filter(inside.astype(np.float64), blur_px)
    return compose(1 - (1 - transmission) * material, phase_rad * material)


def natural_image(
    shape: tuple[int, int], *, lowest_amplitude: float = 0.4, phase_range_rad: float = 2.0
) -> NDArray[np.complex64]:
    """Return two photographs that scikit-image ships (no download): one as amplitude, one as phase.

    Parameters
    ----------
    shape : (rows, cols)
    lowest_amplitude : float
        Amplitude of black by that of white.
    phase_range_rad : float
        Phase from black to white.
    """
    from skimage import data  # slow to import, and seldom needed

    amplitude = _resized(data.camera(), shape)
    phase = _resized(data.coins(), shape)
    return compose(lowest_amplitude + (1 - lowest_amplitude) * amplitude, phase_range_rad * (phase - 0.5))


def _draw_lines(shape: tuple[int, int], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    from skimage.draw import line

    image = np.zeros(shape)
    for start_row, end_row, start_col, end_col in np.column_stack(
        [rng.integers(0, shape[0], (count, 2)), rng.integers(0, shape[1], (count, 2))]
    ):
        image[line(start_row, start_col, end_row, end_col)] = 1
    return image


def _resized(image: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.float64]:
    from skimage.transform import resize

    scaled: NDArray[np.float64] = resize(image / 255.0, shape, anti_aliasing=True)
    return scaled


def compose(amplitude: NDArray[np.float64], phase: NDArray[np.float64]) -> NDArray[np.complex64]:
    """Return amplitude * exp(i phase) with a root mean square amplitude of 1, (rows, cols) complex64."""
    rms = np.sqrt(np.mean(amplitude**2))
    return np.asarray(amplitude / rms * np.exp(1j * phase), np.complex64)
