"""What a refinement begins with: a picture or the flat object, a probe, positions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from ptygui.core.errors import RecipeError
from ptygui.core.events import Reconstruction, Stage, StageResult
from ptygui.core.fourier import detector_intensity
from ptygui.core.probe import hermite_modes, orthogonalise_modes
from ptygui.core.scan import ObjectImage, Scan, spread_indices
from ptygui.physics.unknowns import Unknowns
from ptygui.physics.windows import Windows, windows
from ptygui.reconstruct.probe import measure_scale, own_probe

DOUBTFUL = 0.3
"""Share of the mean pattern's amplitude that a probe may leave unexplained before it is doubted.

0.05 to 0.15 under a true probe, up to 0.4 for objects of strong phase; 0.4 and more under wrong apertures. A
wrong defocus does not show."""
PATTERNS = 256
MODE_SHARE = 0.1
"""Power of a new mode, by that of the first: modes shrink more quickly than they grow."""


@dataclass(frozen=True)
class Start:
    """The point of departure.

    Attributes
    ----------
    before : StageResult or None
        The picture that is refined; None: the flat object.
    earlier : tuple of StageResult
        The stages of its result up to it, which are kept.
    probe : (modes, H, W) complex64
    positions_px : (n, 2) float64
    recipe : dict
        How the picture was made.
    """

    before: StageResult | None
    earlier: tuple[StageResult, ...]
    probe: NDArray[np.complex64]
    positions_px: NDArray[np.float64]
    recipe: dict[str, object]
    coverage: float = 1.0
    """Share of the patterns that is in the earlier stages."""

    @property
    def words(self) -> str:
        """What is refined."""
        return "the flat object" if self.before is None else f"the {self.before.stage} picture"


def choose_start(scan: Scan, result: Reconstruction | None, stage: Stage | None, modes: int) -> Start:
    """Choose where to begin.

    Parameters
    ----------
    scan : Scan
    result : Reconstruction or None
        None: the flat object, under the scan's probe, or the focus of its mean pattern.
    stage : Stage or None
        None: the last one of the result.
    modes : int
        Of the probe; 0: as many as there are.

    Raises
    ------
    RecipeError
        If the result is of another scan, or has no such stage.
    """
    if result is None:
        probe = own_probe(scan)
        probe = np.asarray(probe * measure_scale(scan, probe), np.complex64)
        return Start(None, (), with_modes(probe, modes), scan.positions_px, {})
    chosen = result.best if stage is None else next((s for s in result.stages if s.stage == stage), None)
    if chosen is None:
        raise RecipeError(f"The result of {result.scan_name} has no picture '{stage}'.")
    _refuse_foreign(scan, chosen, result.scan_name)
    earlier = result.stages[: result.stages.index(chosen) + 1]
    earlier = tuple(kept for kept in earlier if kept.stage != "refined")  # it becomes the new one
    return Start(
        chosen, earlier, with_modes(chosen.probe, modes), chosen.positions_px, result.recipe, result.coverage
    )


def with_modes(probe: NDArray[np.complex64], modes: int) -> NDArray[np.complex64]:
    """Return a probe of so many modes and the same power: weak ones are added, or the weakest left out.

    0 changes nothing.
    """
    if modes in (0, len(probe)):
        return probe
    known = orthogonalise_modes(probe)[:modes]
    grown = hermite_modes(known, modes, MODE_SHARE)
    new = grown[len(known) :] * np.sqrt(_power(known[:1]) / _power(grown[:1]))
    chosen = orthogonalise_modes(np.concatenate([known, new]).astype(np.complex64))
    return np.asarray(chosen * np.sqrt(_power(probe) / _power(chosen)), np.complex64)


def _power(probe: NDArray[np.complex64]) -> float:
    return float(np.sum(np.abs(probe) ** 2, dtype=np.float64))


def place(start: Start) -> tuple[Windows, Unknowns, NDArray[np.float64]]:
    """Lay a start out for computing.

    Returns
    -------
    where : Windows
    at : Unknowns
    offset : (2,) float64
        Sub-pixel place of the picture's pixels in the scan's frame: to be added to what is computed.
    """
    origin = np.zeros(2) if start.before is None else np.asarray(start.before.image.origin_px)
    offset = origin - np.rint(origin)
    window = start.probe.shape[1], start.probe.shape[2]
    where = windows(torch.from_numpy(start.positions_px - offset), window)
    values = torch.ones(where.shape, dtype=torch.complex64)
    at = Unknowns.start(values, torch.from_numpy(start.probe.copy()), len(start.positions_px))
    if start.before is not None:
        _paste(values, start.before.image, np.rint(origin).astype(np.intp) - np.array(where.origin))
        at = _with_beam(at, start.before)
    return where, at, offset


def _with_beam(at: Unknowns, before: StageResult) -> Unknowns:
    """Take over the brightness of each pattern and the background."""
    if before.intensities is not None:
        at = replace(at, gains=torch.from_numpy(before.intensities).sqrt())
    if before.background is not None:
        corner = np.ascontiguousarray(np.fft.ifftshift(before.background))
        at = replace(at, glow=torch.from_numpy(corner).clamp_min(0).sqrt())
    return at


def is_doubtful(scan: Scan, probe: NDArray[np.complex64]) -> bool:
    """Tell whether a probe explains even the mean pattern badly."""
    good = np.ones(scan.pattern_shape, bool) if scan.bad_pixels is None else ~scan.bad_pixels
    sample = np.nan_to_num(scan.patterns.read(spread_indices(len(scan), PATTERNS))[:, good])
    measured = np.sqrt(np.maximum(sample, 0).mean(axis=0, dtype=np.float64))
    computed = np.sqrt(detector_intensity(probe)[good])
    return bool(np.abs(measured - computed).sum() > DOUBTFUL * measured.sum())


def _paste(values: torch.Tensor, image: ObjectImage, corner: NDArray[np.intp]) -> None:
    """Put what an image knows in its place, in place; what it calls not covered is better than nothing."""
    first = np.maximum(corner, 0)
    end = np.minimum(corner + np.array(image.values.shape), values.shape)
    if (end <= first).any():
        return
    there = np.s_[first[0] : end[0], first[1] : end[1]]
    here = np.s_[first[0] - corner[0] : end[0] - corner[0], first[1] - corner[1] : end[1] - corner[1]]
    known = np.where(image.values[here] == 0, np.complex64(1), image.values[here])
    values[there] = torch.from_numpy(known)


def _refuse_foreign(scan: Scan, chosen: StageResult, name: str) -> None:
    if len(chosen.positions_px) != len(scan) or chosen.probe.shape[1:] != scan.pattern_shape:
        raise RecipeError(
            f"The result of {name} has {len(chosen.positions_px)} positions and a probe of "
            f"{chosen.probe.shape[1]} x {chosen.probe.shape[2]} pixels, but {scan.metadata.name} has "
            f"{len(scan)} patterns of {scan.pattern_shape[0]} x {scan.pattern_shape[1]}: choose the scan "
            "that it was made of."
        )
    if chosen.image.stride != 1:
        raise RecipeError("A preview is coarser than the object: refine the finished picture.")
