"""APS 12-ID-E Ptycho-SAXS, scans that the beamline processed (aps12id_processed_file.py of Ptychodus).

One file for each line of the scan, `<sample>_<scan>_<line>.h5`: `dp` (n, H, W) counts of a Pilatus and
`positions` (n, >= 3), whose column 1 is y and column 2 the negative of x, in nanometres. A file
`<sample>_<scan>_master.h5` beside them has the centre of the beam as the attribute `beam_center_YX`. The
pixel of the Pilatus is 172 um; neither energy nor distance is stored.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.hdf5_values import real
from ptygui.io.mapped_frames import MappedStack, join_stacks, open_mapped_stack
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

FRAMES, POSITIONS, CENTRE = "dp", "positions", "beam_center_YX"
MASTER = "_master"
PIXEL_M = 172e-6
X_AGAINST = 1
"""(y, x) = (column 1, -column 2)."""
_LINE = re.compile(r"(?P<scan>.+)_(?P<line>\d{1,9})")


@register_reader
class Aps12IdReader:
    """Scans of 12-ID-E's Ptycho-SAXS, opened by the master or by any of their lines."""

    name: ClassVar[str] = "APS 12-ID Ptycho-SAXS (processed)"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell a line by its name, patterns and positions, a master by its name and the beam's centre."""
        try:
            with hdf5.open_hdf5(path) as file:
                if path.stem.endswith(MASTER):
                    return CENTRE in file.attrs
                frames, places = _shape(file, FRAMES), _shape(file, POSITIONS)
        except (ScanError, OSError, RuntimeError, KeyError, ValueError):
            return False
        is_line = len(frames) == 3 and len(places) == 2 and places[-1] >= 3
        return is_line and _LINE.fullmatch(path.stem) is not None

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read all lines there are; nothing is unpacked."""
        scan = _scan(path)
        lines = _lines(path, scan)
        stacks, places = zip(*(_line(line) for line in lines.values()), strict=True)
        frames = join_stacks(list(stacks), scan)
        master = path.with_name(f"{scan}{MASTER}{path.suffix}")
        centre = _centre(master, frames.shape[1:])
        return RawScan(
            name=scan,
            path=str(path),
            format=self.name,
            frames=frames,
            positions=np.concatenate(places),
            stated=Reading(
                quantity="intensity",
                zero_frequency=None if centre is None else "detector",
                centre_px=centre,
                positions_orientation=X_AGAINST,
                position_unit="nm",
                detector_pixel_m=(PIXEL_M, PIXEL_M),
            ),
            notes=_missing(scan, list(lines)),
            companions=(*map(str, lines.values()), str(master)),
        )


def _shape(file: h5py.File, key: str) -> tuple[int, ...]:
    return getattr(file.get(key), "shape", None) or ()


def _scan(path: Path) -> str:
    """Return the part of the name that all files of a scan share."""
    line = _LINE.fullmatch(path.stem)
    return path.stem.removesuffix(MASTER) if line is None else line["scan"]


def _lines(path: Path, scan: str) -> dict[int, Path]:
    """Return the files of the lines by their numbers, in order."""
    found = {
        int(named["line"]): other
        for other in path.parent.glob(f"*{path.suffix}")
        if (named := _LINE.fullmatch(other.stem)) and named["scan"] == scan
    }
    if not found:
        raise ScanError(
            f"{path.name} has none of its lines, {scan}_<line>{path.suffix}, beside it: copy them there."
        )
    return dict(sorted(found.items()))


def _line(path: Path) -> tuple[MappedStack, NDArray[np.float64]]:
    """Open the patterns of a line and read its positions (n, 2) (y, -x)."""
    with hdf5.open_hdf5(path) as file:
        frames = open_mapped_stack(file, FRAMES, (), frames_last=False)
        places = real(file, POSITIONS)
        n = frames.shape[0]
        if places.ndim != 2 or places.shape[1] < 3 or len(places) != n:
            raise ScanError(
                f"{hdf5.label(file, POSITIONS)} must hold three columns or more for each of {n} patterns, "
                f"not the shape {places.shape}: process the line again."
            )
    return frames, places[:, 1:3].astype(np.float64)


def _centre(master: Path, shape: tuple[int, int]) -> tuple[int, int] | None:
    """Return (row, col) of the beam, if the master tells it and it is in the frame."""
    if not master.is_file():
        return None
    with hdf5.open_hdf5(master) as file:
        told = _attribute(file)
    if told.size < 2 or told.dtype.kind not in "iuf" or not np.isfinite(told[:2]).all():
        return None
    row, col = (round(float(at)) for at in told[:2])
    return (row, col) if 0 <= row < shape[0] and 0 <= col < shape[1] else None


def _attribute(file: h5py.File) -> NDArray[np.generic]:
    try:
        return np.asarray(file.attrs[CENTRE]).reshape(-1)
    except (KeyError, OSError, RuntimeError, ValueError, TypeError):
        return np.zeros(0)


def _missing(scan: str, numbers: list[int]) -> tuple[str, ...]:
    count = numbers[-1] - numbers[0] + 1 - len(numbers)
    if count == 0:
        return ()
    return (f"{count:,} lines between the first and the last of {scan} are missing.",)
