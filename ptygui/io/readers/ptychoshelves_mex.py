"""Data prepared by older versions of PtychoShelves for its C engine (load_prepared_data.m, 'mex').

`measurements/measurement_<i>/diff_pat` (H, W): one frame, upright, of normalised amplitudes (the square root
of counts divided by `max_power`, an attribute of `measurements`), zero frequency in the corner. Its
attributes: `position` (row, column) in object pixels of the corner [0, 0] of its patch, `detector` the
number of `detectors/detector_<k>`. `modules` there and `bad_pixels` beside a frame are as in newer files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.ptychoshelves_mask import listed, outside_modules
from ptygui.io.raw_stack import beyond_single
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

MEASUREMENT = "measurements/measurement_{}"


@register_reader
class PtychoShelvesMexReader:
    """Scans that an older PtychoShelves prepared."""

    name: ClassVar[str] = "PtychoShelves prepared .h5 (mex)"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has the first frame under its name."""
        return hdf5.has(path, f"{MEASUREMENT.format(0)}/diff_pat")

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; positions become patch centres (corner + H//2). Nothing is unpacked, so nothing is told."""
        with hdf5.open_hdf5(path) as file:
            frames = _open(file, path)
            shape = frames.shape[1:]
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=_corners(file, frames.shape[0]) + np.array(shape) // 2,
                stated=Reading(
                    quantity="amplitude",
                    zero_frequency="corner",
                    frames_orientation=0,
                    positions_orientation=0,
                    position_unit="px",
                ),
                bad_pixels=_bad_pixels(file, frames.shape[0], shape),
                notes=_NOTES,
            )


_NOTES = (
    "The file tells no energy, distance or pixel size, so lengths are in object pixels.",
    "Its amplitudes are normalised, so intensities are not counts.",
)


@dataclass(frozen=True)
class _FrameDatasets:
    """One dataset (H, W) for each frame; a PatternSource."""

    path: Path
    shape: tuple[int, int, int]

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read frames as they are, (b, H, W) float32; raises ScanError if one has gone or changed."""
        frames = np.empty((len(indices), *self.shape[1:]), np.float32)
        with hdf5.open_hdf5(self.path) as file, beyond_single():
            for place, index in enumerate(np.asarray(indices)):
                frames[place] = _frame(file, int(index), self.shape[1:])
        return frames


def _frame(file: h5py.File, index: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    key = f"{MEASUREMENT.format(index)}/diff_pat"
    values = hdf5.array(file, key)
    if values.shape != shape or values.dtype.kind == "c":
        raise ScanError(
            f"{hdf5.label(file, key)} must be a frame of real numbers {shape}, not {values.dtype} of shape "
            f"{values.shape}."
        )
    return np.asarray(values, np.float32)


def _open(file: h5py.File, path: Path) -> _FrameDatasets:
    """Count the frames; the first one tells their size."""
    with hdf5.reading(file, "measurements"):
        count = sum(key.startswith("measurement_") for key in file["measurements"])
    first = hdf5.array(file, f"{MEASUREMENT.format(0)}/diff_pat")
    if first.ndim != 2 or 0 in first.shape:
        raise ScanError(f"{path.name}: frames must be images (H, W), not of shape {first.shape}.")
    return _FrameDatasets(path, (count, *first.shape))


def _corners(file: h5py.File, count: int) -> NDArray[np.float64]:
    corners = np.empty((count, 2))
    for index in range(count):
        key = MEASUREMENT.format(index)
        with hdf5.reading(file, key):
            value = np.asarray(file[key].attrs["position"])
        if value.size != 2 or value.dtype.kind not in "iuf":
            raise ScanError(f"{hdf5.label(file, key)} must have an attribute position of two numbers.")
        corners[index] = value.reshape(-1)
    return corners


def _bad_pixels(file: h5py.File, count: int, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Return the pixels that are bad in any frame."""
    bad = np.zeros(shape, np.bool_)
    detectors = set()
    for index in range(count):
        key = MEASUREMENT.format(index)
        bad |= listed(file, (f"{key}/bad_pixels",), shape)
        with hdf5.reading(file, key):
            detectors.add(int(hdf5.number(file[key], "detector") or 0))
    for detector in sorted(detectors):
        bad |= outside_modules(file, f"detectors/detector_{detector}/modules", shape)
    return bad if bad.any() else None
