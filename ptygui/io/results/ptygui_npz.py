"""Reading ptygui's own .npz of a result; the keys are told in writers.npz."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction
from ptygui.core.evidence import Evidence, Residual
from ptygui.core.frc import RingCorrelation
from ptygui.core.scan import ObjectImage
from ptygui.io.archive import peek_keys
from ptygui.io.npz import NpzFile, open_npz
from ptygui.io.provenance import Provenance, read_provenance
from ptygui.io.result_checks import Axes, ResultError, Scalar
from ptygui.io.result_registry import register_result_reader


@register_result_reader
class PtyguiNpzResult:
    """Results that ptygui wrote."""

    name: ClassVar[str] = "ptygui .npz"
    extensions: ClassVar[tuple[str, ...]] = (".npz",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has a record of how it came about."""
        return "provenance" in peek_keys(path)

    def record(self, path: Path) -> Provenance | None:
        """Read the provenance alone; None if there is none. Raises ScanError if the archive is damaged."""
        with open_npz(path) as file:
            return read_provenance(file.text("provenance") or "")

    def read(self, path: Path) -> Reconstruction:
        """Read a stage of a result."""
        with open_npz(path) as file:
            return _read(file, path)


def _read(file: NpzFile, path: Path) -> Reconstruction:
    record = read_provenance(file.text("provenance") or "")
    if record is None:
        keys = ", ".join(sorted(file.keys)) or "nothing"
        raise ResultError(f"{path.name} is no result that ptygui wrote (it has {keys}): choose another.")
    arrays = _Arrays(file)
    image = ObjectImage(
        arrays.take("object", np.complex64, "rows cols", finite=True),
        arrays.take("covered", np.bool_, "rows cols"),
        arrays.pair("origin_px"),
        arrays.pair("pixel_size_m") if "pixel_size_m" in file else None,
    )
    return record.reconstruction(
        image,
        arrays.take("probe", np.complex64, "modes H W", finite=True),
        arrays.take("positions_px", np.float64, "n 2", finite=True),
        _evidence(file, arrays),
        intensities=_positive(arrays.if_there("intensities", np.float32, "n", finite=True), file),
        background=arrays.if_there("background", np.float32, "H W", finite=True),
    )


class _Arrays:
    """Takes arrays out of a file, checked."""

    def __init__(self, file: NpzFile) -> None:
        self._file, self._axes = file, Axes()

    def take(self, key: str, dtype: type[Scalar], axes: str, *, finite: bool = False) -> NDArray[Scalar]:
        return self._axes.fit(self._file.array(key), dtype, axes, self._file.label(key), finite=finite)

    def if_there(
        self, key: str, dtype: type[Scalar], axes: str, *, finite: bool = False
    ) -> NDArray[Scalar] | None:
        return self.take(key, dtype, axes, finite=finite) if key in self._file else None

    def pair(self, key: str) -> tuple[float, float]:
        first, second = self.take(key, np.float64, "2", finite=True)
        return float(first), float(second)


def _positive(intensities: NDArray[np.float32] | None, file: NpzFile) -> NDArray[np.float32] | None:
    if intensities is not None and not (intensities > 0).all():
        raise ResultError(f"{file.label('intensities')} must be above 0: the file is damaged, or no result.")
    return intensities


def _evidence(file: NpzFile, arrays: _Arrays) -> Evidence | None:
    if "evidence_r1" not in file:
        return None
    return Evidence(
        r1=arrays.take("evidence_r1", np.float32, "n"),
        deviance=arrays.if_there("evidence_deviance", np.float32, "n"),
        shifts_px=arrays.take("shifts_px", np.float64, "n 2", finite=True),
        flat=Residual(*arrays.pair("flat_residual")) if "flat_residual" in file else None,
        half_scan=_half_scan(file, arrays),
    )


def _half_scan(file: NpzFile, arrays: _Arrays) -> RingCorrelation | None:
    if "half_scan_frequency" not in file:
        return None
    size = arrays.if_there("half_scan_pixel_size_m", np.float64, "")
    return RingCorrelation(
        arrays.take("half_scan_frequency", np.float64, "rings"),
        arrays.take("half_scan_correlation", np.float64, "rings"),
        arrays.take("half_scan_half_bit", np.float64, "rings"),
        None if size is None else float(size),
    )
