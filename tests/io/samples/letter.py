"""A small scan of an F under a probe without any symmetry: what samples in files' own forms are made from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SIZE = 16
ENERGY_EV = 12398.41984332
"""Of a wavelength of 1 angstrom."""
WAVELENGTH_M = 1e-10
PIXEL_M = 20e-9
DETECTOR_PIXEL_M = 75e-6
DISTANCE_M = PIXEL_M * SIZE * DETECTOR_PIXEL_M / WAVELENGTH_M


class Letter(NamedTuple):
    """In canonical form; `corners` are the places of [0, 0] of the patches, (n, 2) (row, col)."""

    image: np.ndarray
    probe: np.ndarray
    corners: np.ndarray
    intensities: np.ndarray

    @property
    def centres(self) -> np.ndarray:
        """(n, 2) (y, x) in pixels."""
        return self.corners + SIZE // 2


def letter() -> Letter:
    """Return an F of 40 x 44 pixels seen at 7 places."""
    image = np.ones((40, 44), complex)
    image[6:34, 10:15] = image[6:11, 10:32] = image[18:22, 10:26] = 0.6 * np.exp(1.2j)
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    probe = np.exp(-(y**2 + (x - 1) ** 2) / 12 + 0.1j * y * x) + 0.6 * np.exp(-((y + 3) ** 2 + x**2) / 3)
    corners = np.array([[2, 3], [2, 12], [3, 25], [11, 4], [13, 17], [22, 5], [20, 22]])
    return Letter(image, probe, corners, np.stack([pattern(image, probe, corner) for corner in corners]))


def pattern(image: np.ndarray, probe: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """Return the intensity behind one patch, zero frequency in the centre."""
    row, col = corner
    exit_wave = probe * image[row : row + SIZE, col : col + SIZE]
    return 50 * np.abs(np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(exit_wave)))) ** 2


def matlab_73(folder, name, **arrays):  # type: ignore[no-untyped-def]
    """Write arrays, given with MATLAB's axes, as MATLAB 7.3 does: in HDF5 behind 512 bytes, axes reversed."""
    import h5py

    path = folder / name
    with h5py.File(path, "w", userblock_size=512) as file:
        for key, value in arrays.items():
            write_73(file, key, value)
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    path.write_bytes(header.ljust(512, b"\0") + path.read_bytes()[512:])
    return path


def write_73(group, key, value):  # type: ignore[no-untyped-def]
    """Write a number, array or dictionary as MATLAB does."""
    if isinstance(value, dict):
        inner = group.create_group(key)
        inner.attrs["MATLAB_class"] = np.bytes_("struct")
        for name, field in value.items():
            write_73(inner, name, field)
        return
    values = np.atleast_2d(np.asarray(value)).T
    if values.dtype.kind == "c":
        parts = np.empty(values.shape, [("real", "f8"), ("imag", "f8")])
        parts["real"], parts["imag"] = values.real, values.imag
        values = parts
    names = {"f4": "single", "f8": "double", "b1": "logical"}
    group[key] = values
    kind = "double" if values.dtype.names else names.get(values.dtype.str[1:], values.dtype.name)
    group[key].attrs["MATLAB_class"] = np.bytes_(kind)
