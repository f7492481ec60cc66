"""pty-chi itself, where it is installed: its conventions and ptygui's are told apart by a simulated scan."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from ptygui.core.objects import grid_lines
from ptygui.core.quality import compare
from ptygui.core.scan import ObjectImage
from ptygui.core.simulate import expected_intensities
from ptygui.reconstruct.peers.job import PeerInputs
from ptygui.reconstruct.peers.options import TRAITS, PeerError, PeerOptions
from ptygui.reconstruct.peers.process import run_peer

pytestmark = pytest.mark.skipif(find_spec("ptychi") is None, reason="pty-chi is not installed")

HEIGHT, WIDTH = 33, 32
"""One odd, one even: their centres lie differently."""
SHIFT = np.array([100.25, -7.5])
"""Of the object's array in the frame of the positions."""


def true_probe() -> np.ndarray:
    """Two curved modes that fade to nothing at the rim, not symmetric."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] - np.array([HEIGHT // 2, WIDTH // 2])[:, None, None]
    first = np.exp(-((y - 1) ** 2 + x**2) / 50 + 0.02j * (y**2 + x**2))
    return np.stack([30 * first, 4 * y * first]).astype(np.complex64)


def true_inputs() -> PeerInputs:
    """Patterns without noise at fractional positions, with the truth as start."""
    truth = grid_lines((96, 104), seed=5)
    low = np.array([HEIGHT, WIDTH]) // 2 + 2
    lines = (np.arange(start, edge - start, 5) for start, edge in zip(low, truth.shape, strict=True))
    grid = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 2)
    inside = grid + np.random.default_rng(0).uniform(-1.5, 1.5, grid.shape)
    patterns = expected_intensities(truth, true_probe(), inside).astype(np.float32)
    return PeerInputs(patterns, inside + SHIFT, true_probe(), truth.astype(np.complex64), SHIFT)


def residual(state, patterns: np.ndarray) -> float:
    """R1 = sum|sqrt(I) - |F|| / sum sqrt(I) by the simulation's own arithmetic."""
    computed = np.sqrt(expected_intensities(state.object, state.probe, state.positions_px - state.origin_px))
    return float(np.abs(np.sqrt(patterns) - computed).sum() / np.sqrt(patterns).sum())


def error(state, truth: PeerInputs) -> float:
    """Complex error with the best complex factor: a shift of any fraction of a pixel would show."""
    images = [
        ObjectImage(s.object, np.ones(s.object.shape, bool), tuple(s.origin_px)) for s in (state, truth)
    ]
    return compare(*images, truth.positions_px).complex_error


def last_state(inputs: PeerInputs, **options):
    states = [epoch.state for epoch in run_peer(None, inputs, PeerOptions(threads=1, **options))]
    assert states[-1] is not None
    return states[-1]


@pytest.mark.parametrize("engine", TRAITS)
def test_the_truth_stays_the_truth(engine):
    inputs = true_inputs()
    assert residual(inputs, inputs.patterns) < 1e-3
    tiny = 1e-4 if engine == "autodiff" else None  # Adam steps as far as it is told, also from the truth
    free = engine not in ("dm", "raar")  # their probe update leaves out what is dim
    state = last_state(inputs, engine=engine, epochs=2, object_step=tiny, probe_step=tiny, update_probe=free)
    limit = 0.03 if engine == "dm" else 3e-3  # dm goes past the truth and comes back
    assert error(state, inputs) < limit
    assert residual(state, inputs.patterns) < limit
    np.testing.assert_array_equal(state.positions_px, inputs.positions_px)


def test_a_flat_start_comes_to_the_truth_with_a_given_probe_untouched():
    inputs = true_inputs()
    flat = PeerInputs(**{**vars(inputs), "object": np.ones_like(inputs.object)})
    state = last_state(flat, engine="rpie", epochs=20, update_probe=False)
    assert error(state, inputs) < 0.05 < error(flat, inputs)
    np.testing.assert_allclose(state.probe, inputs.probe, rtol=1e-5)


def test_bad_pixels_say_nothing():
    inputs = true_inputs()
    bad = np.zeros((HEIGHT, WIDTH), bool)
    bad[14], bad[:4, :4] = True, True
    damaged = np.where(bad, np.float32(4e9), inputs.patterns)
    state = last_state(
        PeerInputs(**{**vars(inputs), "patterns": damaged, "bad_pixels": bad}), engine="epie", epochs=2
    )
    assert error(state, inputs) < 2e-3


def test_positions_come_back_nearer_to_the_true_ones():
    inputs = true_inputs()
    away = np.random.default_rng(3).normal(0, 0.5, inputs.positions_px.shape)
    start = PeerInputs(**{**vars(inputs), "positions_px": inputs.positions_px + away})
    state = last_state(start, engine="autodiff", epochs=20, update_probe=False, update_positions=True)
    assert np.std(state.positions_px - inputs.positions_px, axis=0).max() < 0.35


def test_a_thick_object_comes_with_its_slices():
    inputs = true_inputs()
    thick = PeerInputs(
        **{**vars(inputs), "pixel_size_m": np.full(2, 2e-8), "wavelength_m": np.array(1.4e-10)}
    )
    state = last_state(thick, engine="lsqml", epochs=2, slices=2, slice_spacing_m=1e-8, opr_modes=1)
    assert state.slices.shape == (2, *inputs.object.shape)
    assert error(state, inputs) < 2e-3


def test_divergence_is_told():
    with pytest.raises(PeerError, match="rpie diverged in epoch"):
        last_state(true_inputs(), engine="rpie", epochs=30, object_step=1e3, probe_step=1e3)


def test_asked_to_stop_it_ends_with_a_state():
    epochs = []
    for epoch in run_peer(None, true_inputs(), PeerOptions(threads=1, epochs=10_000), lambda: bool(epochs)):
        epochs.append(epoch)
    assert len(epochs) < 100
    assert int(epochs[-1].state.epoch) == epochs[-1].epoch
