from dataclasses import replace

import numpy as np
import pytest

from ptygui.core.describe import typical_overlap
from ptygui.core.objects_random import PHOTOGRAPHS
from ptygui.core.simulate_family import (
    PORTRAITS,
    RIM_POWER,
    SEEN_OBJECTS,
    SEEN_PROBES,
    UNSEEN_OBJECTS,
    UNSEEN_PROBES,
    Family,
    draw_object,
    draw_probe,
    family_scan,
    rim_power,
)

SMALL = Family(pattern_px=32, side=3)


def test_seen_and_unseen_kinds_are_apart():
    assert not set(SEEN_OBJECTS) & set(UNSEEN_OBJECTS)
    assert not set(SEEN_PROBES) & set(UNSEEN_PROBES)
    assert not set(PHOTOGRAPHS) & set(PORTRAITS)


@pytest.mark.parametrize("kind", SEEN_OBJECTS + UNSEEN_OBJECTS)
def test_every_kind_of_object_is_drawn_normalised_from_weak_to_strong_phase(kind):
    drawn = [draw_object(kind, (60, 60), np.random.default_rng(seed)) for seed in range(12)]
    for values in drawn:
        assert values.shape == (60, 60)
        assert np.isfinite(values).all()
        assert np.sqrt(np.mean(np.abs(values) ** 2)) == pytest.approx(1.0, rel=1e-4)
    phases = [float(np.angle(values).std()) for values in drawn]
    assert min(phases) < 0.3
    assert max(phases) > 2 * min(phases)


@pytest.mark.parametrize("kind", SEEN_PROBES + UNSEEN_PROBES)
def test_every_kind_of_probe_fits_its_window(kind):
    for seed in range(10):
        probe = draw_probe(kind, 64, np.random.default_rng(seed))
        assert probe.shape == (1, 64, 64)
        assert probe.dtype == np.complex64
        assert np.isfinite(probe).all()
        assert rim_power(probe) < RIM_POWER


def test_power_at_the_rim_is_seen():
    assert rim_power(np.ones((1, 64, 64), np.complex64)) == pytest.approx(1 - (56 / 64) ** 2)


def test_a_scan_repeats_from_its_seed():
    first, again, other = (family_scan(seed, SMALL) for seed in (4, 4, 5))
    everything = np.arange(9)
    np.testing.assert_array_equal(first.patterns.read(everything), again.patterns.read(everything))
    np.testing.assert_array_equal(first.probe, again.probe)
    assert first.metadata.name == again.metadata.name
    assert first.metadata.name != other.metadata.name


def test_scans_keep_to_the_family():
    family = replace(SMALL, objects=("grains",), probes=("mirrors",), photons=(1e5, 1e6), overlap=(0.5, 0.6))
    counts, overlaps = [], []
    for seed in range(12):
        scan = family_scan(seed, family)
        assert scan.patterns.shape == (9, 32, 32)
        assert "grains, mirrors" in scan.metadata.name
        assert scan.metadata.extra["simulated"]
        counts.append(scan.patterns.read(np.arange(9)).sum(axis=(1, 2)).mean())
        overlaps.append(typical_overlap(scan))
    assert 0.95e5 < min(counts) < 3e5
    assert 3e5 < max(counts) < 1.05e6
    assert 0.5 < np.mean(overlaps) < 0.68  # the jitter brings some neighbours nearer


def test_the_default_family_draws_every_seen_kind():
    names = " ".join(family_scan(seed, Family(32, 2)).metadata.name for seed in range(30))
    assert all(kind in names for kind in SEEN_OBJECTS + SEEN_PROBES)
    assert not any(kind in names for kind in (*UNSEEN_OBJECTS, "mirrors", "stopped"))
