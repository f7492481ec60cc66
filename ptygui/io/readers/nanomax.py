"""NanoMAX of MAX IV, files of its present control system (Contrast).

Layout: ptypy, nanomax.py; Ptychodus, max_iv_nanomax_*.py. Frames `/entry/measurement/<detector>/frames`,
mostly links; motors `/entry/measurement/pseudo/{x,y}` in micrometres, the sample's: ptypy, which the beamline
uses, turns their sign, Ptychodus does not; `/entry/snapshot/energy` in eV. There is no distance.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Guess
from ptygui.io import hdf5, quantities
from ptygui.io.hdf5_frames import open_linked_frames
from ptygui.io.hdf5_values import real
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

MEASUREMENT = "entry/measurement"
_PIXEL_M = {"eiger": 75e-6, "merlin": 55e-6, "pilatus": 172e-6}
_MOTORS = ("pseudo", "npoint_buff")
SAMPLE_MOTION = 3
_NOTE = "The signs of the positions were turned as ptypy does, because they are the sample's."


@register_reader
class NanomaxReader:
    """Scans of NanoMAX."""

    name: ClassVar[str] = "MAX IV NanoMAX"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell by the frames of a detector below the measurement."""
        try:
            with hdf5.open_hdf5(path) as file:
                return _detector(file) is not None
        except (ScanError, KeyError, RuntimeError):
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked."""
        with hdf5.open_hdf5(path) as file:
            detector = _detector(file)
            if detector is None:
                raise ScanError(f"{path.name} has no frames of a detector below {MEASUREMENT}.")
            found = open_linked_frames(file, [f"{MEASUREMENT}/{detector}/frames"])
            positions, energy = _positions(file), quantities.energy_ev(file, "entry/snapshot/energy", "eV")
            turned = () if positions is None else (_NOTE,)
            pixel, assumed = _pixel(detector)
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=found.frames,
                positions=positions,
                stated=Reading(
                    quantity="intensity",
                    positions_orientation=None if positions is None else SAMPLE_MOTION,
                    position_unit=None if positions is None else "um",
                    energy_ev=energy.value,
                    detector_pixel_m=pixel,
                ),
                guesses=assumed,
                notes=(*found.notes, *turned, *((energy.note,) if energy.note else ())),
            )


def _detector(file: h5py.File) -> str | None:
    """Return the name of the detector with frames; one that is known before others."""
    group = file.get(MEASUREMENT) if hdf5.linked(file, MEASUREMENT) else None
    if not isinstance(group, h5py.Group):
        return None
    names = [name for name in group if hdf5.linked(file, f"{MEASUREMENT}/{name}/frames")]
    return min(names, key=lambda name: (not name.startswith(tuple(_PIXEL_M)), name), default=None)


def _pixel(detector: str) -> tuple[tuple[float, float] | None, tuple[Guess, ...]]:
    """Return the pixel (y, x) that detectors of this name have, which no file tells."""
    size = next((size for name, size in _PIXEL_M.items() if detector.startswith(name)), None)
    if size is None:
        return None, ()
    why = f"The file does not say it; detectors like '{detector}' have such pixels."
    return (size, size), (Guess("detector pixel", f"{size * 1e6:g} µm", why, "detector_pixel_m"),)


def _positions(file: h5py.File) -> NDArray[np.float64] | None:
    """Return (y, x) in micrometres, (n, 2), line after line, if the motors were recorded."""
    for motor in _MOTORS:
        keys = [f"{MEASUREMENT}/{motor}/{axis}" for axis in "yx"]
        if all(hdf5.linked(file, key) for key in keys):
            rows, cols = (real(file, key).reshape(-1).astype(np.float64) for key in keys)
            if len(rows) != len(cols):
                raise ScanError(
                    f"{hdf5.label(file, keys[0])} has {len(rows)} values but {keys[1]} {len(cols)}: copy the "
                    "file again."
                )
            return np.stack([rows, cols], axis=1)
    return None
