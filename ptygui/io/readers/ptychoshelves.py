"""Data prepared by PtychoShelves (prep_h5data.m, load_prepared_data.m and write_dataset.m of its packages).

MATLAB writes arrays with their axes reversed, and transposes each frame before, so that here frames are
(n, H, W) upright. `measurement/n<k>/data`: intensities of scan k, zero frequency in the corner;
`measurement/n<k>/positions` (n, 2): (row, column) in object pixels of the corner [0, 0] of each patch; the
attribute `object` tells which scans share an object. `detector/n<k>/modules` (modules, 4): (rows, columns,
first row, first column) of what was measured; `detector/n<k>/bad_pixels` (pixels, 2) (row, column), or, where
they differ between frames, `measurement/n<k>/bad_pixels`. Places of pixels are counted from 0, in the frame
as it is stored. No energy, distance or pixel size is stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import PatternSource
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.hdf5_values import real
from ptygui.io.joined import join
from ptygui.io.ptychoshelves_mask import bad_pixels
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class PtychoShelvesReader:
    """Scans that PtychoShelves prepared; of several, those that share the first one's object."""

    name: ClassVar[str] = "PtychoShelves prepared .h5"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has the patterns and positions of scan 0."""
        return hdf5.has(path, "measurement/n0/data", "measurement/n0/positions")

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; positions become patch centres (corner + H//2). Nothing is unpacked, so nothing is told."""
        with hdf5.open_hdf5(path) as file:
            scans, left_out = _scans(file)
            stacks: list[PatternSource] = [open_stack(file, f"measurement/{scan}/data") for scan in scans]
            _refuse_sizes(file, stacks)
            shape = stacks[0].shape[1:]
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=join(stacks),
                positions=_centres(file, scans, [stack.shape[0] for stack in stacks], shape),
                stated=Reading(
                    quantity="intensity",
                    zero_frequency="corner",
                    frames_orientation=0,
                    positions_orientation=0,
                    position_unit="px",
                ),
                bad_pixels=bad_pixels(file, scans, shape),
                notes=_notes(scans, left_out),
            )


def _scans(file: h5py.File) -> tuple[list[str], list[str]]:
    """Return the scans that share the object of scan 0, and the others."""
    with hdf5.reading(file, "measurement"):
        names = [key for key in file["measurement"] if key[:1] == "n" and key[1:].isdigit()]
        names.sort(key=lambda key: int(key[1:]))
        objects = [_object(file[f"measurement/{key}"]) for key in names]
    first = objects[names.index("n0")]
    together = [key for key, number in zip(names, objects, strict=True) if number == first]
    return together, [key for key in names if key not in together]


def _object(group: Any) -> float:
    """Return the number of the object that a scan shows; without one it is that of scan 0."""
    return hdf5.number(group, "object") or 0.0


def _refuse_sizes(file: h5py.File, stacks: list[PatternSource]) -> None:
    shapes = {stack.shape[1:] for stack in stacks}
    if len(shapes) > 1:
        raise ScanError(f"{hdf5.name(file)} has scans with frames of different sizes: prepare them apart.")


def _centres(
    file: h5py.File, scans: list[str], counts: list[int], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Return the centres (n, 2) of the patches, in pixels."""
    corners = [
        _corners(file, f"measurement/{scan}/positions", count)
        for scan, count in zip(scans, counts, strict=True)
    ]
    return np.asarray(np.concatenate(corners) + np.array(shape) // 2, np.float64)


def _corners(file: h5py.File, key: str, count: int) -> NDArray[np.float64]:
    values = real(file, key)
    if values.shape == (2, count) != (count, 2):  # written without MATLAB's reversal
        values = values.T
    if values.shape != (count, 2):
        raise ScanError(
            f"{hdf5.label(file, key)} must hold a row and a column for each of {count} patterns, not the "
            f"shape {values.shape}."
        )
    return np.asarray(values, np.float64)


def _notes(scans: list[str], left_out: list[str]) -> tuple[str, ...]:
    notes = ["The file tells no energy, distance or pixel size, so lengths are in object pixels."]
    if len(scans) > 1:
        notes.append(f"{len(scans)} scans of one object were joined: {', '.join(scans)}.")
    if left_out:
        notes.append(f"Scans of other objects were left out: {', '.join(left_out)}.")
    return tuple(notes)
