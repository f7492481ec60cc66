"""LYNX of APS 31-ID-E: `/entry/data/eiger_4` with the geometry in its attributes.

Layout: Ptychodus, lynx_diffraction_file.py. Positions are in an orchestra's .dat (io.positions.orchestra),
which is looked for by the scan's number. The detector's gaps hold 4095.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py

from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.hdf5_frames import always, open_frames
from ptygui.io.positions import orchestra
from ptygui.io.positions.apart import with_positions_beside
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

KEY, GAP = "entry/data/eiger_4", 4095


@register_reader
class LynxReader:
    """Scans of LYNX, with their positions if those are where the beamline puts them."""

    name: ClassVar[str] = "APS 31-ID LYNX"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell by the name of the frames."""
        return hdf5.has(path, KEY)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked."""
        with hdf5.open_hdf5(path) as file:
            frames = open_frames(file, KEY)
            reading = _reading(hdf5.dataset(file, KEY), frames.shape[1:])
        raw = RawScan(
            name=path.stem,
            path=str(path),
            format=self.name,
            frames=frames,
            positions=None,
            stated=reading,
            bad_pixels=always(frames, GAP),
        )
        return with_positions_beside(raw, orchestra.find_beside(path))


def _reading(data: h5py.Dataset, shape: tuple[int, int]) -> Reading:
    def attribute(key: str) -> float | None:
        value = hdf5.number(data, key)
        return value if value is not None and value > 0 else None

    energy, pixel = attribute("Photon_energy_kev"), attribute("Pixel_size")
    row, col = attribute("Center_y_pixel"), attribute("Center_x_pixel")
    centre = (round(row), round(col)) if row and col else None
    inside = centre is not None and centre[0] < shape[0] and centre[1] < shape[1]
    return Reading(
        quantity="intensity",
        zero_frequency="detector" if inside else None,
        centre_px=centre if inside else None,
        energy_ev=energy and energy * 1e3,
        distance_m=attribute("Detector_distance_m"),
        detector_pixel_m=(pixel, pixel) if pixel else None,
    )
