from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptygui.physics.patches import layout


def random_layout(seed: int, groups: int, shape: tuple[int, int]):
    """Patches at random places, every group with at least one."""
    rng = np.random.default_rng(seed)
    members = np.concatenate([np.arange(groups), rng.integers(0, groups, 5)])
    positions = rng.uniform(-30, 30, (len(members), 2))
    return layout(torch.from_numpy(positions), torch.from_numpy(members), shape), members


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 9), st.integers(1, 9))
def test_placing_and_extracting_are_adjoint(seed, groups, height, width):
    where, _ = random_layout(seed, groups, (height, width))
    generator = torch.Generator().manual_seed(seed)
    patches = torch.randn(*where.indices.shape, dtype=torch.complex128, generator=generator)
    canvases = torch.randn(*where.canvases, dtype=torch.complex128, generator=generator)
    left = torch.vdot(where.place(patches).reshape(-1), canvases.reshape(-1))
    right = torch.vdot(patches.reshape(-1), where.extract(canvases).reshape(-1))
    torch.testing.assert_close(left, right)


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_groups_stay_apart(seed, groups):
    where, members = random_layout(seed, groups, (6, 5))
    own_number = torch.from_numpy(members + 1.0)[:, None, None].expand(where.indices.shape)
    placed = where.place(own_number)
    covered = where.place(torch.ones_like(own_number))
    for group in range(groups):
        inside = covered[group] > 0
        torch.testing.assert_close(placed[group][inside], covered[group][inside] * (group + 1))


def test_a_patch_lies_where_its_centre_is():
    positions = torch.tensor([[10.2, -3.4], [12.0, 1.0], [100.0, 50.0]], dtype=torch.float64)
    where = layout(positions, torch.tensor([0, 0, 1]), (4, 5))
    assert where.canvases == (2, 6, 9)
    assert where.origins.tolist() == [[8, -5], [98, 48]]
    torch.testing.assert_close(where.fractions, torch.tensor([[0.2, -0.4], [0.0, 0.0], [0.0, 0.0]]))
    marks = torch.zeros(3, 4, 5)
    marks[:, 2, 2] = 1
    found = [
        (g, row + where.origins[g, 0], col + where.origins[g, 1])
        for g, row, col in where.place(marks).nonzero()
    ]
    assert found == [(0, 10, -3), (0, 12, 1), (1, 100, 50)]


def test_a_subset_lies_on_the_same_canvases():
    where, _ = random_layout(3, 2, (4, 4))
    chosen = torch.tensor([4, 1])
    part = where.subset(chosen)
    canvases = torch.rand(where.canvases)
    torch.testing.assert_close(part.extract(canvases), where.extract(canvases)[chosen])
    torch.testing.assert_close(part.fractions, where.fractions[chosen])
    assert part.canvases == where.canvases


def merge_error(experiment, object_at, where, patches) -> float:
    """RMS error of the merged object where the probe lit it well."""
    weights = experiment.probe.abs().square().sum(dim=0)
    weights = weights / weights.max()
    canvases, illumination = where.merge(patches, weights)
    row, col = where.origins[0].tolist()
    rows, cols = np.mgrid[row : row + where.canvases[1], col : col + where.canvases[2]].astype(float)
    lit = (illumination[0] > 0.3).numpy()
    assert lit.sum() > 500
    return float(np.sqrt(np.mean(np.abs(canvases[0].numpy() - object_at(rows, cols))[lit] ** 2)))


def true_patches(experiment, object_at) -> torch.Tensor:
    """The object around every fractional position, from its formula."""
    height, width = experiment.probe.shape[-2:]
    y, x = np.mgrid[:height, :width].astype(float)
    return torch.from_numpy(
        np.stack(
            [object_at(y - height // 2 + cy, x - width // 2 + cx) for cy, cx in experiment.positions.numpy()]
        )
    )


def test_true_patches_at_fractional_positions_give_the_true_object(experiment, object_at):
    patches = true_patches(experiment, object_at)
    where = layout(experiment.positions, experiment.groups, patches.shape[1:])
    exact = merge_error(experiment, object_at, where, patches)
    rounded = replace(where, fractions=torch.zeros_like(where.fractions))
    assert exact < 1e-3
    assert exact < 0.05 * merge_error(experiment, object_at, rounded, patches)


def test_where_nothing_lies_the_object_is_flat():
    positions = torch.tensor([[0.0, 0.0], [20.0, 20.0]], dtype=torch.float64)
    where = layout(positions, torch.zeros(2, dtype=torch.int64), (4, 4))
    canvases, illumination = where.merge(torch.full((2, 4, 4), 3 + 2j), torch.ones(4, 4))
    assert (canvases[illumination < 0.5] == 1).all()
    torch.testing.assert_close(canvases[illumination > 0.5], torch.full((32,), 3 + 2j))


def test_merging_lets_the_gradient_through_to_every_patch(experiment):
    where = layout(experiment.positions, experiment.groups, (32, 32))
    patches = torch.ones(36, 32, 32, dtype=torch.complex128, requires_grad=True)
    canvases, _ = where.merge(patches, torch.ones(32, 32, dtype=torch.float64))
    canvases.abs().square().sum().backward()
    assert patches.grad is not None
    assert (patches.grad.abs().amax(dim=(1, 2)) > 0).all()


@pytest.mark.parametrize("modes", [1, 2])
def test_the_probe_moves_by_the_rest_of_every_position(experiment, modes):
    where = layout(experiment.positions, experiment.groups, (32, 32))
    moved = where.shift_probe(experiment.probe[:modes])
    assert moved.shape == (36, modes, 32, 32)
    intensity = moved[:, 0].abs().square()
    y = torch.arange(32.0, dtype=torch.float64) - 16
    centre_y = (intensity.sum(dim=2) * y).sum(dim=1) / intensity.sum(dim=(1, 2))
    torch.testing.assert_close(centre_y, where.fractions[:, 0].double(), atol=1e-4, rtol=0)
