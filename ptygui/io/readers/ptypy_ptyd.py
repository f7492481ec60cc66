"""ptypy's prepared data, .ptyd (doc/rst/ptyd.rst and core/data.py of ptypy).

`chunks/<k>` has `data` (n, H, W) intensity, `positions` (n, 2) metres (y, x) and `weights` (n, H, W), 1 =
good, or empty; it may be a link to another file. `meta` has `energy` in keV, `distance` and `psize` in
metres, `center` in pixels, `weight2d` (H, W). ptypy has turned frames and positions already. How values are
stored: io.ptypy_tree.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.find import SAMPLES
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import PatternSource, spread_indices
from ptygui.io import hdf5
from ptygui.io import ptypy_tree as tree
from ptygui.io.hdf5_stack import Hdf5Stack, open_stack
from ptygui.io.joined import join
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


class Chunk(NamedTuple):
    """A part of the scan that was prepared at one time."""

    frames: Hdf5Stack
    positions: NDArray[np.float64] | None
    weights: Hdf5Stack | None


@register_reader
class PtydReader:
    """Scans that ptypy prepared."""

    name: ClassVar[str] = "ptypy data (.ptyd)"
    extensions: ClassVar[tuple[str, ...]] = (".ptyd",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has ptypy's groups."""
        return hdf5.has(path, "chunks", "meta", "info")

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; chunks whose file is missing are skipped and told."""
        with hdf5.open_hdf5(path) as file:
            chunks, notes = _chunks(file)
            frames = join([chunk.frames for chunk in chunks])
            shape = frames.shape[1:]
            _check_sizes(file, chunks)
            return RawScan(
                name=tree.text(file, "meta/label") or path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=_positions(file, chunks),
                stated=_reading(file, shape),
                bad_pixels=_bad_pixels(file, chunks, shape),
                notes=(*notes, *_about_propagation(file)),
                extra=_extra(file),
            )


def _chunks(file: h5py.File) -> tuple[list[Chunk], list[str]]:
    """Open all chunks in the order of their numbers."""
    chunks, faults = [], []
    names = sorted((name for name in file["chunks"] if name.isdecimal()), key=int)
    for name in names:
        try:
            chunks.append(_chunk(file, f"chunks/{name}"))
        except ScanError as error:
            faults.append(error)
    if not chunks:
        raise (
            faults[0]
            if faults
            else ScanError(f"{hdf5.name(file)} has no chunk with patterns: copy it again.")
        )
    missing = [f"Of {len(names)} chunks {len(faults)} were left out: {faults[0]}"] if faults else []
    return chunks, missing


def _chunk(file: h5py.File, key: str) -> Chunk:
    link = file.get(key, getlink=True)
    if isinstance(link, h5py.ExternalLink) and file.get(key) is None:
        raise ScanError(
            f"{hdf5.label(file, key)} lies in {Path(link.filename).name}, which is missing: put it into the "
            "same folder."
        )
    frames = open_stack(file, f"{key}/data")
    positions = tree.positions(file, f"{key}/positions")
    if positions is None and hdf5.linked(file, f"{key}/indices"):
        positions = _planned(file, f"{key}/indices")
    if positions is not None and len(positions) != frames.shape[0]:
        raise ScanError(
            f"{hdf5.label(file, key)} has {frames.shape[0]} patterns but {len(positions)} positions: "
            "copy the file again."
        )
    return Chunk(frames, positions, _weights(file, f"{key}/weights", frames.shape))


def _planned(file: h5py.File, key: str) -> NDArray[np.float64] | None:
    """Return the positions of a chunk from those of the whole scan, by its indices."""
    everywhere = tree.positions(file, "info/positions_scan")
    which = np.array(tree.numbers(file, key)).astype(np.intp)
    if everywhere is None or not len(which) or which.min() < 0 or which.max() >= len(everywhere):
        return None
    return everywhere[which]


def _weights(file: h5py.File, key: str, shape: tuple[int, int, int]) -> Hdf5Stack | None:
    found = file.get(key) if tree.is_told(file, key) else None
    is_stack = isinstance(found, h5py.Dataset) and found.shape == shape
    return open_stack(file, key) if is_stack else None


def _check_sizes(file: h5py.File, chunks: list[Chunk]) -> None:
    sizes = sorted({chunk.frames.shape[1:] for chunk in chunks})
    if len(sizes) > 1:
        raise ScanError(
            f"{hdf5.name(file)} has patterns of {sizes[0]} and of {sizes[1]} pixels: copy it again."
        )


def _positions(file: h5py.File, chunks: list[Chunk]) -> NDArray[np.float64] | None:
    told = [chunk.positions for chunk in chunks if chunk.positions is not None]
    return np.concatenate(told) if len(told) == len(chunks) else None


def _reading(file: h5py.File, shape: tuple[int, int]) -> Reading:
    energy_kev = tree.positive(file, "meta/energy")
    pixel = tree.pair(file, "meta/psize")
    reading = Reading(
        quantity="intensity",
        frames_orientation=0,
        positions_orientation=0,
        position_unit="m",
        energy_ev=energy_kev and energy_kev * 1e3,
        distance_m=tree.positive(file, "meta/distance"),
        detector_pixel_m=pixel if pixel and min(pixel) > 0 else None,
    )
    return _centre(file, shape).over(reading)


def _centre(file: h5py.File, shape: tuple[int, int]) -> Reading:
    told = tree.pair(file, "meta/center")
    if told is None or not all(0 <= at < length for at, length in zip(told, shape, strict=True)):
        return Reading()
    centre = (round(told[0]), round(told[1]))
    if centre == (shape[0] // 2, shape[1] // 2):
        return Reading(zero_frequency="centre")
    if centre == (0, 0):
        return Reading(zero_frequency="corner")
    return Reading(zero_frequency="detector", centre_px=centre)


def _bad_pixels(file: h5py.File, chunks: list[Chunk], shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Return what has no weight anywhere; of weights for each pattern a few are looked at."""
    key = "meta/weight2d"
    if tree.is_told(file, key) and getattr(file[key], "shape", None) == shape:
        return np.asarray(hdf5.array(file, key) == 0)
    stacks: list[PatternSource] = [chunk.weights for chunk in chunks if chunk.weights is not None]
    if len(stacks) < len(chunks):
        return None
    weights = join(stacks)
    bad = (weights.read(spread_indices(weights.shape[0], SAMPLES)) == 0).all(axis=0)
    return np.asarray(bad) if bad.any() else None


def _about_propagation(file: h5py.File) -> list[str]:
    told = tree.text(file, "info/propagation") or tree.text(file, "meta/propagation")
    if told != "nearfield":
        return []
    return ["The file says that these are near-field patterns; ptygui takes all patterns for far fields."]


def _extra(file: h5py.File) -> dict[str, Any]:
    texts = {key: tree.text(file, f"meta/{key}") for key in ("experimentID", "version")}
    return {key: told for key, told in texts.items() if told}
