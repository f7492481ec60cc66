"""A detector's file that fabio reads (CBF, EDF, MarCCD and others), with one frame or several."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io.foreign import FABIO_ENDINGS
from ptygui.io.frame_formats import READ_ERRORS, damaged, open_with_fabio
from ptygui.io.raw_stack import beyond_single
from ptygui.io.registry import register_reader
from ptygui.io.series import files_alike
from ptygui.io.temporary import Report, silent


@register_reader
class FabioReader:
    """Frames of one file; those of a series are opened by their folder."""

    name: ClassVar[str] = "CBF, EDF and others (fabio)"
    extensions: ClassVar[tuple[str, ...]] = FABIO_ENDINGS
    last: ClassVar[bool] = True

    def sniff(self, path: Path) -> bool:
        """Tell by the ending and by content that is neither HDF5 nor an archive: fabio's formats are many."""
        try:
            with path.open("rb") as file:
                start = file.read(4)
        except OSError:
            return False
        return path.suffix.lower() in FABIO_ENDINGS and start not in (b"\x89HDF", b"PK\x03\x04")

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked."""
        frames = _open(path)
        return RawScan(
            name=path.stem,
            path=str(path),
            format=self.name,
            frames=frames,
            positions=None,
            stated=Reading(),
            notes=files_alike(path) if frames.shape[0] == 1 else (),
        )


@dataclass(frozen=True)
class FabioFrames:
    """The frames of a file that fabio reads; a PatternSource that opens it only while it is read."""

    path: Path
    shape: tuple[int, int, int]

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the frames at `indices`, (b, H, W) float32.

        Raises
        ------
        ScanError
            If the file has gone or is damaged, or a frame has another size.
        """
        frames = np.empty((len(indices), *self.shape[1:]), np.float32)
        with open_with_fabio(self.path) as image, beyond_single():
            for place, index in enumerate(np.asarray(indices)):
                frame = self._one(image, int(index))
                if frame.shape != self.shape[1:]:
                    raise ScanError(
                        f"{self.path.name} has a frame of {frame.shape} pixels, not of {self.shape[1:]}."
                    )
                frames[place] = frame
        return frames

    def _one(self, image: Any, index: int) -> NDArray[Any]:
        try:
            return np.asarray(image.get_frame(index).data if self.shape[0] > 1 else image.data)
        except READ_ERRORS as error:
            raise damaged(self.path.name, error) from error


def _open(path: Path) -> FabioFrames:
    with open_with_fabio(path) as image:
        try:
            first, n = np.asarray(image.data), int(image.nframes)
        except READ_ERRORS as error:
            raise damaged(path.name, error) from error
    if first.ndim != 2 or first.dtype.kind not in "buif" or 0 in first.shape or n < 1:
        raise ScanError(
            f"{path.name} must hold frames, real numbers of shape (H, W), not {first.dtype} of shape "
            f"{first.shape}."
        )
    return FabioFrames(path, (n, *first.shape))
