"""Looking at the whole canvas: what a generator's object is worth, by the engine that users run.

Never by the loss of single patterns: that can fall while the object gets worse.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ptygui.core import quality
from ptygui.core.canvas import Canvas, finish
from ptygui.core.errors import RecipeError
from ptygui.core.events import Event, JobControl
from ptygui.core.evidence import Residual
from ptygui.core.scan import ObjectImage
from ptygui.physics.forward import amplitudes
from ptygui.physics.likelihood import ResidualSums
from ptygui.reconstruct.fold import fold
from ptygui.reconstruct.network import Network
from ptygui.reconstruct.polish import Polisher, polish
from ptygui.reconstruct.source import batches_of
from ptygui.train.data import TrainingScan, read_amplitude
from ptygui.train.scan_physics import ScanPhysics

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
    beat: Callable[[], object] = lambda: None,
) -> Look:
    """Reconstruct some patterns of a scan with a generator as it is; it is left in training mode.

    Parameters
    ----------
    generator : nn.Module
    physics : ScanPhysics
        Of the scan, on the generator's device.
    data : TrainingScan
    indices : (n,) which patterns
    polish_steps : int
    beat : callable
        Called again and again while it works, which may take a minute.

    Raises
    ------
    RecipeError
        If the generator gives nothing that can be drawn.
    ScanError
        If the patterns cannot be read.
    """
    canvas = _drawn(generator, physics, data, indices, beat)
    seen = np.array(sorted(canvas.seen), np.intp)  # without those whose patch was not finite
    raw = finish(canvas)
    polisher = Polisher(canvas, physics.probe, data.scan.bad_pixels)
    residuals = _polished(polisher, data, seen, polish_steps, beat)
    polished = polisher.image()
    metrics = {
        "amplitude_spread": float(np.std(raw.amplitude[raw.covered])),
        **_figures("raw", raw, residuals[0], data, seen),
        **_figures("polished", polished, residuals[-1], data, seen),
    }
    return Look(raw, polished, metrics)


@torch.inference_mode()
def flat_residual(physics: ScanPhysics, data: TrainingScan, indices: NDArray[np.intp]) -> float:
    """R1 that the flat object, 1 everywhere, leaves on some patterns: what is reached without learning.

    Raises
    ------
    ScanError
        If the patterns cannot be read.
    """
    flat = torch.ones(1, *data.scan.pattern_shape, dtype=torch.complex64, device=physics.probe.device)
    computed = amplitudes(flat, physics.probe)  # the same wherever the probe lies
    sums = ResidualSums()
    for start in range(0, len(indices), BATCH_SIZE):
        measured = read_amplitude(data.scan, indices[start : start + BATCH_SIZE]).to(computed.device)
        sums.add(measured, computed, physics.good)
    return sums.r1


def _drawn(
    generator: nn.Module,
    physics: ScanPhysics,
    data: TrainingScan,
    indices: NDArray[np.intp],
    beat: Callable[[], object],
) -> Canvas:
    canvas = Canvas()
    generator.eval()
    events = fold(
        batches_of(data.scan, indices, BATCH_SIZE),
        Network(generator, physics.encoder),
        canvas,
        physics.weights.cpu().numpy(),
        total=len(indices),
        batch_size=BATCH_SIZE,
        control=JobControl(),
    )
    _drain(events, beat)
    generator.train()
    if not canvas.seen:
        raise RecipeError(
            f"The generator gives no finite number for any of {len(indices)} patterns. Mark as bad the "
            "pixels that are not finite; if there are none, the training has diverged: train with a "
            "smaller learning rate."
        )
    return canvas


def _polished(
    polisher: Polisher,
    data: TrainingScan,
    indices: NDArray[np.intp],
    steps: int,
    beat: Callable[[], object],
) -> list[Residual]:
    """Polish in place; return the residuals before the first and after each step."""
    events = polish(
        polisher,
        lambda: batches_of(data.scan, indices, BATCH_SIZE),
        steps,
        total=len(indices),
        batch_size=BATCH_SIZE,
        control=JobControl(),
    )
    return _drain(events, beat).residuals


def _figures(
    stage: str, image: ObjectImage, residual: Residual, data: TrainingScan, indices: NDArray[np.intp]
) -> dict[str, float]:
    """Name the residual, and the quality if the truth is known, of one stage."""
    figures = asdict(residual)
    truth = data.scan.reference_object
    if truth is not None and data.simulated:
        positions_px = data.scan.positions_px[indices]
        figures |= asdict(quality.compare(image, truth, positions_px))
        figures["frc50"] = quality.frc50(image, truth, positions_px)
    return {f"{stage}.{name}": value for name, value in figures.items()}


def _drain(events: Generator[Event, None, T], beat: Callable[[], object]) -> T:
    """Run to the end, with a beat at every event, and return what the generator returns."""
    while True:
        try:
            next(events)
            beat()
        except StopIteration as end:
            result: T = end.value
            return result
