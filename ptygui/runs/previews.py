"""A preview of the object in a file of its own: numpy's .npz, never pickled, whole or absent."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from ptygui.core.atomic import replacing
from ptygui.core.scan import ObjectImage
from ptygui.runs.layout import RunError


def write_preview(path: Path, image: ObjectImage) -> None:
    """Write `image` to `path` atomically.

    Keys: `object` (rows, cols) complex64; `covered` (rows, cols) bool; `origin_px` (2,) float64 (row, col);
    `pixel_size_m` (2,) float64 (y, x), or (0,) when the geometry is unknown; `stride` int64.
    """
    size = image.pixel_size_m or ()
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            object=image.values.astype(np.complex64, copy=False),
            covered=image.covered,
            origin_px=np.asarray(image.origin_px, np.float64),
            pixel_size_m=np.asarray(size, np.float64),
            stride=np.int64(image.stride),
        )


def read_preview(path: Path) -> ObjectImage:
    """Read what `write_preview` wrote.

    Raises
    ------
    RunError
        If the file is gone, cut short or something else.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            size = tuple(arrays["pixel_size_m"].tolist())
            return ObjectImage(
                values=arrays["object"].astype(np.complex64, copy=False),
                covered=arrays["covered"].astype(bool, copy=False),
                origin_px=tuple(arrays["origin_px"].tolist()),
                pixel_size_m=size or None,
                stride=int(arrays["stride"]),
            )
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise RunError(f"{path} is no preview that can be read: {error}.") from error
