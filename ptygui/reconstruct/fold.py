"""The engine: a fold of batches of patterns into a canvas, with events on the way.

    patterns -> generator -> patches -> finite? -> canvas += |P|²-weighted patches -> progress, preview

Every `yield` is a place to cancel: closing the iterator there ends the work within a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptygui.core.canvas import Canvas, finish
from ptygui.core.events import Event, JobControl, Notice, Preview
from ptygui.core.scan import Batch
from ptygui.reconstruct.memory import Halving
from ptygui.reconstruct.pace import Pace, PreviewClock, preview_stride

PatchMaker = Callable[[Batch], NDArray[np.complex64]]
"""What a generator does for the fold: a batch in, its patches (b, H, W) in units of the flat object out."""


@dataclass
class FoldOutcome:
    """What a fold leaves besides the canvas."""

    seconds: float = 0.0
    stopped: bool = False
    lost: int = 0
    """Patterns whose patch was not finite: they are not in the canvas."""


def fold(
    batches: Generator[Batch],
    make_patches: PatchMaker,
    canvas: Canvas,
    weights: NDArray[np.float32],
    *,
    total: int,
    batch_size: int,
    control: JobControl,
) -> Generator[Event, None, FoldOutcome]:
    """Fold batches into `canvas`; yields events and returns what there is to say.

    Parameters
    ----------
    batches : generator of Batch
        Closed at the end, also after an error.
    make_patches : PatchMaker
        Called with at most `batch_size` patterns; halved when memory runs out.
    canvas : Canvas
        Changed in place.
    weights : (H, W) float32
        Weight of a patch pixel: |P|² over its maximum, plus a small floor.
    total : int
        Patterns to expect, for progress and coverage.
    """
    outcome, pace, clock = FoldOutcome(), Pace("Reconstructing", total), PreviewClock()
    halving = Halving(make_patches, batch_size)
    done = 0
    with closing(batches):
        for batch in batches:
            for made in halving(batch):
                if isinstance(made, Notice):
                    yield made
                    continue
                piece, patches = made
                outcome.lost += add_finite(canvas, piece, patches, weights)
                done += len(piece.indices)
                yield pace.progress(done)
                if clock.due() and canvas.seen:
                    yield preview(canvas, total)
                    clock.shown()
            outcome.stopped = control.stop_requested and done < total
            if outcome.stopped:
                break
    outcome.seconds = pace.seconds
    if canvas.seen:
        yield preview(canvas, total)
    return outcome


def add_finite(
    canvas: Canvas, batch: Batch, patches: NDArray[np.complex64], weights: NDArray[np.float32]
) -> int:
    """Add the patches that are finite everywhere; returns how many are not, and were left out."""
    finite = np.isfinite(patches).all(axis=(1, 2))
    canvas.add(patches[finite], weights, batch.positions_px[finite], batch.indices[finite])
    return int((~finite).sum())


def preview(canvas: Canvas, total: int) -> Preview:
    """Whole state of the raw object, strided so that the window only has to paint it."""
    stride = preview_stride(canvas.weights.shape)
    seen = np.fromiter(canvas.seen, np.intp, len(canvas.seen))
    return Preview(finish(canvas, stride=stride), "raw", len(seen) / total, seen)
