"""Polish: averaged projections on the whole canvas, patterns streamed in batches.

Each pass over the data reads the residual of the object as it stands and, with the same forward model,
gathers the next step: n steps with all their residuals cost n + 1 passes. The arithmetic is that of
physics.projections.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptygui.core.canvas import Canvas, finish
from ptygui.core.events import Event, JobControl, Notice, Preview
from ptygui.core.evidence import Residual
from ptygui.core.scan import Batch, ObjectImage
from ptygui.physics import projections
from ptygui.physics.forward import good_pixels, measured_amplitude
from ptygui.physics.likelihood import ResidualSums
from ptygui.physics.patches import Layout, layout
from ptygui.reconstruct.memory import Halving
from ptygui.reconstruct.pace import Pace, PreviewClock, preview_stride

MOMENTUM = 0.2
"""So small that no step overshoots: the object gets better step by step, wherever one stops."""
EMPTY_WEIGHT = 5e-4
"""Below half the floor of a patch's weight, a canvas pixel lies outside every patch."""


@dataclass(frozen=True)
class Share:
    """What one batch adds to a pass."""

    area: tuple[slice, slice]
    """The smallest part of the canvas that holds the batch."""
    numerator: Tensor
    illumination: Tensor
    measured: Tensor
    """(b, H, W) amplitudes."""
    computed: Tensor
    """(b, H, W) amplitudes that the object causes as it stands."""


class Pass:
    """The sums of one pass over the data, for an object of shape (rows, cols)."""

    def __init__(self, values: Tensor) -> None:
        self.numerator = torch.zeros_like(values)
        self.illumination = torch.zeros_like(values.real)
        self.sums = ResidualSums()

    def add(self, share: Share, good: Tensor | None) -> None:
        """Add a batch's share."""
        self.numerator[share.area] += share.numerator
        self.illumination[share.area] += share.illumination
        self.sums.add(share.measured, share.computed, good)

    @property
    def residual(self) -> Residual:
        """Residual of the object that the pass looked at."""
        return Residual(self.sums.r1, self.sums.r2)


class Polisher:
    """The object being polished.

    Parameters
    ----------
    canvas : Canvas
        The raw result: start and covered area.
    probe : (modes, H, W) complex tensor, scaled, on the computing device
    bad_pixels : (H, W) bool or None
    """

    def __init__(self, canvas: Canvas, probe: Tensor, bad_pixels: NDArray[np.bool_] | None = None) -> None:
        self.canvas = canvas
        self.probe = probe
        good = good_pixels(bad_pixels)
        self.good = None if good is None else good.to(probe.device)
        self.values = torch.from_numpy(mean_object(canvas)).to(probe.device)
        self.velocity = torch.zeros_like(self.values)

    @torch.inference_mode()
    def look(self, batch: Batch) -> Share:
        """Compute a batch's share of a pass; changes nothing, so it can be tried again."""
        where = self._lay_out(batch)
        row, col = (int(v) for v in where.origins[0].tolist())
        row, col = row - self.canvas.origin[0], col - self.canvas.origin[1]
        area = np.s_[row : row + where.canvases[1], col : col + where.canvases[2]]
        measured = measured_amplitude(torch.from_numpy(batch.patterns).to(self.probe.device), self.good)
        numerator, illumination, computed = projections.object_update(
            self.values[area][None], self.probe, measured, where, self.good
        )
        return Share(area, numerator[0], illumination[0], measured, computed)

    @torch.inference_mode()
    def step(self, found: Pass) -> None:
        """Move the object by what a whole pass found."""
        self.velocity = projections.step(
            found.numerator, found.illumination, self.velocity, self.probe, MOMENTUM
        )
        self.values = self.values + self.velocity

    def image(self, stride: int = 1) -> ObjectImage:
        """Picture of the object as it stands, within the area that the raw one covers."""
        raw = finish(self.canvas, stride=stride)
        values = self.values[::stride, ::stride].cpu().numpy()
        return replace(raw, values=np.where(raw.covered, values, np.complex64(0)))

    def _lay_out(self, batch: Batch) -> Layout:
        one_canvas = torch.zeros(len(batch.indices), dtype=torch.int64)
        shape = self.probe.shape[-2:]
        return layout(torch.from_numpy(batch.positions_px), one_canvas, shape).to(self.probe.device)


def mean_object(canvas: Canvas) -> NDArray[np.complex64]:
    """Whole canvas divided by its weights, (rows, cols) complex64; 1, the flat object, where nothing lies."""
    values = np.ones(canvas.weights.shape, np.complex64)
    np.divide(canvas.weighted_sum, canvas.weights, out=values, where=canvas.weights > EMPTY_WEIGHT)
    return values


@dataclass
class PolishOutcome:
    """What polishing leaves besides the object."""

    residuals: list[Residual] = field(default_factory=list)
    """Before the first step, and after each step; one less if stopped."""
    steps: int = 0
    """Complete steps taken."""
    seconds: float = 0.0
    stopped: bool = False


def polish(
    polisher: Polisher,
    batches: Callable[[], Generator[Batch]],
    steps: int,
    *,
    total: int,
    batch_size: int,
    control: JobControl,
) -> Generator[Event, None, PolishOutcome]:
    """Take `steps` averaged projections; yields events, returns the residuals.

    Stopping keeps the last complete step.

    Parameters
    ----------
    polisher : Polisher
        Changed in place.
    batches : callable
        Makes a new iterator over the patterns that the canvas has seen, once for each pass.
    total : int
        Patterns in a pass.
    """
    outcome = PolishOutcome()
    stage = f"Polishing in {steps + 1} passes:" if steps else "Comparing with the data"
    pace = Pace(stage, total * (steps + 1))
    halving, clock = Halving(polisher.look, batch_size), PreviewClock()
    stride = preview_stride(polisher.canvas.weights.shape)
    coverage = len(polisher.canvas.seen) / total
    for number in range(steps + 1):
        found = yield from _pass(polisher, batches(), halving, pace, number * total, control)
        outcome.stopped = found is None
        if found is None:
            break
        outcome.residuals.append(found.residual)
        if number < steps:
            polisher.step(found)
            outcome.steps += 1
            if clock.due() or number == steps - 1:
                yield Preview(polisher.image(stride), "polished", coverage)
                clock.shown()
    outcome.seconds = pace.seconds
    return outcome


def _pass(
    polisher: Polisher,
    batches: Generator[Batch],
    halving: Halving[Batch, Share],
    pace: Pace,
    done: int,
    control: JobControl,
) -> Generator[Event, None, Pass | None]:
    """Gather one pass over the data; None if it was stopped on the way."""
    found = Pass(polisher.values)
    with closing(batches):
        for batch in batches:
            if control.stop_requested:
                return None
            for made in halving(batch):
                if isinstance(made, Notice):
                    yield made
                    continue
                piece, share = made
                found.add(share, polisher.good)
                done += len(piece.indices)
                yield pace.progress(done)
    return found
