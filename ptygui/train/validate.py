"""Looking at the whole canvas: what a generator's object is worth, by the engine that users run.

Never by the loss of single patterns: that can fall while the object gets worse.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ptygui.core import quality
from ptygui.core.canvas import Canvas, finish
from ptygui.core.events import Event, JobControl
from ptygui.core.scan import Batch, ObjectImage
from ptygui.reconstruct.fold import fold
from ptygui.reconstruct.polish import Polisher, polish
from ptygui.reconstruct.source import batches_of
from ptygui.train.data import TrainingScan, amplitude_of
from ptygui.train.module import ScanPhysics

BATCH_SIZE = 16

T = TypeVar("T")


@dataclass(frozen=True)
class Look:
    """One look at the canvas of a scan."""

    raw: ObjectImage
    polished: ObjectImage
    metrics: dict[str, float]
    """'raw.r1', 'polished.r1', ...; with a true object also 'raw.amplitude_ssim', ..."""


def look(
    generator: nn.Module,
    physics: ScanPhysics,
    data: TrainingScan,
    indices: NDArray[np.intp],
    polish_steps: int,
) -> Look:
    """Reconstruct the patterns at `indices` with a generator as it is; it is left in training mode."""
    canvas = Canvas()
    generator.eval()
    _drain(_fold(generator, physics, data, indices, canvas))
    generator.train()
    raw = finish(canvas)
    indices = np.array(sorted(canvas.seen), np.intp)  # without those whose patch was not finite
    polisher = Polisher(canvas, physics.probe, data.scan.bad_pixels)
    outcome = _drain(
        polish(
            polisher,
            lambda: batches_of(data.scan, indices, BATCH_SIZE),
            polish_steps,
            total=len(indices),
            batch_size=BATCH_SIZE,
            control=JobControl(),
        )
    )
    polished = polisher.image()
    metrics = {"amplitude_spread": float(np.std(raw.amplitude[raw.covered]))}
    for stage, image, residual in (
        ("raw", raw, outcome.residuals[0]),
        ("polished", polished, outcome.residuals[-1]),
    ):
        metrics |= {
            f"{stage}.r1": residual.r1,
            f"{stage}.r2": residual.r2,
            **_quality(stage, image, data, indices),
        }
    return Look(raw, polished, metrics)


def _fold(
    generator: nn.Module,
    physics: ScanPhysics,
    data: TrainingScan,
    indices: NDArray[np.intp],
    canvas: Canvas,
) -> Generator[Event, None, object]:
    @torch.inference_mode()
    def make_patches(batch: Batch) -> NDArray[np.complex64]:
        amplitude = amplitude_of(batch.patterns).to(physics.probe.device)
        patches: NDArray[np.complex64] = generator(physics.encoder(amplitude)).cpu().numpy()
        return patches

    return fold(
        batches_of(data.scan, indices, BATCH_SIZE),
        make_patches,
        canvas,
        physics.weights.cpu().numpy(),
        total=len(indices),
        batch_size=BATCH_SIZE,
        control=JobControl(),
    )


def _quality(
    stage: str, image: ObjectImage, data: TrainingScan, indices: NDArray[np.intp]
) -> dict[str, float]:
    truth = data.scan.reference_object
    if truth is None or not data.simulated:
        return {}
    found = quality.compare(image, truth, data.scan.positions_px[indices])
    return {
        f"{stage}.amplitude_ssim": found.amplitude_ssim,
        f"{stage}.phase_ssim": found.phase_ssim,
        f"{stage}.amplitude_mae": found.amplitude_mae,
        f"{stage}.complex_error": found.complex_error,
    }


def _drain(events: Generator[Event, None, T]) -> T:
    """Run to the end and return what the generator returns."""
    while True:
        try:
            next(events)
        except StopIteration as end:
            result: T = end.value
            return result
