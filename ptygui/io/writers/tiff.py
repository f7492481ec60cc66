"""Float32 TIFF as ImageJ and Fiji read it, with pixel size and unit (tifffile, ImageJ's TiffDecoder)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray


def write_tiff(
    path: Path, values: NDArray[np.float32], pixel_size_m: tuple[float, float] | None, info: str
) -> None:
    """Write one image.

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    values : (rows, cols) float32, kept bit by bit
    pixel_size_m : (y, x) or None
        Stored as micrometres; without it lengths stay in pixels.
    info : str
        ASCII text shown by ImageJ under Image > Show Info.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    options: dict[str, Any] = {"metadata": {"axes": "YX", "unit": "pixel", "Info": info}}
    if pixel_size_m is not None:
        height_um, width_um = (1e6 * size for size in pixel_size_m)
        options["resolution"] = (1 / width_um, 1 / height_um)  # x first
        options["metadata"]["unit"] = "um"
    memory = BytesIO()  # numpy's tofile, which tifffile uses on real files, is silent when the disk is full
    tifffile.imwrite(memory, np.asarray(values, np.float32), imagej=True, **options)
    path.write_bytes(memory.getbuffer())
