"""tike's .npz and .npz.bz2 (the layout of tike's test data).

`data` (n, H, W) intensity, zero frequency at the corner (exit wave to detector is a plain fft2);
`scan` (n, 2) float (row, col) in object pixels, the corner [0, 0] of each patch; `probe` (..., modes, H, W)
complex64, not shifted. A leading axis of length 1 (one view) may precede all. No energy, distance or pixel
size is stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io.archive import peek_keys
from ptygui.io.canonical import as_probe
from ptygui.io.npz import NpzFile, open_npz
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class TikeReader:
    """Scans saved for tike."""

    name: ClassVar[str] = "tike .npz"
    extensions: ClassVar[tuple[str, ...]] = (".npz", ".npz.bz2")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has tike's keys; of a .bz2 only the first key is known."""
        keys = peek_keys(path)
        return keys >= {"data", "scan"} or (len(keys) == 1 and keys <= {"data", "scan", "probe"})

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; positions become patch centres (corner + H//2) in pixels."""
        with open_npz(path, report) as file:
            frames = file.stack("data")
            return RawScan(
                name=path.name.removesuffix(".bz2").removesuffix(".npz"),
                path=str(path),
                format=self.name,
                frames=frames,
                positions=_centres(file, frames.shape[1:]),
                stated=Reading(quantity="intensity", position_unit="px"),
                probe=_probe(file, frames.shape[1:]),
                notes=_NOTES,
            )


_NOTES = (
    "The file tells no energy, distance or pixel size, so lengths are in object pixels.",
    "tike gives the corner of each patch; half a frame was added to get its centre.",
)


def _centres(file: NpzFile, shape: tuple[int, int]) -> NDArray[np.float64]:
    values = file.array("scan")
    if values.ndim > 2 and values.shape[0] == 1:
        values = values[0]
    if values.ndim != 2 or values.shape[1] != 2 or values.dtype.kind not in "iuf":
        raise ScanError(
            f"{file.label('scan')} must be positions (n, 2) as row and column in pixels, "
            f"not {values.dtype} of shape {values.shape}."
        )
    return np.asarray(values.astype(np.float64) + np.array(shape) // 2)


def _probe(file: NpzFile, shape: tuple[int, int]) -> NDArray[np.complex64] | None:
    if "probe" not in file:
        return None
    return as_probe(file.array("probe"), shape, file.label("probe"))
