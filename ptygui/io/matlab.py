"""MATLAB files (.mat) as plain numbers: versions 5 to 7 (matlab_v5), and 7.3, which is HDF5 (matlab_v73).

Objects, function handles and what else would have to be built or run is refused; nothing is allocated by
what a file merely declares.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.scan import PatternSource
from ptygui.io import matlab_v5, matlab_v73
from ptygui.io.temporary import Report, silent


class MatFile(Protocol):
    """The variables of a file; fields of a structure are named with dots: 'p.lambda'."""

    @property
    def path(self) -> Path:
        """For messages."""
        ...

    @property
    def keys(self) -> set[str]:
        """Names of the variables; fields are not among them."""
        ...

    def __contains__(self, key: str) -> bool: ...

    def array(self, key: str) -> NDArray[Any]:
        """Read numbers with MATLAB's axes: element [i, j] is MATLAB's (i + 1, j + 1).

        Raises
        ------
        ScanError
            If they are absent, no numbers, or unreasonably large.
        """
        ...

    def stack(self, key: str) -> PatternSource:
        """Open MATLAB's (H, W, ...) as frames (n, W, H): as they lie in the file, each one transposed.

        Raises
        ------
        ScanError
            Like `array`, and if they are complex.
        """
        ...

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        ...


@contextmanager
def open_mat(path: Path, report: Report = silent) -> Iterator[MatFile]:
    """Open a file of any version from 5; stacks that were opened stay readable after the block.

    Parameters
    ----------
    path : Path
    report : Report
        Told how far a compressed stack is unpacked.

    Raises
    ------
    ScanError
        If it is no MATLAB file, or damaged.
    """
    if matlab_v73.is_v73(path):
        with matlab_v73.open_v73(path) as file:
            yield file
    else:
        yield matlab_v5.open_v5(path, report)


def peek_variables(path: Path) -> set[str]:
    """Return the names of a file's variables; empty if it is no MATLAB file, or damaged. Never raises."""
    try:
        with open_mat(path) as file:
            return file.keys
    except (ScanError, OSError):
        return set()


def number(file: MatFile, key: str) -> float | None:
    """Read one positive number; None if there is none, or it is not positive. Raises ScanError."""
    if key not in file:
        return None
    values = file.array(key)
    if values.size != 1 or values.dtype.kind == "c":
        raise ScanError(f"{file.label(key)} must hold one real number, not the shape {values.shape}.")
    value = float(values.reshape(-1)[0])
    return value if np.isfinite(value) and value > 0 else None


def pair(file: MatFile, key: str) -> tuple[float, float] | None:
    """Read two positive numbers, or one for both; None if there are none. Raises ScanError."""
    if key not in file:
        return None
    values = file.array(key).reshape(-1)
    if values.size not in (1, 2) or values.dtype.kind == "c":
        raise ScanError(f"{file.label(key)} must hold one or two real numbers, not {values.size}.")
    first, last = float(values[0]), float(values[-1])
    return (first, last) if np.isfinite(first + last) and min(first, last) > 0 else None
