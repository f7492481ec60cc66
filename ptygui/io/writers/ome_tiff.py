"""OME-TIFF: amplitude and phase as two channels of one float32 file, with pixel sizes (OME 2016-06)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from ptygui.core.scan import ObjectImage


def write_ome_tiff(path: Path, image: ObjectImage, name: str, info: str) -> None:
    """Write a picture as OME-TIFF; pixels that are not covered are 0.

    Parameters
    ----------
    path : Path
        Ends in '.ome.tif'; replaced if it exists.
    image : ObjectImage
        Its pixel size is stored in micrometres; without it lengths stay in pixels.
    name, info : str
        Name and description of the image.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    channels = np.stack([image.amplitude * image.covered, image.phase * image.covered]).astype(np.float32)
    metadata: dict[str, Any] = {
        "axes": "CYX",
        "Name": name,
        "Description": info,
        "Channel": {"Name": ["amplitude", "phase (rad)"]},
    }
    if image.pixel_size_m is not None:
        height, width = image.pixel_size_m
        metadata |= {
            "PhysicalSizeX": width * 1e6,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": height * 1e6,
            "PhysicalSizeYUnit": "µm",
        }
    memory = BytesIO()  # numpy's tofile, which tifffile uses on real files, is silent when the disk is full
    tifffile.imwrite(memory, channels, ome=True, photometric="minisblack", metadata=metadata)
    path.write_bytes(memory.getbuffer())
