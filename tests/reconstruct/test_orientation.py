"""An F under an asymmetric probe comes back unrotated, however its file lies."""

import itertools
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import RecipeError
from ptygui.core.events import OrientationFound, Progress
from ptygui.core.geometry import corner_dc, inverse_orientation, orient_centred, orient_positions
from ptygui.core.interpret import interpret
from ptygui.core.preparation import MovePositions
from ptygui.core.prepare import apply_steps
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import ArrayPatterns, Scan
from ptygui.core.simulate import expected_intensities
from ptygui.io.registry import open_raw
from ptygui.reconstruct import orientation
from ptygui.reconstruct.orientation import find_orientation

FOLDER = os.environ.get("PTYGUI_REAL_DATA")
SIZE, STEP = 24, 4
CASES = list(itertools.product(range(8), (0, 3)))


def letter_f(side: int = 72) -> np.ndarray:
    """An absorbing F with a phase, on a smooth random ground, so that every pattern holds something."""
    ground = np.random.default_rng(0).normal(size=(side, side))
    spectrum = np.fft.fft2(ground) * np.exp(-(np.add.outer(*[np.fft.fftfreq(side) ** 2] * 2)) * 300)
    smooth = np.fft.ifft2(spectrum).real
    smooth *= 0.4 / np.abs(smooth).max()
    letter = np.zeros((side, side))
    letter[20:54, 24:30] = letter[20:26, 24:48] = letter[34:40, 24:42] = 1
    return ((1 - 0.4 * letter) * np.exp(1j * (smooth + 0.7 * letter))).astype(np.complex64)


def lopsided_probe() -> np.ndarray:
    """A defocused spot with a bump at one side: no orientation leaves it as it is."""
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    spot = np.exp(-(y**2 + x**2) / 40 + 1j * (y**2 + x**2) / 25)
    bump = 0.6 * np.exp(-((y - 5) ** 2 + (x + 3) ** 2) / 10)
    return (spot + bump).astype(np.complex64)[None]


@cache
def truth() -> tuple[np.ndarray, np.ndarray]:
    """Counts (n, H, W) and positions (n, 2) px of the upright case."""
    line = np.arange(SIZE // 2, 72 - SIZE // 2 + 1, STEP, dtype=float)
    places = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    places += np.random.default_rng(1).uniform(-1, 1, places.shape) * (places > 16) * (places < 55)
    expected = expected_intensities(letter_f(), lopsided_probe(), places)
    counts = np.random.default_rng(2).poisson(expected * (1e5 / expected.sum(axis=(1, 2)).mean()))
    return counts.astype(np.float32), places


def stored(frames: int, positions: int, *, corner: bool, amplitude: bool) -> RawScan:
    """The file of a detector that lay so: what the codes of a reading bring back."""
    counts, places = truth()
    lying = orient_centred(counts, inverse_orientation(frames))
    lying = corner_dc(lying) if corner else lying
    lying = np.sqrt(lying) if amplitude else lying
    return RawScan(
        "f", "f.npz", "test", ArrayPatterns(lying), orient_positions(places, positions),
        stated=Reading(position_unit="px"), probe=lopsided_probe(),
    )  # fmt: skip


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at few patterns, so that all cases take seconds."""
    monkeypatch.setattr(orientation, "NEIGHBOURS", 25)


def found(scan: Scan) -> OrientationFound:
    *progress, last = find_orientation(scan)
    assert all(isinstance(event, Progress) for event in progress)
    assert isinstance(last, OrientationFound)
    return last


@pytest.mark.parametrize(("frames", "positions"), CASES)
def test_an_f_comes_back_unrotated(frames: int, positions: int, few: None) -> None:
    """8 orientations x 2 signs are found; x 2 DC places x intensity or amplitude read the same."""
    places_of_dc = itertools.product((False, True), repeat=2)
    scans = [interpret(stored(frames, positions, corner=c, amplitude=a)) for c, a in places_of_dc]
    verdict = found(scans[frames % 4])
    assert (verdict.frames_orientation, verdict.positions_orientation) == (frames, positions)
    assert verdict.confidence > 0.9
    assert verdict.sign_confidence > orientation.BELIEVED
    chosen = Reading(frames_orientation=frames, positions_orientation=positions)
    counts, places = truth()
    for corner, amplitude in itertools.product((False, True), repeat=2):
        scan = interpret(stored(frames, positions, corner=corner, amplitude=amplitude), chosen)
        np.testing.assert_allclose(scan.patterns.read(np.arange(len(scan))), counts, rtol=1e-5)
        np.testing.assert_allclose(scan.positions_px, places)


def test_what_is_right_already_is_left_alone(few: None) -> None:
    raw = stored(6, 3, corner=True, amplitude=False)
    verdict = found(interpret(raw, Reading(frames_orientation=6, positions_orientation=3)))
    assert not verdict.changes
    assert (verdict.frames_orientation, verdict.positions_orientation) == (6, 3)


@pytest.mark.parametrize(("frames", "positions"), [(0, 0), (5, 3), (2, 0)])
def test_positions_that_are_turned_by_a_step_are_searched_as_they_are_turned(
    frames: int, positions: int, few: None
) -> None:
    """Stages that stood 20 degrees askew: a step that turns them back is what explains the patterns."""
    raw = stored(frames, positions, corner=False, amplitude=False)
    assert raw.positions is not None
    y, x = raw.positions.T  # an x axis that points 20 degrees up
    c, s = np.cos(np.radians(20)), np.sin(np.radians(20))
    askew = interpret(replace(raw, positions=np.stack([c * y - s * x, s * y + c * x], axis=1)))
    verdict = found(apply_steps(askew, [MovePositions(rotation_deg=-20)]))
    assert (verdict.frames_orientation, verdict.positions_orientation) == (frames, positions)
    assert verdict.confidence > 0.9
    upright = found(interpret(raw))
    assert verdict.table[0].r1 == pytest.approx(upright.table[0].r1, rel=0.02)
    assert found(askew).table[0].r1 > 1.5 * upright.table[0].r1


def test_a_symmetric_probe_cannot_tell_up_from_down(few: None) -> None:
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    even = (np.exp(-(y**2 + x**2) / 16 + 1j * (y**2 - 0.5 * x**2) / 25)).astype(np.complex64)[None]
    _, places = truth()
    counts = expected_intensities(letter_f(), even, places).astype(np.float32) * 10
    raw = RawScan(
        "f", "f.npz", "test", ArrayPatterns(counts), places, stated=Reading(position_unit="px"), probe=even
    )
    verdict = found(interpret(raw))
    assert verdict.sign_confidence < 0.1
    assert not verdict.changes  # what cannot be told is left as it is
    assert verdict.confidence > 0.9


def test_frames_that_are_not_square_are_not_transposed(few: None) -> None:
    counts, places = truth()
    raw = RawScan(
        "f", "f.npz", "test", ArrayPatterns(counts[:, 2:-2]), places, stated=Reading(position_unit="px")
    )
    assert {score.frames for score in found(interpret(raw)).table} == {0, 1, 2, 3}


def test_too_few_patterns_are_said() -> None:
    counts, places = truth()
    raw = RawScan("f", "f.npz", "test", ArrayPatterns(counts[:3]), places[:3], Reading(position_unit="px"))
    with pytest.raises(RecipeError, match="at least four"):
        next(find_orientation(interpret(raw)))


def test_only_the_patterns_that_are_needed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orientation, "NEIGHBOURS", 9)
    monkeypatch.setattr(orientation, "STEPS", 1)
    scan = interpret(stored(0, 0, corner=False, amplitude=False))
    sample = orientation._sample(scan)
    assert sample.amplitude.shape == (9, SIZE, SIZE)
    distances = np.linalg.norm(sample.positions_px, axis=1)
    assert distances.max() < 2.5 * STEP  # the nearest ones


@pytest.mark.slow
@pytest.mark.skipif(FOLDER is None, reason="PTYGUI_REAL_DATA names no folder of measured data")
@pytest.mark.parametrize("frames", [0, 5])
def test_a_measured_star_under_a_poor_probe(frames: int) -> None:
    """From however its frames are read first."""
    raw = open_raw(Path(str(FOLDER)) / "siemens-star-small.npz.bz2")
    verdict = found(interpret(raw, Reading(frames_orientation=frames)))
    assert (verdict.frames_orientation, verdict.positions_orientation) == (0, 0)
    assert verdict.confidence > 0.99
