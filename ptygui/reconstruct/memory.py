"""When memory runs out, the batch is halved and the work goes on.

Works for CUDA (torch.OutOfMemoryError) and for the CPU, whose allocators raise a RuntimeError or MemoryError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

import torch

from ptygui.core.errors import DeviceError
from ptygui.core.events import Notice


class Sliceable(Protocol):
    """Patterns that can be taken in pieces."""

    def __len__(self) -> int: ...

    def part(self, part: slice) -> Self:
        """Return some of them."""
        ...


B = TypeVar("B", bound=Sliceable)
T = TypeVar("T")

_CPU_TEXTS = ("not enough memory", "can't allocate memory", "out of memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an exception says that the memory of a device is used up."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _CPU_TEXTS)


@dataclass
class Halving(Generic[B, T]):
    """Runs `compute` on batches in pieces that fit into memory.

    Attributes
    ----------
    compute : callable
        What is done with a piece; called again with a smaller piece if memory ran out, so it must not have
        changed anything before it failed.
    size : int
        Patterns at once; halved when memory runs out, and never enlarged again.
    """

    compute: Callable[[B], T]
    size: int

    def __call__(self, batch: B) -> Iterator[tuple[B, T] | Notice]:
        """Yield each piece with its result, and a Notice whenever the size was halved.

        Raises
        ------
        DeviceError
            If not even one pattern fits.
        """
        start = 0
        while start < len(batch):
            piece = batch.part(slice(start, start + self.size))
            result = self._try(piece)
            if result is None:
                yield self._halve(len(piece))
                continue
            yield piece, result
            start += len(piece)

    def _try(self, piece: B) -> T | None:
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
