"""Batches for the fold: patterns paired with their positions, read one batch ahead.

While the network computes, a thread reads the next batch, so that reading hides behind computing. At most
one batch waits: memory does not grow with the scan.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ptygui.core.scan import Batch, Scan


def prefetched(batches: Iterator[Batch]) -> Generator[Batch]:
    """Yield the same batches, each read while the one before it is used.

    Closing the iterator waits for the read under way (one batch) and ends the thread. An error while reading
    is raised where its batch would have come.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ptygui-reader") as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def batches_of(scan: Scan, indices: NDArray[np.intp], size: int) -> Generator[Batch]:
    """Read the patterns at `indices` of a scan in this order, `size` at a time."""
    for start in range(0, len(indices), size):
        yield scan.batch(indices[start : start + size])
