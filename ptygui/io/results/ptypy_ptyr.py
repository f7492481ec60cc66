"""ptypy's reconstructions, .ptyr (core/ptycho.py and core/classes.py of ptypy; values: io.ptypy_tree).

`content/obj/<storage>` has `data` (layers, rows, cols) complex, `_psize` metres and `_origin` metres, the
place of element [0, 0]; `content/probe/<storage>` has `data` (modes, H, W); `content/positions/<storage>`
(n, 2) metres (y, x), if they were recorded. `content/runtime/iter_info` lists iterations with three errors
each: of the magnitudes, of the photons, of the exit waves. Arrays lie as they are shown here; only ptypy's
plots turn them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction
from ptygui.core.geometry import to_pixels
from ptygui.core.scan import ObjectImage
from ptygui.io import hdf5
from ptygui.io import ptypy_tree as tree
from ptygui.io.provenance import PROGRAM, Provenance
from ptygui.io.result_checks import Axes, ResultError
from ptygui.io.result_parts import measured
from ptygui.io.result_registry import register_result_reader

OBJECTS, PROBES, POSITIONS = "content/obj", "content/probe", "content/positions"
ITERATIONS = "content/runtime/iter_info"
ERRORS = ("magnitudes", "photons", "exit waves")
MOST_ITERATIONS = 100_000


@register_result_reader
class PtyrResult:
    """What ptypy saved of a reconstruction."""

    name: ClassVar[str] = "ptypy reconstruction (.ptyr)"
    extensions: ClassVar[tuple[str, ...]] = (".ptyr",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has ptypy's storages of object and probe."""
        return hdf5.has(path, OBJECTS, PROBES)

    def read(self, path: Path) -> Reconstruction:
        """Read; of several storages and layers the first, and a notice says so."""
        with hdf5.open_hdf5(path) as file:
            storages = _names(file, OBJECTS)
            key = f"{OBJECTS}/{storages[0]}"
            size = _pixel_size_m(file, key)
            values = hdf5.array(file, f"{key}/data")
            image = _image(file, key, values, size)
            probe = _probe(file)
            copies = len(probe) * (len(values) if values.ndim == 3 else 1)
            positions_px, missing = _positions_px(file, storages[0], size, copies)
            notices = (*_left_out(storages, values), *missing)
            recipe = _recipe(file, key)
        record = Provenance(program=PROGRAM, scan=path.stem, recipe=recipe, notices=notices)
        return record.reconstruction(image, probe, positions_px)


def _names(file: h5py.File, key: str) -> list[str]:
    """Return the names of the storages in a group, in order."""
    group = file.get(key)
    names = sorted(group) if isinstance(group, h5py.Group) else []
    if not names:
        raise ResultError(
            f"{hdf5.label(file, key)} is empty: ptypy saved nothing there, choose another result."
        )
    return names


def _pixel_size_m(file: h5py.File, key: str) -> tuple[float, float]:
    size = tree.pair(file, f"{key}/_psize")
    if size is None or min(size) <= 0:
        raise ResultError(
            f"{hdf5.label(file, f'{key}/_psize')} must be the pixel size, two lengths in metres."
        )
    return size


def _image(file: h5py.File, key: str, values: NDArray[Any], size: tuple[float, float]) -> ObjectImage:
    """Take what is zero, or no number, for not measured."""
    layer = values[0] if values.ndim == 3 and len(values) else values
    layer = Axes().fit(layer, np.complex64, "rows cols", hdf5.label(file, f"{key}/data"))
    covered = measured(layer)
    y, x = tree.pair(file, f"{key}/_origin") or (0.0, 0.0)
    return ObjectImage(np.where(covered, layer, 0), covered, (y / size[0], x / size[1]), size)


def _probe(file: h5py.File) -> NDArray[np.complex64]:
    key = f"{PROBES}/{_names(file, PROBES)[0]}/data"
    values = hdf5.array(file, key)
    modes = values[np.newaxis] if values.ndim == 2 else values
    return Axes().fit(modes, np.complex64, "modes H W", hdf5.label(file, key), finite=True)


def _positions_px(
    file: h5py.File, storage: str, size: tuple[float, float], copies: int
) -> tuple[NDArray[np.float64], list[str]]:
    """Return the positions of the patterns, none where ptypy did not record them, and what is to be said."""
    key = f"{POSITIONS}/{storage}"
    values = tree.positions(file, key)
    if values is None:
        return np.zeros((0, 2)), [
            "The file has no positions: ptypy saved none, so no refining goes on from it."
        ]
    with np.errstate(over="ignore"):
        values_px = to_pixels(_once(values, copies), size)
    return Axes().fit(values_px, np.float64, "n 2", hdf5.label(file, key), finite=True), []


def _once(values: NDArray[np.float64], copies: int) -> NDArray[np.float64]:
    """Return each position once, if each is told once for every pair of a probe mode and an object layer."""
    if len(values) % copies:
        return values
    groups = values.reshape(-1, copies, 2)
    return groups[:, 0] if (groups == groups[:, :1]).all() else values


def _left_out(storages: list[str], values: NDArray[Any]) -> list[str]:
    notices = []
    if len(storages) > 1:
        notices.append(f"The file has objects of {len(storages)} scans; the first, {storages[0]}, was taken.")
    if values.ndim == 3 and len(values) > 1:
        notices.append(f"The object has {len(values)} layers; the first was taken.")
    return notices


def _recipe(file: h5py.File, key: str) -> dict[str, Any]:
    energy_kev = tree.positive(file, f"{key}/_energy")
    recipe: dict[str, Any] = {} if energy_kev is None else {"energy_ev": energy_kev * 1e3}
    rows = list(_iterations(file))
    if rows:
        recipe["iterations"] = len(rows)
        recipe["curves"] = {name: [row[at] for row in rows] for at, name in enumerate(ERRORS)}
    return recipe


def _iterations(file: h5py.File) -> list[list[float]]:
    """Return the three errors of each iteration, of those that have them."""
    if not hdf5.linked(file, ITERATIONS) or not isinstance(file[ITERATIONS], h5py.Group):
        return []
    names = sorted(file[ITERATIONS])[:MOST_ITERATIONS]
    rows = [tree.numbers(file, f"{ITERATIONS}/{name}/error") for name in names]
    return [row for row in rows if len(row) == len(ERRORS)]
