"""PtychoPINN's .npz (specs/data_contracts.md and ptycho/raw_data.py of PtychoPINN).

`diff3d` (older: `diffraction`) holds patterns (n, H, W), or (H, W, n) in old files: amplitudes, often
normalised, or measured counts where `measurement_domain` says so. `xcoords`, `ycoords` (n,) are patch
centres in pixels of `objectGuess`; `probeGuess` is (H, W), (modes, H, W) or (H, W, 1). The format knows no
energy and no pixel size; ptygui writes keys of its own, `ptygui_*`, and does without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.find import SAMPLES
from ptygui.core.raw import RawScan
from ptygui.core.reading import Quantity, Reading
from ptygui.core.scan import Guess, ObjectImage, PatternSource, spread_indices
from ptygui.io.archive import peek_keys
from ptygui.io.canonical import as_probe, as_reference
from ptygui.io.npz import NpzFile, open_npz
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

PATTERN_KEYS = ("diff3d", "diffraction")
OWN_KEY = "ptygui_origin_px"


@register_reader
class PtychoPinnReader:
    """Scans saved for PtychoPINN, or by ptygui."""

    name: ClassVar[str] = "PtychoPINN .npz"
    extensions: ClassVar[tuple[str, ...]] = (".npz",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has coordinates and patterns under PtychoPINN's names."""
        keys = peek_keys(path)
        return bool(keys & set(PATTERN_KEYS)) and bool(keys & {"xcoords", "xcoords_start", "ycoords"})

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; whether they are amplitudes or counts is stated in newer files only."""
        with open_npz(path, report) as file:
            origin = _pair(file, OWN_KEY) or (0.0, 0.0)
            positions = _positions(file, origin)
            frames, axis_guess = _patterns(file, len(positions))
            stated, quantity_guess = _reading(file, frames)
            return RawScan(
                name=file.text("ptygui_name") or path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=positions,
                stated=stated,
                guesses=(*_position_guess(file), *axis_guess, *quantity_guess),
                probe=_probe(file, frames.shape[1:]),
                bad_pixels=_bad_pixels(file, frames.shape[1:]),
                reference_object=_reference(file, origin),
                notes=_notes(stated, quantity_guess),
                origin="ptygui" if OWN_KEY in file else "",
                extra=file.json("_metadata"),
            )


def _positions(file: NpzFile, origin: tuple[float, float]) -> NDArray[np.float64]:
    columns = [_column(file, _present(file, key)) for key in ("ycoords", "xcoords")]
    if len(columns[0]) != len(columns[1]):
        raise ScanError(
            f"{file.path.name} has {len(columns[0])} ycoords but {len(columns[1])} xcoords: "
            "each pattern needs both."
        )
    return np.asarray(np.stack(columns, axis=1) + np.array(origin), np.float64)


def _present(file: NpzFile, key: str) -> str:
    return key if key in file else f"{key}_start"


def _position_guess(file: NpzFile) -> tuple[Guess, ...]:
    """Tell where the start of each exposure stands in for its position."""
    keys = [f"{axis}_start" for axis in ("xcoords", "ycoords") if axis not in file]
    if not keys:
        return ()
    missing = " and ".join(key.removesuffix("_start") for key in keys)
    why = f"The file has no {missing}; where each exposure began stands in."
    return (Guess("probe positions", " and ".join(keys), why),)


def _column(file: NpzFile, key: str) -> NDArray[np.float64]:
    values = file.array(key).squeeze()
    if values.ndim > 1 or values.dtype.kind not in "iuf":
        raise ScanError(
            f"{file.label(key)} must hold one number for each pattern, "
            f"not {values.dtype} of shape {values.shape}."
        )
    return np.atleast_1d(values).astype(np.float64)


def _patterns(file: NpzFile, n: int) -> tuple[PatternSource, tuple[Guess, ...]]:
    """Open the patterns; which axis counts them follows from the number of positions."""
    key = next(key for key in PATTERN_KEYS if key in file)
    shape = file.header(key).shape
    if len(shape) != 3 or n not in (shape[0], shape[2]):
        raise ScanError(
            f"{file.label(key)} has the shape {shape}: for {n} positions "
            f"({n}, H, W) or (H, W, {n}) was expected."
        )
    frames_last = shape[0] != n
    guesses: tuple[Guess, ...] = ()
    if frames_last:
        guesses = (Guess("axis order", "(H, W, n)", f"The last axis of {shape} has as many as positions."),)
    elif shape[0] == shape[2]:
        guesses = (Guess("axis order", "(n, H, W)", f"Both ends of {shape} fit {n} positions; usual order."),)
    return file.stack(key, frames_last=frames_last), guesses


def _reading(file: NpzFile, frames: PatternSource) -> tuple[Reading, tuple[Guess, ...]]:
    """Decide between amplitudes and counts: by what the file states, else by its numbers."""
    stated = Reading(
        quantity=_stated_quantity(file),
        zero_frequency="centre" if OWN_KEY in file else None,  # written by ptygui, in the canonical form
        position_unit="px",
        energy_ev=_positive(file, "ptygui_energy_ev"),
        distance_m=_positive(file, "ptygui_distance_m"),
        detector_pixel_m=_positive_pair(file, "ptygui_detector_pixel_m"),
        pixel_size_m=_pixel_size(file),
    )
    return stated, () if stated.quantity else (_guess_quantity(frames),)


def _stated_quantity(file: NpzFile) -> Quantity | None:
    domain = (file.text("measurement_domain") or "").lower()
    version = (file.text("scale_contract_version") or "").lower()
    if "intensity" in domain or version.startswith("ci_intensity"):
        return "intensity"
    return "amplitude" if "amplitude" in domain or version.startswith("legacy") else None


def _guess_quantity(frames: PatternSource) -> Guess:
    sample = frames.read(spread_indices(frames.shape[0], SAMPLES))
    if np.array_equal(sample, np.rint(sample)):
        return Guess("quantity", "intensity", "All values are whole numbers, as counts are.", "quantity")
    why = "The values are no whole numbers, and amplitudes are what the format usually holds."
    return Guess("quantity", "amplitude", why, "quantity")


def _probe(file: NpzFile, shape: tuple[int, int]) -> NDArray[np.complex64] | None:
    if "probeGuess" not in file:
        return None
    return as_probe(file.array("probeGuess"), shape, file.label("probeGuess"))


def _bad_pixels(file: NpzFile, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Read the mask that Ptychodus adds, True = bad; its patterns are filled there."""
    if "bad_pixels" not in file or file.header("bad_pixels").shape != shape:
        return None
    return np.asarray(file.array("bad_pixels") != 0)


def _reference(file: NpzFile, origin: tuple[float, float]) -> ObjectImage | None:
    if "objectGuess" not in file:
        return None
    return as_reference(file.array("objectGuess"), origin, _pixel_size(file))


def _notes(stated: Reading, guesses: tuple[Guess, ...]) -> tuple[str, ...]:
    notes = []
    if stated.pixel_size_m is None:
        notes.append("The format stores no pixel size, so lengths are in object pixels.")
    if any(guess.value == "amplitude" for guess in guesses):
        notes.append("Amplitudes were squared; if they were normalised, intensities are not counts.")
    return tuple(notes)


def _pixel_size(file: NpzFile) -> tuple[float, float] | None:
    return _positive_pair(file, "ptygui_pixel_size_m")


def _positive_pair(file: NpzFile, key: str) -> tuple[float, float] | None:
    size = _pair(file, key)
    return size if size and min(size) > 0 else None


def _positive(file: NpzFile, key: str) -> float | None:
    value = _number(file, key)
    return value if value and value > 0 else None


def _numbers(file: NpzFile, key: str, count: int) -> list[float] | None:
    """Read an optional key of ptygui's own; None unless it holds `count` finite numbers."""
    if key not in file or file.header(key).dtype.kind not in "iuf":
        return None
    values = file.array(key).reshape(-1)
    return values.tolist() if len(values) == count and np.isfinite(values).all() else None


def _number(file: NpzFile, key: str) -> float | None:
    values = _numbers(file, key, 1)
    return values[0] if values else None


def _pair(file: NpzFile, key: str) -> tuple[float, float] | None:
    values = _numbers(file, key, 2)
    return (values[0], values[1]) if values else None
