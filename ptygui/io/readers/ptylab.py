"""PtyLab's .hdf5 (readHdf5.py, ExperimentalData.py and Reconstruction.py of PtyLab.py).

`ptychogram` (n, H, W) intensities, zero frequency in the centre; `encoder` (n, 2) (row, column) in metres:
encoder / pixel + No // 2 is the centre of a patch in an object of No pixels; PtyLab transposes an encoder
with fewer rows than columns. `wavelength`, `zo`, `dxd` (detector pixel) in metres. `orientation` 0 to 7
turns the frames: its codes are ptypy's, and ptygui's. `emptyBeam` is the beam without a sample.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.geometry import ORIENTATIONS, energy_ev
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.hdf5_values import positive, real, rows_of_two, scalar
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class PtyLabReader:
    """Scans saved for conventional ptychography with PtyLab."""

    name: ClassVar[str] = "PtyLab .hdf5"
    extensions: ClassVar[tuple[str, ...]] = (".hdf5", ".h5", ".mat")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has patterns and positions under PtyLab's names."""
        return hdf5.has(path, "ptychogram", "encoder")

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked, so nothing is reported."""
        with hdf5.open_hdf5(path) as file:
            _refuse_fourier_ptychography(file)
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=open_stack(file, "ptychogram"),
                positions=rows_of_two(file, "encoder").T,
                stated=_stated(file),
                extra=_extra(file),
            )


def _refuse_fourier_ptychography(file: h5py.File) -> None:
    if hdf5.linked(file, "zled"):
        raise ScanError(
            f"{hdf5.name(file)} is a scan of Fourier ptychography (it has zled), which ptygui does not read: "
            "choose a scan with a moving sample."
        )


def _stated(file: h5py.File) -> Reading:
    pixel_m = positive(file, "dxd")
    return Reading(
        quantity="intensity",
        zero_frequency="centre",
        frames_orientation=_orientation(file),
        positions_orientation=0,
        position_unit="m",
        energy_ev=_energy_ev(file),
        distance_m=positive(file, "zo"),
        detector_pixel_m=(pixel_m, pixel_m) if pixel_m else None,
    )


def _energy_ev(file: h5py.File) -> float | None:
    """Of several wavelengths the first is the one that PtyLab computes its pixels with."""
    if not hdf5.linked(file, "wavelength"):
        return None
    wavelengths_m: NDArray[Any] = real(file, "wavelength").reshape(-1)
    first = float(wavelengths_m[0]) if wavelengths_m.size else 0.0
    return energy_ev(first) if np.isfinite(first) and first > 0 else None


def _orientation(file: h5py.File) -> int:
    code = scalar(file, "orientation") or 0.0
    if code not in ORIENTATIONS:
        raise ScanError(f"{hdf5.label(file, 'orientation')} must be a code from 0 to 7, not {code:g}.")
    return int(code)


def _extra(file: h5py.File) -> dict[str, Any]:
    """Return the diameter of the beam where it enters, a good first guess of the probe."""
    diameter_m = positive(file, "entrancePupilDiameter")
    return {"probe_diameter_m": diameter_m} if diameter_m else {}
