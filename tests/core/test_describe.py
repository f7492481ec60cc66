from dataclasses import dataclass, replace

import numpy as np
import pytest

from ptygui.core.describe import has_whole_counts, mean_photons, scan_facts, scan_fingerprint, typical_step
from ptygui.core.scan import ArrayPatterns, Guess, ProbePositions, Scan, ScanMetadata
from ptygui.core.simulate import lines_scan

SCAN = lines_scan(32, object_px=100, step_px=8.0, jitter_px=0.0, photons_per_pattern=5e4, seed=1)


def test_facts_of_a_scan_in_pixels():
    facts = scan_facts(SCAN)
    assert facts.patterns == len(SCAN) == 81
    assert facts.pattern_shape == (32, 32)
    assert facts.bytes_in_memory == 81 * 32 * 32 * 4
    assert facts.photons_per_pattern == pytest.approx(5e4, rel=0.1)
    assert facts.step_px == pytest.approx(8.0)
    assert facts.extent_px == pytest.approx((64.0, 64.0))
    assert (facts.step_m, facts.extent_m, facts.pixel_size_m) == (None, None, None)
    assert facts.positions_unit == "px"
    assert facts.probe_modes == 1
    assert facts.overlap == pytest.approx(1 - 8.0 / facts.probe_diameter_px)
    assert facts.has_reference


def test_facts_in_metres_when_the_pixel_is_known():
    pixel = (1e-8, 2e-8)
    guess = Guess("zero frequency", "centre", "because")
    metadata = ScanMetadata("known", pixel_size_m=pixel, energy_ev=8e3, guesses=(guess,))
    metres = ProbePositions(SCAN.positions.values * np.array(pixel), "m")
    facts = scan_facts(Scan(SCAN.patterns, metres, metadata))
    assert facts.step_px == pytest.approx(8.0)
    assert facts.step_m == pytest.approx(8e-8)  # the shorter pixel decides
    assert facts.extent_m == pytest.approx((64e-8, 128e-8))
    assert facts.guesses == (guess,)
    assert (facts.probe_modes, facts.overlap, facts.probe_diameter_px) == (0, None, None)


def test_one_pattern_has_no_step():
    one = Scan(
        ArrayPatterns(SCAN.patterns.data[:1]), ProbePositions(np.zeros((1, 2)), "px"), ScanMetadata("one")
    )
    facts = scan_facts(one)
    assert facts.step_px is None
    assert facts.extent_px == (0.0, 0.0)
    assert typical_step(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]])) == pytest.approx(1.0)


@pytest.mark.parametrize("value", [0, np.nan])
def test_a_useless_probe_is_described_all_the_same(value):
    facts = scan_facts(SCAN.with_probe(np.full((1, 32, 32), value, np.complex64)))
    assert (facts.probe_diameter_px, facts.overlap) == (0.0, None)


def test_bad_pixels_do_not_count_as_photons():
    spoiled = SCAN.patterns.data.copy()
    spoiled[:, 0, 0] = 1e9
    spoiled[:, 0, 1] = np.nan
    bad = np.zeros((32, 32), bool)
    bad[0, 0] = True
    scan = replace(SCAN, patterns=ArrayPatterns(spoiled), bad_pixels=bad)
    assert mean_photons(scan) == pytest.approx(mean_photons(SCAN), rel=1e-3)
    assert scan_facts(scan).bad_pixels == 1


def test_photons_are_unknown_where_patterns_are_no_whole_counts():
    normalised = replace(SCAN, patterns=ArrayPatterns(SCAN.patterns.data * 1e-3))
    assert not has_whole_counts(normalised)
    assert scan_facts(normalised).photons_per_pattern is None


@pytest.mark.parametrize("value", [0.5, np.nan])
def test_bad_pixels_do_not_make_counts_fractional(value):
    spoiled = SCAN.patterns.data.copy()
    spoiled[:, 0, 0] = value
    bad = np.zeros((32, 32), bool)
    bad[0, 0] = True
    assert has_whole_counts(replace(SCAN, patterns=ArrayPatterns(spoiled), bad_pixels=bad))


@dataclass(frozen=True)
class CountingPatterns:
    data: np.ndarray
    reads: list

    @property
    def shape(self):
        return 1_000_000, 32, 32

    def read(self, indices):
        self.reads.append(len(indices))
        return self.data[indices % len(self.data)]


def test_a_large_scan_is_described_by_a_few_patterns():
    source = CountingPatterns(SCAN.patterns.data, [])
    positions = ProbePositions(np.zeros((1_000_000, 2)), "px")
    mean_photons(Scan(source, positions, ScanMetadata("large")))
    scan_fingerprint(Scan(source, positions, ScanMetadata("large")))
    assert sum(source.reads) <= 64 + 4
    assert max(source.reads) <= 16  # so many are in memory at once


def test_the_same_scan_is_known_again_and_others_are_not():
    again = lines_scan(32, object_px=100, step_px=8.0, jitter_px=0.0, photons_per_pattern=5e4, seed=1)
    mark = scan_fingerprint(SCAN)
    assert len(mark) == 16
    assert scan_fingerprint(again) == mark
    renamed = replace(SCAN, metadata=ScanMetadata("another name", path="/elsewhere"))
    assert scan_fingerprint(renamed.with_probe(np.ones((1, 32, 32), np.complex64))) == mark
    noise = np.full(2, 1e-9)  # what reading a text file twice may cost
    assert (
        scan_fingerprint(replace(SCAN, positions=ProbePositions(SCAN.positions.values + noise, "px"))) == mark
    )
    moved = replace(SCAN, positions=ProbePositions(SCAN.positions.values + 0.1, "px"))
    fewer = Scan(
        ArrayPatterns(SCAN.patterns.data[:80]),
        ProbePositions(SCAN.positions.values[:80], "px"),
        SCAN.metadata,
    )
    brighter = replace(SCAN, patterns=ArrayPatterns(SCAN.patterns.data * 1.01))
    assert len({mark, *map(scan_fingerprint, (moved, fewer, brighter))}) == 4


def test_the_fingerprint_is_the_same_on_every_machine():
    data = np.arange(2 * 4 * 4, dtype=np.float32).reshape(2, 4, 4)
    scan = Scan(
        ArrayPatterns(data), ProbePositions(np.array([[0.0, 1.5], [-2.0, 3.25]]), "px"), ScanMetadata("x")
    )
    assert scan_fingerprint(scan) == "c2ae786fcca3119e"


def test_counts_stored_as_float32_amplitudes_are_still_counts():
    counts = np.random.default_rng(0).poisson(300, SCAN.patterns.shape)
    squared = np.square(np.sqrt(counts).astype(np.float32))
    assert (squared != counts).any()
    assert has_whole_counts(replace(SCAN, patterns=ArrayPatterns(squared)))
    assert not has_whole_counts(replace(SCAN, patterns=ArrayPatterns(squared / 7)))
