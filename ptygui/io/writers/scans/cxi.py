"""CXI, version 1.6 (the CXI data bank's description; cdtools' tools/data; Ptychodus' cxi_file.py).

Everything lies under `/entry_1`: `instrument_1/detector_1/data` (n, H, W), linked as `data_1/data`;
`sample_1/geometry_1/translation` (n, 3) metres, linked as `data_1/translation`. CXI's frame has z along the
beam, y up and x to the left as seen along the beam, so rows run along -y and columns along -x
(`basis_vectors`). `translation` is how the sample moved: the probe at (y, x) of the object means a sample
at (x, y, 0), both signs turned twice. Bad pixels have the bit 1, good ones 0. What CXI has no name for stands
where cdtools keeps it: `qe_mask` (flat field), `data_1/intensities` (monitor).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from scipy import constants

from ptygui.core.events import Progress
from ptygui.core.geometry import to_metres, wavelength_m
from ptygui.core.scan import Scan
from ptygui.io.writers import contents
from ptygui.io.writers.history import history_of, now
from ptygui.io.writers.scan_registry import register_scan_writer
from ptygui.io.writers.stack import new_hdf5

VERSION = 160
BAD = 1
"""CXI_PIXEL_IS_INVALID."""
_DETECTOR = "/entry_1/instrument_1/detector_1"
_TRANSLATION = "/entry_1/sample_1/geometry_1/translation"


@register_scan_writer
class CxiWriter:
    """What cdtools, SHARP, Ptychodus and ptypy read."""

    name: ClassVar[str] = "cxi"
    title: ClassVar[str] = "CXI"
    endings: ClassVar[tuple[str, ...]] = (".cxi",)
    holds: ClassVar[frozenset[str]] = contents.GEOMETRY | {
        contents.PATTERNS,
        contents.POSITIONS,
        contents.PROBE,
        contents.BAD_PIXELS,
        contents.DARK,
        contents.FLAT,
        contents.MONITOR,
        contents.HISTORY,
    }
    wants: ClassVar[tuple[str, ...]] = (contents.ENERGY, contents.DISTANCE, contents.DETECTOR_PIXEL)
    needs_metres: ClassVar[bool] = True

    def targets(self, path: Path) -> tuple[Path, ...]:
        """One file."""
        return (path,)

    def write(self, scan: Scan, paths: Sequence[Path]) -> Iterator[Progress]:
        """Write in batches."""
        with new_hdf5(paths[0]) as new:
            file = new.file
            file["cxi_version"] = VERSION
            file["number_of_entries"] = 1
            entry = file.create_group("entry_1")
            _write_entry(entry, scan)
            _write_source(entry, scan)
            _write_detector(entry, scan)
            entry["sample_1/geometry_1/translation"] = translation_m(scan)
            yield from new.write_stack(f"{_DETECTOR}/data", scan)
            file[f"{_DETECTOR}/data"].attrs["axes"] = "translation:y:x"
            _link(entry)
            if scan.monitor is not None:
                entry["data_1/intensities"] = scan.monitor


def translation_m(scan: Scan) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return how the sample moved in CXI's frame, (n, 3) (x, y, z) metres; the geometry must be known."""
    assert scan.metadata.pixel_size_m is not None  # held by whoever asks for it (io.convert)
    values = scan.positions.values
    metres = values if scan.positions.unit == "m" else to_metres(values, scan.metadata.pixel_size_m)
    return np.column_stack([metres[:, 1], metres[:, 0], np.zeros(len(metres))])


def _write_entry(entry: h5py.Group, scan: Scan) -> None:
    entry["title"] = entry["sample_1/name"] = scan.metadata.name
    entry["program_name"] = entry["process_1/program"] = "ptygui"
    entry["process_1/date"] = now()
    entry["process_1/note_1/type"] = "application/json"
    entry["process_1/note_1/data"] = history_of(scan)


def _write_source(entry: h5py.Group, scan: Scan) -> None:
    energy = scan.metadata.energy_ev
    source = entry.create_group("instrument_1/source_1")
    if energy is not None:
        source["energy"] = energy * constants.e
        source["wavelength"] = wavelength_m(energy)
    if scan.probe is not None:
        source["illumination"] = scan.probe


def _write_detector(entry: h5py.Group, scan: Scan) -> None:
    known, detector = scan.metadata, entry.create_group("instrument_1/detector_1")
    if known.distance_m is not None:
        detector["distance"] = known.distance_m
    if known.detector_pixel_m is not None:
        height, width = known.detector_pixel_m
        detector["y_pixel_size"], detector["x_pixel_size"] = height, width
        detector["basis_vectors"] = np.array([[0, -height, 0], [-width, 0, 0]])
        if known.distance_m is not None:
            rows, cols = (length // 2 + 0.5 for length in scan.pattern_shape)
            detector["corner_position"] = np.array([cols * width, rows * height, known.distance_m])
    if scan.bad_pixels is not None:
        detector["mask"] = np.where(scan.bad_pixels, BAD, 0).astype(np.uint32)
    if scan.dark is not None:
        detector["data_dark"] = scan.dark
    if scan.flat is not None:
        detector["qe_mask"] = scan.flat


def _link(entry: h5py.Group) -> None:
    data = entry.create_group("data_1")
    data["data"] = h5py.SoftLink(f"{_DETECTOR}/data")
    data["translation"] = h5py.SoftLink(_TRANSLATION)
    entry["instrument_1/detector_1/translation"] = h5py.SoftLink(_TRANSLATION)
