"""Reconstructions of NSLS-II's ptychography program, .npy files beside each other (ptycho_trans.py of HXN).

`recon_result/S<scan>/<sign>/recon_data/recon_<scan>_<sign>_object.npy` and `_probe.npy` hold the last state,
`_object_ave.npy` and `_probe_ave.npy` the mean of the last iterations, `_ave_rp.npy` that without its phase
ramp: complex, (nx, ny), of several modes or slices (modes, nx, ny), their first axis x, their second y
upwards, so that the program shows them by `numpy.flipud(array.T)`. Where it corrected the positions,
`points_<scan>_<sign>.npy` (2, n) [x; y] are pixels of the object, and a patch reaches from point - nx // 2.
`error_<scan>_<sign>_chi.npy` is its curve. The settings `<scan>_<sign>*.txt` tell `lambda_nm`, `z_m` and
`ccd_pixel_um` as lines `name = value`; the object pixel is lambda z / (nx pixel) (ptycho.py of tomviz reads
them alike).
"""

from __future__ import annotations

import glob
import re
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.events import Reconstruction
from ptygui.core.geometry import energy_ev, object_pixel_m, orient_frames
from ptygui.io.npy import HeaderError, read_header
from ptygui.io.provenance import PROGRAM, Provenance
from ptygui.io.result_checks import ResultError
from ptygui.io.result_parts import left_out, object_image, positions_px, probe_modes
from ptygui.io.result_registry import register_result_reader
from ptygui.io.step_files import load_array

UPRIGHT = 6
"""Transpose, then flip rows: from (x, y upwards) to (y downwards, x)."""
MOST_SETTINGS_BYTES = 1 << 20
_NAME = re.compile(r"recon_(?P<run>.+_[^_]+)_(?P<what>object|probe)(?P<kind>_ave_rp|_ave|)\.npy")
_SETTING = re.compile(r"^\s*(lambda_nm|z_m|ccd_pixel_um)\s*=\s*([-+.\deE]+)\s*$", re.MULTILINE)


class _Files(NamedTuple):
    """The files of one reconstruction."""

    folder: Path
    run: str
    """Scan and sign: '34784_t1'."""
    kind: str
    """'', '_ave' or '_ave_rp'."""

    def array(self, what: str) -> Path:
        return self.folder / f"recon_{self.run}_{what}{self.kind}.npy"


@register_result_reader
class Nsls2NpyResult:
    """What NSLS-II's program saved of a reconstruction, by its object or its probe."""

    name: ClassVar[str] = "NSLS-II HXN reconstruction (.npy)"
    extensions: ClassVar[tuple[str, ...]] = (".npy",)

    def sniff(self, path: Path) -> bool:
        """Tell by the name, which bare arrays have nothing besides, and by complex numbers in both files."""
        files = _files(path)
        return files is not None and all(_is_complex(files.array(what)) for what in ("object", "probe"))

    def read(self, path: Path) -> Reconstruction:
        """Read both; of slices the first, and a notice says so."""
        files = _files(path)
        if files is None:
            raise ResultError(
                f"{path.name} is not named as NSLS-II's program does: recon_<scan>_<sign>_object.npy."
            )
        objects, probes = _upright(files, "object"), _upright(files, "probe")
        probe = probe_modes(probes, files.array("probe").name)
        settings = _settings(files)
        image = object_image(
            objects, files.array("object").name, (0.0, 0.0), _pixel_size_m(settings, probe.shape[1:])
        )
        places, missing = _positions_px(files, image.values.shape, probe.shape[1:])
        record = Provenance(
            program=PROGRAM,
            scan=files.run,
            recipe=_recipe(files, settings),
            notices=(*left_out(objects, probes), *missing),
        )
        return record.reconstruction(image, probe, places)


def _files(path: Path) -> _Files | None:
    named = _NAME.fullmatch(path.name)
    return None if named is None else _Files(path.parent, named["run"], named["kind"])


def _is_complex(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            header = read_header(file)
    except (OSError, HeaderError):
        return False
    return header.dtype.kind == "c" and len(header.shape) >= 2


def _upright(files: _Files, what: str) -> NDArray[Any]:
    """Read an array and turn it edge to edge, as the program shows it."""
    path = files.array(what)
    values = load_array(path, "", f"the {what} of a reconstruction")
    if values.ndim < 2:
        raise ResultError(
            f"{path.name} must be the {what}, (x, y), not of shape {values.shape}: copy it again."
        )
    return orient_frames(values, UPRIGHT)


def _positions_px(
    files: _Files, shape: tuple[int, ...], window: tuple[int, ...]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the centres [H//2, W//2] of the patches in the upright object, and what is to be said."""
    path = files.folder / f"points_{files.run}.npy"
    if not path.is_file():
        return np.zeros((0, 2)), (
            "The reconstruction has no positions: NSLS-II's program saves them only where it corrects them.",
        )
    values = load_array(path, "", "the positions of a reconstruction")
    if values.ndim != 2 or values.shape[0] != 2:
        raise ResultError(
            f"{path.name} must be positions (2, n) [x; y] in pixels, not of shape {values.shape}."
        )
    x, y = positions_px(values.T, path.name).T
    height, width = window
    left, above = x - width // 2, shape[0] - (y - height // 2) - height
    return np.stack([above + height // 2, left + width // 2], axis=1), ()


def _settings(files: _Files) -> dict[str, float]:
    """Return wavelength, distance and detector pixel of the settings beside, as far as they are told."""
    for path in sorted(files.folder.glob(f"{glob.escape(files.run)}*.txt")):
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                found = _SETTING.findall(file.read(MOST_SETTINGS_BYTES))
        except OSError:
            continue
        if settings := {name: value for name, text in found if (value := _positive(text)) is not None}:
            return settings
    return {}


def _positive(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < np.inf else None


def _pixel_size_m(settings: dict[str, float], window: tuple[int, ...]) -> tuple[float, float] | None:
    if len(settings) < 3:
        return None
    height, width = window
    pixel_m = settings["ccd_pixel_um"] * 1e-6
    energy = energy_ev(settings["lambda_nm"] * 1e-9)
    return object_pixel_m(energy, settings["z_m"], (pixel_m, pixel_m), (height, width))


def _recipe(files: _Files, settings: dict[str, float]) -> dict[str, Any]:
    recipe: dict[str, Any] = {}
    if "lambda_nm" in settings:
        recipe["energy_ev"] = energy_ev(settings["lambda_nm"] * 1e-9)
    if "z_m" in settings:
        recipe["distance_m"] = settings["z_m"]
    if curve := _curve(files.folder / f"error_{files.run}_chi.npy"):
        recipe["curves"] = {"chi": curve}
    return recipe


def _curve(path: Path) -> list[float]:
    """Return the curve, nothing if it is absent or none: the picture does not depend on it."""
    try:
        values = load_array(path, "", "the error of a reconstruction") if path.is_file() else np.zeros(0)
    except ScanError:
        return []
    return values.astype(float).tolist() if values.ndim == 1 and values.dtype.kind == "f" else []
