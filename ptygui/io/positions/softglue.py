"""Positions of APS 31-ID's softGlueZynq, an FPGA that samples the encoders while the detector counts.

Layout (Ptychodus, aps31id_lynx_sgz_position_file.py): like orchestra's `.dat`, a title and the names of the
columns, then one sample a row, separated by blanks, in micrometres; the sample's, so that the probe's have
the other sign. Raw files have `DataPoint x_st_fzp y_st_fzp ckUser_Clk_Count Detector_Count`, many rows for
each frame; processed ones `Detector_Count Average_x_st_fzp Stdev_x_st_fzp Average_y_st_fzp Stdev_y_st_fzp`.
`Detector_Count` is the number of the frame; the rows of a frame are averaged, as Ptychodus does.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.positions.orchestra import SAMPLE_MOTION, named_rows
from ptygui.io.positions.table import PositionTable, table_of

FRAME = "Detector_Count"


def sniff(start: bytes) -> bool:
    """Tell by the names in the second row."""
    rows = start.splitlines()
    names = rows[1].split() if len(rows) > 1 else []
    return FRAME.encode() in names and any(name.endswith(b"x_st_fzp") for name in names)


def read(path: Path, _scan: int | None = None) -> PositionTable:
    """Read and average over each frame; raises ScanError if rows and names do not fit."""
    names, values = named_rows(path)
    if not np.isfinite(values).all():
        raise ScanError(f"{path.name} must hold numbers alone below its two header rows: copy it again.")
    frames, means = _by_frame(values, names.index(FRAME))
    notes = []
    if len(means) < len(values):
        notes.append(f"{len(values):,} samples of the positions were averaged over {len(means):,} frames.")
    if (missing := _missing(frames)) > 0:
        notes.append(
            f"{path.name} has no positions of {missing:,} frames between the first and the last one: check "
            "that patterns and positions belong together."
        )
    units = tuple("um" if name.endswith(("x_st_fzp", "y_st_fzp")) else None for name in names)
    return table_of("softGlueZynq", names, means, units=units, orientation=SAMPLE_MOTION, notes=tuple(notes))


def _by_frame(values: NDArray[np.float64], column: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the numbers of the frames, in order, and the mean of the rows of each."""
    frames, group, count = np.unique(values[:, column], return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), values.shape[1]))
    np.add.at(sums, group.reshape(-1), values)
    return frames, sums / count[:, None]


def _missing(frames: NDArray[np.float64]) -> int:
    """Return how many numbers are left out between the first and the last."""
    return int(sum(max(later - earlier - 1, 0) for earlier, later in pairwise(frames.tolist())))
