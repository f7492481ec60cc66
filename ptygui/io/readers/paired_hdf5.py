"""Paired HDF5: patterns in `<name>_dp.hdf5`, the rest in `<name>_para.hdf5`.

Layout: pty-chi, tests/test_utils.py; PtychoPINN, specs/ptychovit_interop_contract.md.

`dp` (n, H, W) intensity, zero frequency in the centre. The other file may be a Ptychodus product: its keys
are told in io.product.
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
from ptygui.core.scan import ObjectImage, PatternSource, SelectedPatterns
from ptygui.io import hdf5
from ptygui.io.canonical import as_probe, as_reference
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.product import INDEX_KEY, X_KEY, Y_KEY, object_origin_px, pixel_size_m, positions_m
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class PairedHdf5Reader:
    """Scans of Ptychodus, pty-chi and PtychoViT."""

    name: ClassVar[str] = "paired HDF5 (_dp and _para)"
    extensions: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it is one of the two: with `dp`, or with positions in metres."""
        return hdf5.has(path, "dp") or hdf5.has(path, X_KEY, Y_KEY)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read the pair from either of its files; nothing is unpacked, so nothing is reported."""
        patterns_path, parameters_path = _pair(path)
        with hdf5.open_hdf5(patterns_path) as file:
            frames: PatternSource = open_stack(file, "dp")
        with hdf5.open_hdf5(parameters_path) as file:
            frames = _selected(file, frames)
            reading = _reading(file)
            return RawScan(
                name=patterns_path.stem.removesuffix("_dp"),
                path=str(patterns_path),
                format=self.name,
                frames=frames,
                positions=positions_m(file),
                stated=reading,
                probe=_probe(file, frames.shape[1:]),
                reference_object=_reference(file, reading.pixel_size_m),
                extra=_extra(file),
            )


def _pair(path: Path) -> tuple[Path, Path]:
    """Return the paths of patterns and parameters; one file may hold both."""
    has_patterns = hdf5.has(path, "dp")
    if has_patterns and hdf5.has(path, X_KEY, Y_KEY):
        return path, path
    own, others = ("_dp", "_para") if has_patterns else ("_para", "_dp")
    partner = path.with_name(f"{path.stem.removesuffix(own)}{others}{path.suffix}")
    if not partner.exists():
        content = "positions and probe" if has_patterns else "patterns"
        raise ScanError(
            f"{path.name} is one of a pair, but {partner.name} with its {content} is missing: "
            "put it into the same folder."
        )
    return (path, partner) if has_patterns else (partner, path)


def _selected(file: h5py.File, source: PatternSource) -> PatternSource:
    """Apply the indexes of a Ptychodus product, which tell the pattern of each position."""
    if not hdf5.linked(file, INDEX_KEY):
        return source
    indexes = hdf5.array(file, INDEX_KEY).reshape(-1)
    n = source.shape[0]
    whole = indexes.dtype.kind in "iu" or (np.isfinite(indexes).all() and not (indexes % 1).any())
    if not whole or len(np.unique(indexes)) != len(indexes) or (indexes < 0).any() or (indexes >= n).any():
        raise ScanError(f"{hdf5.label(file, INDEX_KEY)} must name each pattern, 0 to {n - 1}, at most once.")
    return SelectedPatterns(source, indexes.astype(np.intp))


def _probe(file: h5py.File, shape: tuple[int, int]) -> NDArray[np.complex64] | None:
    if not hdf5.linked(file, "probe"):
        return None
    return as_probe(hdf5.array(file, "probe"), shape, hdf5.label(file, "probe"))


def _reference(file: h5py.File, pixel_size: tuple[float, float] | None) -> ObjectImage | None:
    if pixel_size is None or not hdf5.linked(file, "object"):
        return None
    values = hdf5.array(file, "object")
    origin = object_origin_px(file["object"], values.shape, pixel_size)
    return as_reference(values, origin, pixel_size)


def _reading(file: h5py.File) -> Reading:
    """Ptychodus writes 0 for unknown."""
    energy = hdf5.number(file, "photon_energy_eV") or hdf5.number(file, "probe_energy_eV") or 0.0
    distance = hdf5.number(file, "detector_object_distance_m") or 0.0
    return Reading(
        quantity="intensity",
        position_unit="m",
        pixel_size_m=pixel_size_m(file),
        energy_ev=energy if energy > 0 else None,
        distance_m=distance if distance > 0 else None,
    )


def _extra(file: h5py.File) -> dict[str, Any]:
    values = {key: hdf5.number(file, key) for key in ("exposure_time_s", "probe_photon_count")}
    return {key: value for key, value in values.items() if value}
