import numpy as np
import pytest
import torch

from ptygui.core.objects import natural_image
from ptygui.core.probe import probe_similarity, scale_to_photons
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.scan import Scan
from ptygui.core.scan_paths import raster_path
from ptygui.core.simulate import lines_probe, simulate_scan
from ptygui.physics.probe_estimate import ProbeEpoch, estimate_probe

SIZE = 32


@pytest.fixture(scope="module")
def scan() -> Scan:
    """196 patterns of 32² with strong overlap, of an object with enough detail to tell of the probe."""
    positions = raster_path((86, 86), (SIZE, SIZE), 4.0, jitter_px=1.0, seed=3)
    return simulate_scan(natural_image((86, 86)), lines_probe(SIZE), positions, 1e6, seed=3)


@pytest.fixture(scope="module")
def guess() -> np.ndarray:
    """The same zone plate at 0.6 of its defocus, with the right photons."""
    diameter_px = 0.55 * SIZE
    wrong = zone_plate_probe_px((SIZE, SIZE), 2.0, 0.6 * np.pi * diameter_px / 8)
    return scale_to_photons(wrong, 1e6)


def estimate(scan: Scan, guess: np.ndarray, epochs: int = 30, **options) -> list[ProbeEpoch]:
    amplitude = torch.from_numpy(np.sqrt(scan.patterns.read(np.arange(len(scan)))))
    positions = torch.from_numpy(scan.positions_px)
    return list(estimate_probe(amplitude, positions, torch.from_numpy(guess), epochs=epochs, **options))


def test_a_wrong_defocus_is_recovered(scan, guess):
    found = estimate(scan, guess)
    assert [state.epoch for state in found] == list(range(1, 31))
    assert probe_similarity(guess, lines_probe(SIZE)) < 0.7
    assert probe_similarity(found[-1].probe.numpy(), lines_probe(SIZE)) > 0.98
    assert found[-1].r1 < 0.25 * found[0].r1
    assert found[-1].canvas.shape == torch.Size([86, 86])


def test_the_units_of_the_guess_are_kept(scan, guess):
    power = float(np.sum(np.abs(guess) ** 2))
    found = estimate(scan, guess, epochs=3)[-1]
    assert found.probe.shape == (1, SIZE, SIZE)
    assert float(found.probe.abs().square().sum()) == pytest.approx(power, rel=0.3)


def test_the_same_seed_gives_the_same_probe(scan, guess):
    first, second = (estimate(scan, guess, epochs=2, seed=7)[-1].probe for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, estimate(scan, guess, epochs=2, seed=8)[-1].probe)


def test_what_bad_pixels_hold_changes_nothing(scan, guess):
    good = torch.ones(SIZE, SIZE, dtype=torch.bool)
    good[10, :] = False
    amplitude = torch.from_numpy(np.sqrt(scan.patterns.read(np.arange(len(scan)))))
    positions = torch.from_numpy(scan.positions_px)
    start = torch.from_numpy(guess)
    probes = [
        list(estimate_probe(torch.where(good, amplitude, held), positions, start, epochs=2, good=good))[
            -1
        ].probe
        for held in (0.0, 1e5, float("nan"))
    ]
    assert torch.equal(probes[0], probes[1])
    assert torch.equal(probes[0], probes[2])
