"""CXI (format description of the CXI data bank, 1.6; data.py of cdtools; cxi_file.py of Ptychodus; PyNX).

Patterns are intensities (n, H, W), or a raster (rows, columns, H, W), as the detector saw them, under one
of `io.cxi.DATA_KEYS`; where the sample stood under one of `io.cxi.TRANSLATION_KEYS`, which may be missing.
Energy in joule, lengths in metres. Programs add: `qe_mask` (cdtools: flat field), `dark` and `monitor`
(PyNX), `intensities` (cdtools), a probe under several names, and reconstructions `image_<n>` (COSMIC).
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
from ptygui.core.scan import Guess
from ptygui.io import hdf5
from ptygui.io.canonical import as_probe
from ptygui.io.cxi import (
    DATA_KEYS,
    DETECTOR,
    TRANSLATION_KEYS,
    Vectors,
    basis_vectors,
    is_bad,
    positions_orientation,
    translation_yx,
)
from ptygui.io.hdf5_facts import Facts
from ptygui.io.nexus import definition_of
from ptygui.io.product_scan import with_product_beside
from ptygui.io.raster import open_frames
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent
from ptygui.io.units import ENERGIES, LENGTHS, energy_of_wavelength, stored_unit

SOURCE = "entry_1/instrument_1/source_1"
PROBE_KEYS = (
    f"{SOURCE}/illumination",
    f"{SOURCE}/data_illumination",
    f"{SOURCE}/probe",
    f"{DETECTOR}/probe",
    f"{DETECTOR}/data_illumination",
)
MONITOR_KEYS = (
    "entry_1/data_1/monitor",
    "entry_1/data_1/intensities",
    "entry_1/sample_1/geometry_1/intensities",
)
MOST_JOULE = 1e-9
"""6 GeV: no photon has more, so a larger number without a unit is no energy in joule."""


@register_reader
class CxiReader:
    """Scans of cdtools, PyNX, SHARP and COSMIC, Ptychodus."""

    name: ClassVar[str] = "CXI"
    extensions: ClassVar[tuple[str, ...]] = (".cxi",)

    def sniff(self, path: Path) -> bool:
        """Tell whether real numbers stand where CXI has its data, and it is not NeXus' NXptycho."""
        try:
            with hdf5.open_hdf5(path) as file:
                facts = Facts(file)
                key = facts.key(DATA_KEYS)
                if key is None or definition_of(file):
                    return False
                found = file.get(key)
                return not isinstance(found, h5py.Dataset) or found.dtype.kind in "buif"
        except ScanError:
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked, so nothing is reported."""
        with hdf5.open_hdf5(path) as file:
            facts = Facts(file)
            key = next(key for key in DATA_KEYS if hdf5.linked(file, key))
            frames = open_frames(file, key)
            n, shape = frames.shape[0], frames.shape[1:]
            stated, energy_guess = _reading(facts)
            _tell_of_images(facts)
            positions, stated, axis_guess = _positions(facts, n, stated)
            raw = RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=positions,
                stated=stated,
                guesses=(*axis_guess, *energy_guess),
                bad_pixels=facts.mask((f"{DETECTOR}/mask",), shape, is_bad),
                dark=facts.image((f"{DETECTOR}/data_dark", f"{DETECTOR}/dark"), shape, "dark frame"),
                flat=facts.image((f"{DETECTOR}/qe_mask",), shape, "flat field"),
                monitor=facts.column(MONITOR_KEYS, n, "monitor"),
                probe=_probe(facts, shape),
                notes=tuple(facts.notes),
                extra=_extra(facts),
            )
        return with_product_beside(raw) if positions is None else raw


def _reading(facts: Facts) -> tuple[Reading, tuple[Guess, ...]]:
    vectors = basis_vectors(facts)
    orientation = positions_orientation(vectors)
    if orientation is None:
        facts.notes.append("The detector's axes are not along x and y: check how the positions lie.")
    energy, guesses = _energy_ev(facts)
    reading = Reading(
        quantity="intensity",
        positions_orientation=orientation,
        energy_ev=energy,
        distance_m=_distance_m(facts),
        detector_pixel_m=_detector_pixel_m(facts, vectors),
    )
    return reading, guesses


def _energy_ev(facts: Facts) -> tuple[float | None, tuple[Guess, ...]]:
    """Return the photon energy; joule are the rule, but some write eV and do not say so."""
    keys = (f"{SOURCE}/energy", "entry_1/instrument_1/beam_1/energy")
    joule = facts.quantity(keys, {**ENERGIES, "": 1.0}, "j")
    if joule is None:
        return energy_of_wavelength(facts.quantity((f"{SOURCE}/wavelength",), LENGTHS, "m")), ()
    key = facts.key(keys)
    if key is None or facts.unit(key, "") or joule / ENERGIES["j"] < MOST_JOULE:
        return joule, ()
    value = joule / ENERGIES["j"]
    why = f"{value:g} joule is more than any photon has, and no unit is told."
    return value, (Guess("photon energy", f"{value:g} eV", why, "energy_ev"),)


def _distance_m(facts: Facts) -> float | None:
    """Return the distance, or else how far along the beam the corner of the detector is."""
    distance = facts.quantity((f"{DETECTOR}/distance",), LENGTHS, "m")
    corner = f"{DETECTOR}/corner_position"
    if distance is not None or not hdf5.linked(facts.file, corner):
        return distance
    place = hdf5.array(facts.file, corner).reshape(-1)
    along = abs(float(place[2])) if place.size == 3 and place.dtype.kind in "iuf" else 0.0
    return along if 0 < along < np.inf else None


def _detector_pixel_m(facts: Facts, vectors: Vectors | None) -> tuple[float, float] | None:
    """Return the pixel (y, x); one side stands for both, and the basis vectors for what is not told."""
    height, width = (facts.quantity((f"{DETECTOR}/{axis}_pixel_size",), LENGTHS, "m") for axis in "yx")
    height, width = height or width, width or height
    if height is None or width is None:
        return None if vectors is None else _lengths(vectors)
    return height, width


def _lengths(vectors: Vectors) -> tuple[float, float]:
    slow, fast = np.linalg.norm(vectors, axis=1).tolist()
    return slow, fast


def _positions(
    facts: Facts, n: int, stated: Reading
) -> tuple[NDArray[np.float64] | None, Reading, tuple[Guess, ...]]:
    key = facts.key(TRANSLATION_KEYS)
    if key is None:
        return None, stated, ()
    positions, guesses = translation_yx(facts, key, n)
    unit, factor = stored_unit(facts.unit(key, "m"))
    return positions * factor, Reading(position_unit=unit).over(stated), guesses


def _probe(facts: Facts, shape: tuple[int, int]) -> NDArray[np.complex64] | None:
    """Return the probe of the last reconstruction in the file, or the one to begin with."""
    last = _last_image(facts)
    mine = (f"{last}/process_1/final_illumination",) if last else ()
    key = facts.key((*mine, *PROBE_KEYS))
    if key is None:
        return None
    try:
        return as_probe(hdf5.array(facts.file, key), shape, hdf5.label(facts.file, key))
    except ScanError as error:
        facts.notes.append(f"The probe was left out: {error}")
        return None


def _last_image(facts: Facts) -> str | None:
    """Return the group of the last reconstruction in the file."""
    names = [name for name in facts.file["entry_1"] if name.startswith("image_")]
    numbers = sorted(int(name[6:]) for name in names if name[6:].isdecimal())
    return f"entry_1/image_{numbers[-1]}" if numbers else None


def _tell_of_images(facts: Facts) -> None:
    last = _last_image(facts)
    if last is not None and hdf5.linked(facts.file, f"{last}/data"):
        facts.notes.append(
            f"The file also holds a reconstruction, {last}; where it lies under the scan is not told, so "
            "nothing is compared with it."
        )


def _extra(facts: Facts) -> dict[str, Any]:
    texts = {key: facts.text(f"entry_1/{key}") for key in ("title", "start_time", "experiment_identifier")}
    return {key: text for key, text in texts.items() if text}
