"""cSAXS of the SLS: an Eiger's HDF5 with the orchestra's positions inside, or in a file of their own.

Layout: Ptychodus, csaxs_diffraction_file.py, and PtychoShelves' loaders: frames `/entry/data/data`;
`/entry/instrument/monochromator/{distance mm, energy keV}`; `/entry/instrument/eiger_4/{x,y}_pixel_size` in
micrometres; `/entry/collection/orchestra` with a dataset for each column of the .dat files.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5, quantities
from ptygui.io.hdf5_frames import LinkedFrames, numbered_keys, open_frames, open_linked_frames
from ptygui.io.hdf5_values import column
from ptygui.io.positions import orchestra
from ptygui.io.positions.apart import with_positions_beside
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

DATA, DETECTOR = "entry/data/data", "entry/instrument/eiger_4"
ORCHESTRA, MONOCHROMATOR = "entry/collection/orchestra", "entry/instrument/monochromator"


@register_reader
class CsaxsReader:
    """Scans of cSAXS, with their positions if those are where the beamline puts them."""

    name: ClassVar[str] = "SLS cSAXS"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5", ".nxs")

    def sniff(self, path: Path) -> bool:
        """Tell by frames beside cSAXS' detector or orchestra."""
        return hdf5.has(path, "entry/data") and any(hdf5.has(path, key) for key in (DETECTOR, ORCHESTRA))

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked."""
        with hdf5.open_hdf5(path) as file:
            links = numbered_keys(file, "entry/data", "data_")
            found = open_linked_frames(file, links) if links else LinkedFrames(open_frames(file, DATA))
            stated, notes = _reading(file)
            raw = RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=found.frames,
                positions=None,
                stated=stated,
                notes=(*found.notes, *notes),
            )
            positions = _positions(file)
        if positions is not None:
            stated = Reading(position_unit="um", positions_orientation=orchestra.SAMPLE_MOTION)
            return replace(raw, positions=positions, stated=stated.over(raw.stated))
        return with_positions_beside(raw, orchestra.find_beside(path))


def _reading(file: h5py.File) -> tuple[Reading, list[str]]:
    """Return what is told, and what had to be assumed of its units."""
    height, width = (quantities.pixel_m(file, f"{DETECTOR}/{axis}_pixel_size", "um") for axis in "yx")
    energy = quantities.energy_ev(file, f"{MONOCHROMATOR}/energy", "keV")
    distance = quantities.length_m(file, f"{MONOCHROMATOR}/distance", "mm")
    reading = Reading(
        quantity="intensity",
        energy_ev=energy.value,
        distance_m=distance.value,
        detector_pixel_m=(height.value, width.value) if height.value and width.value else None,
    )
    return reading, [found.note for found in (energy, distance, height, width) if found.note]


def _positions(file: h5py.File) -> NDArray[np.float64] | None:
    """Return (y, x) of the sample in micrometres, (n, 2), if the file has them."""
    columns = []
    for names in (orchestra.Y_NAMES, orchestra.X_NAMES):
        key = next(
            (f"{ORCHESTRA}/{name}" for name in names if hdf5.linked(file, f"{ORCHESTRA}/{name}")), None
        )
        if key is None:
            return None
        columns.append(column(file, key))
    if len(columns[0]) != len(columns[1]):
        raise ScanError(
            f"{hdf5.label(file, ORCHESTRA)} has {len(columns[0])} positions along y but {len(columns[1])} "
            "along x: copy the file again."
        )
    return np.stack(columns, axis=1)
