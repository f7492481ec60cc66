"""What speaks for a refined object: residuals of each pattern, and two halves of the scan that agree."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from ptygui.core.describe import has_whole_counts
from ptygui.core.events import Event
from ptygui.core.evidence import Evidence, Residual
from ptygui.core.frc import RingCorrelation, ring_correlation
from ptygui.core.quality import ComparisonError, common_area
from ptygui.core.scan import ObjectImage
from ptygui.physics.slope import Setting, Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.data import Data
from ptygui.reconstruct.refine.engines.gradient import GradientEngine
from ptygui.reconstruct.refine.finish import Easel
from ptygui.reconstruct.refine.problem import Problem
from ptygui.reconstruct.verdict import flat_residual

HALF_EPOCHS = 20
"""For each half, from the flat object."""
_OBJECT = Free(object=True, probe=False)


def look_back(
    problem: Problem, at: Unknowns, easel: Easel
) -> Generator[Event, None, tuple[Evidence, Residual]]:
    """Look at every pattern once more; a stop comes too late for that.

    Parameters
    ----------
    problem : Problem
    at : Unknowns
        In its gauge.
    easel : Easel
    """
    data, last = problem.data, problem.unstoppable()
    tally = yield from last.judged_by("amplitude").tally(at)
    deviance = None
    if has_whole_counts(data.scan):
        noise = yield from last.judged_by("poisson").tally(at)
        deviance = (4 * _there(noise).values / data.pixels).float().cpu().numpy()
    tally = _there(tally)
    return Evidence(
        r1=(tally.absolute / data.amplitude_sums.clamp_min(1e-30)).cpu().numpy().astype(np.float32),
        deviance=deviance,
        shifts_px=easel.positions(at) - data.scan.positions_px,
        flat=flat_residual(data.scan, at.probe.cpu().numpy()),
    ), data.residual(tally)


def _there(tally: Tally | None) -> Tally:
    assert tally is not None  # nothing stops what is unstoppable
    return tally


def half_scan(problem: Problem, at: Unknowns, easel: Easel) -> Generator[Event, None, RingCorrelation | None]:
    """Make the object of every other pattern, twice, and correlate them; None if it was stopped."""
    images: list[ObjectImage] = []
    for first in (0, 1):
        values = yield from _refine_part(problem, at, np.arange(first, len(problem.data), 2), HALF_EPOCHS)
        if values is None:
            return None
        images.append(easel.image(values))
    return correlate(images[0], images[1], easel.positions(at))


def correlate(a: ObjectImage, b: ObjectImage, positions_px: NDArray[np.float64]) -> RingCorrelation | None:
    """Correlate two pictures where the positions are; None if that is too small an area."""
    try:
        area = common_area(a, b, positions_px)
    except ComparisonError:
        return None
    size = None if a.pixel_size_m is None else float(np.mean(a.pixel_size_m))
    return ring_correlation(area.first, area.second, pixel_size_m=size)


def _refine_part(
    problem: Problem, at: Unknowns, chosen: NDArray[np.intp], epochs: int
) -> Generator[Event, None, Unknowns | None]:
    """Refine the object alone, from flat, with some of the patterns."""
    part = part_of(problem, chosen)
    some = torch.from_numpy(chosen).to(at.shifts.device)
    flat = replace(at, object=torch.ones_like(at.object), shifts=at.shifts[some], gains=at.gains[some])
    engine = GradientEngine(part, flat, _OBJECT, RefineConfig())
    for _ in range(epochs):
        tally = yield from engine.epoch()
        if tally is None:
            return None
        if engine.settled:
            break
    return engine.at


def part_of(problem: Problem, chosen: NDArray[np.intp]) -> Problem:
    """Return the same problem for some of the patterns."""
    data = problem.data
    some = torch.from_numpy(chosen).to(data.device)
    where = problem.setting.windows
    windows = replace(where, corners=where.corners[some], rests=where.rests[some])
    setting: Setting = replace(problem.setting, windows=windows)
    smaller = Data(data.scan, data.device, data.batch_size, data.chosen[chosen])
    return replace(problem, data=smaller, setting=setting, moved=problem.moved[some])
