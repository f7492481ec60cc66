"""Patterns in a dataset that counts them along one axis, or along the two of a raster."""

from __future__ import annotations

import h5py

from ptygui.core.scan import PatternSource
from ptygui.io.hdf5 import dataset
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.mapped_frames import open_mapped_stack


def open_frames(file: h5py.File, key: str) -> PatternSource:
    """Check a dataset (n, H, W), or (rows, columns, H, W) with the columns fastest, without reading it.

    Raises
    ------
    ScanError
        If it is absent, or holds something else.
    """
    if dataset(file, key).ndim == 4:
        return open_mapped_stack(file, key, (), frames_last=False)
    return open_stack(file, key)
