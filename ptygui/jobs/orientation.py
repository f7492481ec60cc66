"""Finding how the detector lay to the stages, as a job."""

from __future__ import annotations

from collections.abc import Generator

from ptygui.core.events import OrientationFound, Progress
from ptygui.core.scan import Scan


def find_orientation(scan: Scan) -> Generator[Progress | OrientationFound]:
    """Try all orientations on a few patterns; ends with `OrientationFound`. Closing the iterator cancels.

    Some ten seconds of one CPU core.

    Raises
    ------
    RecipeError, ScanError
    """
    import torch

    from ptygui.reconstruct import orientation

    torch.set_flush_denormal(True)
    yield from orientation.find_orientation(scan)
