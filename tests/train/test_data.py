from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptygui.core.scan import ArrayPatterns
from ptygui.train.data import Neighbourhoods, gather


def same(a, b) -> bool:
    return (
        a.scan == b.scan
        and torch.equal(a.amplitude, b.amplitude)
        and torch.equal(a.where.indices, b.where.indices)
        and torch.equal(a.where.fractions, b.where.fractions)
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**31), st.integers(0, 10**6))
def test_a_batch_is_a_function_of_seed_and_step(training_scan, seed, step):
    first = Neighbourhoods([training_scan, training_scan], 4, 2, seed)
    again = Neighbourhoods([training_scan, training_scan], 4, 2, seed, first=step)
    assert same(first.batch(step), next(iter(again)))


def test_steps_and_seeds_differ_and_every_scan_and_pattern_gets_its_turn(training_scan):
    scans = [training_scan, training_scan, training_scan]
    data = Neighbourhoods(scans, 4, 1, seed=0)
    batches = [data.batch(step) for step in range(60)]
    assert {batch.scan for batch in batches} == {0, 1, 2}
    assert not same(batches[0], batches[1])
    assert not same(batches[0], Neighbourhoods(scans, 4, 1, seed=1).batch(0))
    centres = {batch.amplitude[0].sum().item() for batch in batches}
    assert len(centres) > 30


def test_iterating_goes_on_step_by_step(training_scan):
    data = Neighbourhoods([training_scan], 4, 1, seed=3, first=5)
    batches = iter(data)
    assert all(same(next(batches), data.batch(step)) for step in (5, 6, 7))


@pytest.mark.parametrize("count", [1, 4, 9, 12])
def test_neighbours_are_the_nearest(training_scan, count):
    centres = np.array([0, 40, 80])
    positions = training_scan.scan.positions_px
    found = training_scan.neighbours(centres, count)
    assert found.shape == (3, count)
    for centre, members in zip(centres, found, strict=True):
        distance = np.hypot(*(positions - positions[centre]).T)
        assert members[0] == centre
        np.testing.assert_array_equal(np.sort(distance[members]), np.sort(distance)[:count])


def test_a_small_scan_is_one_neighbourhood(training_scan):
    assert training_scan.neighbours(np.array([3]), 1000).shape == (1, 81)
    batch = Neighbourhoods([training_scan], 1000, 1000, seed=0).batch(0)
    assert batch.where.canvases[0] == 81


def test_the_middle_is_in_the_middle(training_scan):
    middle = training_scan.middle(9)
    positions = training_scan.scan.positions_px
    centre = (positions.min(axis=0) + positions.max(axis=0)) / 2
    distance = np.hypot(*(positions - centre).T)
    assert (np.diff(middle) > 0).all()
    assert distance[middle].max() <= np.delete(distance, middle).min()
    np.testing.assert_array_equal(training_scan.middle(10_000), np.arange(81))


def test_patterns_come_with_their_positions(training_scan):
    indices = np.array([[0, 1], [70, 71]])
    batch = gather(2, training_scan.scan, indices)
    counts = training_scan.scan.patterns.read(indices.reshape(-1))
    assert batch.scan == 2
    torch.testing.assert_close(batch.amplitude.square(), torch.from_numpy(counts), rtol=1e-5, atol=1e-3)
    positions = training_scan.scan.positions_px[indices.reshape(-1)]
    np.testing.assert_allclose(batch.where.fractions, positions - np.rint(positions), atol=1e-6)
    # flat address of element [0, 0] of every patch, with its canvas's origin, is its corner
    g, rows, cols = batch.where.canvases
    corner = batch.where.indices[:, 0, 0]
    place = torch.stack([corner // cols % rows, corner % cols], dim=1)
    group = corner // (rows * cols)
    assert group.tolist() == [0, 0, 1, 1]
    assert g == 2
    np.testing.assert_array_equal(place + batch.where.origins[group], np.rint(positions) - 8)


def test_what_bad_pixels_and_negative_counts_hold_is_zero(training_scan):
    patterns = np.array(training_scan.scan.patterns.read(np.arange(81)))
    bad = np.zeros((16, 16), bool)
    bad[2, 3] = True
    patterns[:, bad] = np.nan
    patterns[:, 0, 0] = -4
    scan = replace(training_scan.scan, patterns=ArrayPatterns(patterns), bad_pixels=bad)
    amplitude = gather(0, scan, np.array([[0, 1]])).amplitude
    assert amplitude.isfinite().all()
    assert (amplitude[:, 2, 3] == 0).all()
    assert (amplitude[:, 0, 0] == 0).all()
    assert np.isnan(patterns[0, 2, 3])  # what was read is not changed
