"""Paired HDF5: patterns in `<name>_dp.hdf5`, the rest in `<name>_para.hdf5`.

Layout: pty-chi, tests/test_utils.py; PtychoPINN, specs/ptychovit_interop_contract.md.

`dp` (n, H, W) intensity, zero frequency in the centre. The other file may be a Ptychodus product: its keys
are told in io.product.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.geometry import guess_dc
from ptygui.core.scan import ObjectImage, PatternSource, ProbePositions, Scan, ScanMetadata
from ptygui.io import hdf5
from ptygui.io.canonical import (
    SelectedPatterns,
    as_intensity,
    as_probe,
    as_reference,
    sample_patterns,
)
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

    def open(self, path: Path, report: Report = silent) -> Scan:
        """Open the pair from either of its files; nothing is unpacked, so nothing is reported."""
        patterns_path, parameters_path = _pair(path)
        with hdf5.open_hdf5(patterns_path) as file:
            source: PatternSource = open_stack(file, "dp")
        with hdf5.open_hdf5(parameters_path) as file:
            source = _selected(file, source)
            positions = positions_m(file)
            probe = _probe(file, source.shape[1:])
            pixel_size = pixel_size_m(file)
            reference = _reference(file, pixel_size)
            metadata = _metadata(file, patterns_path, pixel_size)
        zero = guess_dc(sample_patterns(source))
        return Scan(
            patterns=as_intensity(source, squared=False, shifted=zero.value == "corner"),
            positions=ProbePositions(positions, "m"),
            metadata=replace(metadata, guesses=(zero,)),
            probe=probe,
            reference_object=reference,
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


def _reference(file: h5py.File, pixel_size: tuple[float, float]) -> ObjectImage | None:
    if not hdf5.linked(file, "object"):
        return None
    values = hdf5.array(file, "object")
    origin = object_origin_px(file["object"], values.shape, pixel_size)
    return as_reference(values, origin, pixel_size)


def _metadata(file: h5py.File, path: Path, pixel_size: tuple[float, float]) -> ScanMetadata:
    energy = hdf5.number(file, "photon_energy_eV") or hdf5.number(file, "probe_energy_eV")
    values = {key: hdf5.number(file, key) for key in ("exposure_time_s", "probe_photon_count")}
    return ScanMetadata(
        name=path.stem.removesuffix("_dp"),
        path=str(path),
        format=PairedHdf5Reader.name,
        energy_ev=energy or None,  # Ptychodus writes 0 for unknown
        distance_m=hdf5.number(file, "detector_object_distance_m") or None,
        pixel_size_m=pixel_size,
        extra={key: value for key, value in values.items() if value},
    )
