"""How the detector lay to the stages: which orientation explains the patterns of a few neighbours best.

Every pattern constrains the object where its neighbours look too. Only under the right orientation do they
agree, so a few averaged projections (physics.projections) of object and probe, from a flat object, leave the
smallest residual there. Frames are tried in their 8 orientations, positions with both signs. On the measured
star this tells, even under a poor probe (tests/reconstruct/test_orientation.py).

What cannot be told: turning both by 180 degrees turns the object, so those two differ by the probe alone, and
not at all if the probe looks the same upside down. Reversing the positions alone explains the patterns with
the conjugate object (the twin); again only the probe tells. Then what the scan says already is kept.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import KDTree
from torch import Tensor

from ptygui.core.errors import RecipeError
from ptygui.core.events import OrientationFound, OrientationScore, Progress
from ptygui.core.fourier import far_field, near_field
from ptygui.core.geometry import compose_orientations, orient_centred, orient_positions
from ptygui.core.preprocess import centre_and_crop
from ptygui.core.scan import Scan
from ptygui.physics.forward import exit_waves, measured_amplitude
from ptygui.physics.patches import Layout, layout
from ptygui.physics.projections import (
    REGULARISATION,
    TRAINING_MOMENTUM,
    amplitude_floor,
    correct_exit_waves,
    step,
)
from ptygui.reconstruct.probe import measure_scale, own_probe

NEIGHBOURS = 100
MOST_PIXELS = 64
"""Larger patterns are cropped around the zero frequency: the coarse object tells as much, sooner."""
STEPS, HELD = 20, 6
"""Steps, and for how many of them the probe is held."""
PROBE_MOMENTUM = 0.5
TELLING = 0.05
"""Relative gap to the next candidate at which two of three would be believed (1 - 1/e)."""
BELIEVED = 0.6
"""Confidence from which a found orientation is recommended."""
REVERSED = 3
"""The code that negates positions, and turns frames by 180 degrees."""


@dataclass(frozen=True)
class Sample:
    """Some neighbouring patterns as the scan is read now."""

    amplitude: NDArray[np.float32]
    """(n, H, W)."""
    positions_px: NDArray[np.float64]
    """(n, 2) about their mean."""
    bad_pixels: NDArray[np.bool_] | None


@dataclass(frozen=True)
class Beam:
    """The probe to begin with."""

    probe: NDArray[np.complex64]
    """(1, H, W), scaled to the patterns."""
    of_patterns: bool
    """It was taken from the patterns, so it turns with them; a probe that was told lies as the object."""

    def turned(self, frames: int) -> NDArray[np.complex64]:
        """Return the probe under frames that are turned by a code."""
        return np.ascontiguousarray(orient_centred(self.probe, frames)) if self.of_patterns else self.probe


def find_orientation(scan: Scan) -> Generator[Progress | OrientationFound]:
    """Try all orientations of the frames and both signs of the positions; ends with `OrientationFound`.

    A scan without a probe is tried with the focus that the mean pattern tells; seldom does this tell much.

    Raises
    ------
    RecipeError
        If there are fewer than four patterns, or they hold no photons.
    ScanError
        If patterns cannot be read.
    """
    if len(scan) < 4:
        raise RecipeError("To find the orientation at least four overlapping patterns are needed.")
    sample = _sample(scan)
    beam = _beam(scan)
    candidates = _candidates(scan.pattern_shape)
    table: list[OrientationScore] = []
    for done, (frames, positions) in enumerate(candidates):
        yield Progress("Trying orientations", done, len(candidates), unit="orientations")
        r1 = _residual(sample, beam.turned(frames), frames, positions)
        table.append(OrientationScore(frames, positions, r1))
    yield _verdict(scan, table)


def _sample(scan: Scan) -> Sample:
    """Read the patterns nearest to the middle of the scan."""
    positions = scan.positions_px
    count = min(NEIGHBOURS, len(scan))
    nearest = np.atleast_1d(KDTree(positions).query(np.median(positions, axis=0), k=count)[1])
    chosen = np.sort(nearest)
    size, ratio = _cropped(scan.pattern_shape)
    stack = scan.patterns.read(chosen)
    bad = scan.bad_pixels
    if size != scan.pattern_shape:
        stack = centre_and_crop(stack, _middle(scan.pattern_shape), size)
        bad = None if bad is None else centre_and_crop(bad[None], _middle(scan.pattern_shape), size)[0]
    amplitude = measured_amplitude(torch.from_numpy(stack), None).numpy()
    places = positions[chosen] / np.asarray(ratio)
    return Sample(amplitude, places - places.mean(axis=0), bad)


def _beam(scan: Scan) -> Beam:
    """Return the first mode of the scan's probe, or what the mean pattern tells."""
    return Beam(_fitted(scan, own_probe(scan)[:1]), of_patterns=scan.probe is None)


def _fitted(scan: Scan, probe: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Scale a probe to the patterns, and crop its far field as theirs."""
    size, _ = _cropped(scan.pattern_shape)
    far = far_field(probe * measure_scale(scan, probe))
    return np.asarray(near_field(centre_and_crop(far, _middle(scan.pattern_shape), size)), np.complex64)


def _cropped(shape: tuple[int, int]) -> tuple[tuple[int, int], tuple[float, float]]:
    """Return the size that is looked at, and by how much its object pixels are larger."""
    size = min(shape[0], MOST_PIXELS), min(shape[1], MOST_PIXELS)
    return size, (shape[0] / size[0], shape[1] / size[1])


def _middle(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0] // 2, shape[1] // 2


def _candidates(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Return codes of frames and positions; frames that are not square are never transposed."""
    codes = range(8) if shape[0] == shape[1] else range(4)
    return [(frames, positions) for frames in codes for positions in (0, REVERSED)]


@torch.inference_mode()
def _residual(sample: Sample, probe: NDArray[np.complex64], frames: int, positions: int) -> float:
    """Return R1 after some steps from the flat object."""
    turned = np.ascontiguousarray(orient_centred(sample.amplitude, frames))
    places = torch.from_numpy(orient_positions(sample.positions_px, positions).copy())
    where = layout(places, torch.zeros(len(places), dtype=torch.int64), probe.shape[-2:])
    fit = _Fit(torch.from_numpy(turned), where, _good(sample.bad_pixels, frames), torch.from_numpy(probe))
    for number in range(STEPS):
        fit.step(probe_too=number >= HELD)
    return fit.r1()


class _Fit:
    """Object and probe of a few patterns that fit in memory."""

    def __init__(self, amplitude: Tensor, where: Layout, good: Tensor | None, probe: Tensor) -> None:
        self.amplitude, self.where, self.good, self.probe = amplitude, where, good, probe
        self.canvas = torch.ones(where.canvases, dtype=torch.complex64)
        self.velocity = torch.zeros_like(self.canvas)
        self.probe_velocity = torch.zeros_like(probe)
        self.floor = amplitude_floor(probe)

    def step(self, *, probe_too: bool) -> None:
        """Move the object, and the probe if wanted, by one averaged projection."""
        probes, patches, correction, _ = self._look()
        numerator = self.where.place((probes.conj() * correction).sum(dim=1))
        illumination = self.where.place(probes.abs().square().sum(dim=1))
        self.velocity = step(numerator, illumination, self.velocity, self.probe, TRAINING_MOMENTUM)
        self.canvas = self.canvas + self.velocity
        if probe_too:
            power = patches.abs().square().sum(dim=0)
            move = (patches[:, None].conj() * correction).sum(dim=0) / (power + REGULARISATION * power.max())
            self.probe_velocity = PROBE_MOMENTUM * self.probe_velocity + move
            self.probe = self.probe + self.probe_velocity

    def r1(self) -> float:
        """Return sum|sqrt(I) - |F|| / sum sqrt(I) over the good pixels."""
        computed = self._look()[3]
        weights = torch.ones_like(self.amplitude) if self.good is None else self.good.to(computed.dtype)
        rest = ((self.amplitude - computed).abs() * weights).sum()
        return float(rest / (self.amplitude * weights).sum())

    def _look(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the shifted probes, the patches, the corrections of the exit waves, computed amplitudes."""
        probes, patches = self.where.shift_probe(self.probe), self.where.extract(self.canvas)
        waves = exit_waves(patches, probes)
        return probes, patches, *correct_exit_waves(waves, self.amplitude, self.floor, self.good)


def _good(bad: NDArray[np.bool_] | None, frames: int) -> Tensor | None:
    if bad is None:
        return None
    return torch.from_numpy(np.ascontiguousarray(~orient_centred(bad, frames)))


def _contrast(table: Sequence[OrientationScore]) -> float:
    """Return how much worse, by its own residual, the best of the other kinds is."""
    best = min(table, key=_r1)
    others = [score.r1 for score in table if _kind(score) != _kind(best)]
    return _gap(best.r1, min(others))


def _kind(score: OrientationScore) -> int:
    """Name what geometry alone tells apart: how frames are mirrored and transposed against positions."""
    return min(score.frames ^ score.positions, score.frames ^ score.positions ^ REVERSED)


def _r1(score: OrientationScore) -> float:
    return score.r1


def _gap(best: float, next_best: float) -> float:
    return (next_best - best) / max(best, 1e-12)


def _confidence(gap: float) -> float:
    return float(1 - np.exp(-gap / TELLING))


def _verdict(scan: Scan, table: Sequence[OrientationScore]) -> OrientationFound:
    best = min(table, key=_r1)
    others = [score for score in table if score != best and _kind(score) == _kind(best)]
    doubts = {score: _confidence(_gap(best.r1, score.r1)) for score in others}
    equal = [best, *(score for score, told_apart in doubts.items() if told_apart < BELIEVED)]
    chosen = min(equal, key=lambda score: _change(scan, score))
    frames, positions = _codes(scan, chosen)
    return OrientationFound(
        frames_orientation=frames,
        positions_orientation=positions,
        changes=(chosen.frames, chosen.positions) != (0, 0),
        confidence=_confidence(_contrast(table)),
        sign_confidence=min(doubts.values()),
        table=tuple(sorted(table, key=_r1)),
    )


def _change(scan: Scan, score: OrientationScore) -> tuple[bool, bool, bool]:
    """Order what cannot be told apart: nothing changed, frames as they are stored, positions as they are."""
    frames, _ = _codes(scan, score)
    return (score.frames, score.positions) != (0, 0), frames != 0, score.positions != 0


def _codes(scan: Scan, score: OrientationScore) -> tuple[int, int]:
    """Return the codes that bring stored frames and positions to where this candidate has them."""
    reading = scan.metadata.reading
    return (
        compose_orientations(reading.frames_orientation or 0, score.frames),
        compose_orientations(reading.positions_orientation or 0, score.positions),
    )
