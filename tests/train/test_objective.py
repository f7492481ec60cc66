import numpy as np
import pytest
import torch

from ptygui.core.probe import intensity_weights
from ptygui.core.shift import split_positions
from ptygui.generators.encoding import Encoder
from ptygui.generators.registry import create_generator
from ptygui.train.data import NeighbourhoodBatch, gather
from ptygui.train.objective import canvas_loss


@pytest.fixture
def batch(training_scan) -> NeighbourhoodBatch:
    """Two neighbourhoods of nine patterns."""
    return gather(0, training_scan.scan, training_scan.neighbours(np.array([40, 20]), 9))


@pytest.fixture
def true_patches(training_scan) -> torch.Tensor:
    """The true object behind each of them, cut at the nearest whole pixel."""
    indices = training_scan.neighbours(np.array([40, 20]), 9).reshape(-1)
    corners, _ = split_positions(training_scan.scan.positions_px[indices], (16, 16))
    values = training_scan.scan.reference_object.values
    return torch.from_numpy(np.stack([values[r : r + 16, c : c + 16] for r, c in corners]))


def loss_of(training_scan, batch, patches, polish_steps=0, loss="amplitude", good=None) -> torch.Tensor:
    return canvas_loss(
        patches,
        batch.amplitude,
        batch.where,
        probe=torch.from_numpy(training_scan.probe),
        weights=torch.from_numpy(intensity_weights(training_scan.probe)),
        polish_steps=polish_steps,
        loss=loss,
        good=good,
    )


def test_the_true_object_is_explained_down_to_the_noise(training_scan, batch, true_patches):
    truth = loss_of(training_scan, batch, true_patches).item()
    flat = loss_of(training_scan, batch, torch.ones_like(true_patches)).item()
    collapsed = loss_of(training_scan, batch, torch.full_like(true_patches, 0.3)).item()
    assert truth < 0.5 * flat
    assert flat < 0.1 * collapsed


def test_patches_must_agree(training_scan, batch, true_patches):
    """Each patch alone explains its pattern as well with any phase; together they do not."""
    turned = true_patches * torch.exp(1j * torch.arange(18.0))[:, None, None]
    common = true_patches * torch.exp(torch.tensor(1j))
    truth = loss_of(training_scan, batch, true_patches)
    torch.testing.assert_close(loss_of(training_scan, batch, common), truth, rtol=1e-3, atol=0)
    assert loss_of(training_scan, batch, turned) > 10 * truth


@pytest.mark.parametrize("loss", ["amplitude", "poisson"])
def test_polish_helps_and_both_losses_prefer_the_truth(training_scan, batch, true_patches, loss):
    flat = torch.ones_like(true_patches)
    raw, polished = (loss_of(training_scan, batch, flat, steps, loss) for steps in (0, 3))
    assert polished < raw
    assert loss_of(training_scan, batch, true_patches, 0, loss) < raw


def test_the_gradient_reaches_every_parameter_of_a_generator(training_scan, batch):
    generator = create_generator("stable_hybrid", 3, 16, width=4, levels=2)
    encoder = Encoder("projected", torch.from_numpy(training_scan.probe))
    optimiser = torch.optim.Adam(generator.parameters(), lr=1e-3)
    for _ in range(2):  # the head starts at zero and lets the others through only after a step
        optimiser.zero_grad()
        patches = generator(encoder(batch.amplitude))
        loss_of(training_scan, batch, patches, polish_steps=2).backward()
        optimiser.step()
    without = [
        name for name, value in generator.named_parameters() if value.grad is None or not value.grad.any()
    ]
    assert without == []
    assert all(value.grad.isfinite().all() for value in generator.parameters())


def test_bad_pixels_count_nothing(training_scan, batch, true_patches):
    good = torch.ones(16, 16, dtype=torch.bool)
    good[4:7] = False
    flat = torch.ones_like(true_patches).requires_grad_()
    loss = loss_of(training_scan, batch, flat, 2, good=good)
    spoilt = NeighbourhoodBatch(0, torch.where(good, batch.amplitude, 1e6), batch.where)
    torch.testing.assert_close(loss_of(training_scan, spoilt, flat, 2, good=good), loss)
    loss.backward()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()
