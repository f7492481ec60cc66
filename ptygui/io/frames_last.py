"""Rewrite a stack whose frame index runs fastest, (rows, cols, n), so that frames can be read one by one."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.raw_stack import RawStack
from ptygui.io.temporary import Report, scratch_file, silent

SLAB_BYTES = 32 << 20
"""How much of the stack is held in memory at once."""


def rewrite_frames_first(
    file: BinaryIO,
    offset: int,
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    *,
    transposed: bool,
    label: str,
    report: Report = silent,
) -> RawStack:
    """Copy a stack (rows, cols, n) into a temporary file as (n, rows, cols).

    Memory stays at `SLAB_BYTES`, whatever the size; the disk holds the patterns once more. `file` is read
    from byte `offset` and left open; `transposed` is passed on to the `RawStack`; `report` is told how far
    the copy is.

    Raises
    ------
    ScanError
        If the disk is too full or the file ends early.
    """
    rows, cols, n = shape
    frame_bytes = rows * cols * dtype.itemsize
    step = max(1, SLAB_BYTES // (n * dtype.itemsize))
    file.seek(offset)
    with scratch_file(label, n * frame_bytes) as target:
        for pixel in range(0, rows * cols, step):
            slab = _read_slab(file, (min(step, rows * cols - pixel), n), dtype, label)
            for frame, values in enumerate(np.ascontiguousarray(slab.T)):
                target.seek(frame * frame_bytes + pixel * dtype.itemsize)
                target.write(values.tobytes())
            report(min(1.0, (pixel + step) / (rows * cols)))
    return RawStack(target, 0, (n, rows, cols), dtype, transposed=transposed, label=label)


def _read_slab(file: BinaryIO, shape: tuple[int, int], dtype: np.dtype[Any], label: str) -> NDArray[Any]:
    data = file.read(shape[0] * shape[1] * dtype.itemsize)
    if len(data) != shape[0] * shape[1] * dtype.itemsize:
        raise ScanError(f"{label} ends too early: copy it again.")
    return np.frombuffer(data, dtype).reshape(shape)
