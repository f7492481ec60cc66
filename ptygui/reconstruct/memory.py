"""When memory runs out, the batch is halved and the work goes on.

Works for CUDA (torch.OutOfMemoryError) and for the CPU, whose allocators raise a RuntimeError or MemoryError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch

from ptygui.core.errors import DeviceError
from ptygui.core.events import Notice
from ptygui.core.scan import Batch

T = TypeVar("T")

_CPU_TEXTS = ("not enough memory", "can't allocate memory", "out of memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an exception says that the memory of a device is used up."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _CPU_TEXTS)


def part_of(batch: Batch, part: slice) -> Batch:
    """Cut a piece out of a batch."""
    return Batch(batch.indices[part], batch.patterns[part], batch.positions_px[part])


@dataclass
class Halving(Generic[T]):
    """Runs `compute` on batches in pieces that fit into memory.

    Attributes
    ----------
    compute : callable
        What is done with a piece; called again with a smaller piece if memory ran out, so it must not have
        changed anything before it failed.
    size : int
        Patterns at once; halved when memory runs out, and never enlarged again.
    """

    compute: Callable[[Batch], T]
    size: int

    def __call__(self, batch: Batch) -> Iterator[tuple[Batch, T] | Notice]:
        """Yield each piece with its result, and a Notice whenever the size was halved.

        Raises
        ------
        DeviceError
            If not even one pattern fits.
        """
        start = 0
        while start < len(batch.indices):
            piece = part_of(batch, slice(start, start + self.size))
            result = self._try(piece)
            if result is None:
                yield self._halve(len(piece.indices))
                continue
            yield piece, result
            start += len(piece.indices)

    def _try(self, piece: Batch) -> T | None:
        try:
            return self.compute(piece)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        # Outside the handler, so that the frames of the failed attempt no longer hold its tensors.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return None

    def _halve(self, failed: int) -> Notice:
        if failed == 1:
            raise DeviceError(
                "Not even one pattern fits into the memory of the device: choose a device with more free "
                "memory, or a smaller generator."
            )
        self.size = failed // 2
        text = f"Memory ran out with batches of {failed} patterns; going on with batches of {self.size}."
        return Notice(text, "warning")
