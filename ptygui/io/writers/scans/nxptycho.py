"""NXptycho (NeXus, contributed definition NXcxi_ptycho), also CXI 1.6: its frame is told in scans.cxi.

`/entry_1/instrument_1/detector_1/data` (n, H, W), `translation` (n, 3) metres; the motors
`/entry_1/sample_1/transformations/x` and `y` (n,); every length with its `units`. What the definition demands
and ptygui does not know, as the machine's energy or the divergence of the beam, is left out, not made up.
Dark and flat field have the names that ptypy's Diamond loader reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from scipy import constants

from ptygui.core.events import Progress
from ptygui.core.scan import Scan
from ptygui.io.writers import contents
from ptygui.io.writers.history import history_of, now
from ptygui.io.writers.scan_registry import register_scan_writer
from ptygui.io.writers.scans.cxi import BAD, VERSION, translation_m
from ptygui.io.writers.stack import new_hdf5

_CLASSES = {
    "": "NXentry",
    "instrument_1": "NXinstrument",
    "instrument_1/source_1": "NXsource",
    "instrument_1/beam_1": "NXbeam",
    "instrument_1/detector_1": "NXdetector",
    "instrument_1/detector_1/transformations": "NXtransformations",
    "instrument_1/monitor": "NXmonitor",
    "sample_1": "NXsample",
    "sample_1/transformations": "NXtransformations",
    "sample_1/geometry_1": "NXcollection",
    "data": "NXdata",
    "data_1": "NXcollection",
    "process_1": "NXprocess",
    "process_1/note_1": "NXnote",
}
_DETECTOR = "/entry_1/instrument_1/detector_1"
_MOTORS = "/entry_1/sample_1/transformations"


@register_scan_writer
class NxPtychoWriter:
    """For beamlines that speak NeXus."""

    name: ClassVar[str] = "nxptycho"
    title: ClassVar[str] = "NXptycho"
    endings: ClassVar[tuple[str, ...]] = (".nxs",)
    holds: ClassVar[frozenset[str]] = contents.GEOMETRY | {
        contents.PATTERNS,
        contents.POSITIONS,
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
            file.attrs["default"] = "entry_1"
            entry = _groups(file)
            _write_entry(entry, scan)
            _write_beam(entry, scan)
            _write_detector(entry["instrument_1/detector_1"], scan)
            _write_motors(entry, scan)
            yield from new.write_stack(f"{_DETECTOR}/data", scan)
            file[f"{_DETECTOR}/data"].attrs["signal"] = 1
            _write_links(entry)


def _groups(file: h5py.File) -> h5py.Group:
    for path, kind in _CLASSES.items():
        file.require_group(f"entry_1/{path}").attrs["NX_class"] = kind
    return file["entry_1"]


def _put(group: h5py.Group, key: str, value: Any, units: str, **attributes: Any) -> None:
    """Write a field with its unit."""
    group[key] = value
    group[key].attrs.update({"units": units, **attributes})


def _write_entry(entry: h5py.Group, scan: Scan) -> None:
    entry["title"] = entry["sample_1/name"] = scan.metadata.name
    entry["definition"] = "NXptycho"
    entry.attrs["default"] = "data"
    entry["process_1/program"], entry["process_1/date"] = "ptygui", now()
    entry["process_1/note_1/type"] = "application/json"
    entry["process_1/note_1/data"] = history_of(scan)


def _write_beam(entry: h5py.Group, scan: Scan) -> None:
    entry["instrument_1/source_1/probe"] = "x-ray"
    energy = scan.metadata.energy_ev
    if energy is not None:
        for key in ("energy", "incident_beam_energy"):
            _put(entry["instrument_1/beam_1"], key, energy * constants.e, "J")
    if scan.monitor is not None:
        entry["instrument_1/monitor/data"] = scan.monitor


def _write_detector(detector: h5py.Group, scan: Scan) -> None:
    known, shape = scan.metadata, scan.pattern_shape
    detector.attrs["signal"], detector.attrs["axes"] = (
        "data",
        np.array([".", ".", "data"], h5py.string_dtype()),
    )
    if known.distance_m is not None:
        _put(detector, "distance", known.distance_m, "m")
    for axis, name in enumerate("yx"):
        _put(detector, f"beam_center_{name}", float(shape[axis] // 2), "pixel")
        if known.detector_pixel_m is not None:
            _put(detector, f"{name}_pixel_size", known.detector_pixel_m[axis], "m")
    _put(detector, "translation", translation_m(scan), "m", axes="translation:y:x", interpretation="image")
    if scan.bad_pixels is not None:
        detector["mask"] = np.where(scan.bad_pixels, BAD, 0).astype(np.uint32)
        detector["pixel_mask"] = h5py.SoftLink(f"{_DETECTOR}/mask")
    images: Mapping[str, Any] = {"darkfield": scan.dark, "flatfield": scan.flat}
    for key, image in images.items():
        if image is not None:
            detector[key] = image


def _write_motors(entry: h5py.Group, scan: Scan) -> None:
    moved = translation_m(scan)
    motors = entry["sample_1/transformations"]
    kinds = {"transformation_type": "translation"}
    _put(motors, "x", moved[:, 0], "m", vector=[1.0, 0.0, 0.0], depends_on=f"{_MOTORS}/y", **kinds)
    _put(motors, "y", moved[:, 1], "m", vector=[0.0, 1.0, 0.0], depends_on=".", **kinds)
    entry["sample_1/depends_on"] = f"{_MOTORS}/x"


def _write_links(entry: h5py.Group) -> None:
    data = entry["data"]
    data.attrs["signal"], data.attrs["axes"] = "data", np.array(["x", ".", "."], h5py.string_dtype())
    data.attrs["x_indices"] = data.attrs["y_indices"] = 0
    targets = {
        "data/data": f"{_DETECTOR}/data",
        "data/x": f"{_MOTORS}/x",
        "data/y": f"{_MOTORS}/y",
        "data_1/data": f"{_DETECTOR}/data",
        "data_1/translation": f"{_DETECTOR}/translation",
        "sample_1/geometry_1/translation": f"{_DETECTOR}/translation",
    }
    for place, target in targets.items():
        entry[place] = h5py.SoftLink(target)
