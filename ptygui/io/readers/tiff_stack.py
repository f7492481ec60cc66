"""TIFF files with a frame a page (also OME-TIFF, BigTIFF and ImageJ's stacks); positions are elsewhere.

Source: Adobe TIFF 6.0; ImageJ writes the frames of stacks above 4 GB one after the other behind one page.
"""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tifffile
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import PatternSource
from ptygui.io.foreign import TIFF_MAGIC
from ptygui.io.frame_formats import READ_ERRORS, TIFF_ENDINGS, damaged, read_page, refuse_circle
from ptygui.io.raw_stack import RawStack, beyond_single
from ptygui.io.registry import register_reader
from ptygui.io.series import files_alike
from ptygui.io.temporary import Report, silent


@register_reader
class TiffStackReader:
    """Frames of a TIFF file, page by page."""

    name: ClassVar[str] = "TIFF stack"
    extensions: ClassVar[tuple[str, ...]] = TIFF_ENDINGS
    last: ClassVar[bool] = True

    def sniff(self, path: Path) -> bool:
        """Tell by the first bytes."""
        try:
            with path.open("rb") as file:
                return file.read(4) in TIFF_MAGIC
        except OSError:
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked."""
        frames = open_tiff(path)
        return RawScan(
            name=path.stem,
            path=str(path),
            format=self.name,
            frames=frames,
            positions=None,
            stated=Reading(),
            notes=files_alike(path) if frames.shape[0] == 1 else (),
        )


class TiffPages:
    """Pages of an open TIFF file; a PatternSource that owns the file.

    Parameters
    ----------
    file : TiffFile
        Closed when the source is no longer used.
    pages : sequence of TiffPage
    shape : (n, H, W)
    name : str
        For messages.
    """

    def __init__(self, file: Any, pages: Any, shape: tuple[int, int, int], name: str) -> None:
        self._file, self._pages, self.shape, self._name = file, pages, shape, name
        self._lock = threading.Lock()
        weakref.finalize(self, file.close)

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the pages at `indices`, (b, H, W) float32; raises ScanError if one is damaged."""
        frames = np.empty((len(indices), *self.shape[1:]), np.float32)
        with self._lock, beyond_single():
            for place, index in enumerate(np.asarray(indices)):
                frames[place] = self._one(int(index))
        return frames

    def _one(self, index: int) -> NDArray[Any]:
        label = f"{self._name}, page {index + 1},"
        try:
            frame = read_page(self._pages[index], self._file.filehandle.size, label)
        except READ_ERRORS as error:
            raise damaged(label, error) from error
        if frame.shape != self.shape[1:]:
            raise ScanError(
                f"{label} has a frame of {frame.shape} pixels, not of {self.shape[1:]} as others."
            )
        return frame


def open_tiff(path: Path) -> PatternSource:
    """Open a TIFF file as frames; raises ScanError if it is damaged or holds no frames in grey."""
    try:
        file = tifffile.TiffFile(path)
    except READ_ERRORS as error:
        raise damaged(path.name, error) from error
    try:
        frames = _frames(file, path)
        read = frames.read(np.zeros(1, np.intp))  # what cannot be decoded is told now
        assert read.shape[1:] == frames.shape[1:]
    except BaseException as error:
        file.close()
        if isinstance(error, READ_ERRORS):
            raise damaged(path.name, error) from error
        raise
    return frames


def _frames(file: Any, path: Path) -> PatternSource:
    refuse_circle(file, path.name)
    series = file.series[0]
    shape = tuple(int(length) for length in series.shape if length != 1) or (1, 1)
    if series.dataoffset is not None and len(series.pages) == 1 and len(shape) == 3:
        return _contiguous(file, path, series, shape)
    pages = file.pages
    first = pages[0]
    read_page(first, file.filehandle.size, path.name)
    return TiffPages(file, pages, (len(pages), *first.shape), path.name)


def _contiguous(file: Any, path: Path, series: Any, shape: tuple[int, ...]) -> PatternSource:
    """Return frames that lie one after the other behind a single page."""
    dtype = np.dtype(file.byteorder + series.dtype.char)
    n, height, width = shape
    offset, size = int(series.dataoffset), file.filehandle.size
    file.close()
    if dtype.kind not in "buif" or offset + n * height * width * dtype.itemsize > size:
        raise ScanError(f"{path.name} declares frames of {shape}, more than the file holds: copy it again.")
    return RawStack(path.open("rb"), offset, (n, height, width), dtype, label=path.name)
