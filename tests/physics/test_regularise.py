"""Bounds and smoothness: gradients against finite differences, and what they mean."""

from __future__ import annotations

import pytest
import torch

from ptygui.physics.regularise import bounded, rough, variation


def noise(seed: int, *shape: int, dtype: torch.dtype = torch.complex128) -> torch.Tensor:
    return torch.randn(shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("demand", [variation, lambda values: bounded(values, 0.8)])
def test_gradients_on_the_object(demand) -> None:
    values, towards, step = noise(1, 12, 15), noise(2, 12, 15), 1e-6
    half = (demand(values + step * towards)[0] - demand(values - step * towards)[0]) / (4 * step)
    found = (demand(values)[1].conj() * towards).real.sum()
    torch.testing.assert_close(found, half, rtol=1e-6, atol=1e-8)


def test_gradient_on_positions() -> None:
    shifts, towards, step = noise(1, 9, 2, dtype=torch.float64), noise(2, 9, 2, dtype=torch.float64), 1e-6
    half = (rough(shifts + step * towards)[0] - rough(shifts - step * towards)[0]) / (4 * step)
    torch.testing.assert_close((rough(shifts)[1] * towards).sum(dim=0), half, rtol=1e-6, atol=1e-8)


def test_what_is_demanded_already_costs_nothing() -> None:
    flat = torch.full((8, 8), 0.5 + 0.2j, dtype=torch.complex128)
    for value, half in (variation(flat), bounded(flat, 1.0)):
        assert float(value) == 0
        assert float(half.abs().sum()) == 0
    assert float(rough(torch.ones(5, 2))[0].sum()) == 0


def test_an_edge_costs_its_length_times_its_height() -> None:
    edge = torch.zeros(50, 40, dtype=torch.complex128)
    edge[:, 20:] = 3.0
    assert float(variation(edge)[0]) == pytest.approx(50 * 3.0, rel=0.01)
