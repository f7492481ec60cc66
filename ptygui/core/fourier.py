"""The far field in numpy: centred, orthonormal Fourier transforms; the torch twin is physics.propagate.

Zero frequency and the middle of the wave lie at [H//2, W//2]; power is kept, sum|near|² = sum|far|².
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Waves = NDArray[np.complexfloating[Any, Any]]
_PLANE = (-2, -1)


def far_field(near: Waves) -> Waves:
    """Propagate waves (..., H, W) to the detector; single precision stays single."""
    spectrum = scipy.fft.fft2(scipy.fft.ifftshift(near, axes=_PLANE), norm="ortho")
    return np.asarray(scipy.fft.fftshift(spectrum, axes=_PLANE))


def near_field(far: Waves) -> Waves:
    """Undo `far_field`."""
    wave = scipy.fft.ifft2(scipy.fft.ifftshift(far, axes=_PLANE), norm="ortho")
    return np.asarray(scipy.fft.fftshift(wave, axes=_PLANE))


def detector_intensity(modes: Waves) -> NDArray[np.float64]:
    """Return the intensity behind incoherent modes (modes, H, W), sum_m |F_m|², (H, W), in float64.

    Given a probe, it is the pattern of the flat object.
    """
    intensity: NDArray[np.float64] = np.sum(np.abs(far_field(modes.astype(np.complex128))) ** 2, axis=0)
    return intensity
