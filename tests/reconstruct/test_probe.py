from dataclasses import replace

import numpy as np
import pytest

from ptygui.core.errors import RecipeError
from ptygui.core.fourier import detector_intensity
from ptygui.core.scan import ArrayPatterns
from ptygui.reconstruct.probe import choose_probe, measure_scale


def test_the_scale_is_its_definition(scan):
    """c² = mean_j sum I_j / sum|P|²."""
    expected = np.sqrt(scan.patterns.data.sum(axis=(1, 2)).mean() / np.sum(np.abs(scan.probe) ** 2))
    assert measure_scale(scan, scan.probe) == pytest.approx(expected, rel=1e-5)


def test_the_scale_undoes_any_scale_of_the_probe(scan):
    assert measure_scale(scan, scan.probe * 5) == pytest.approx(measure_scale(scan, scan.probe) / 5, rel=1e-5)


def test_bad_pixels_are_left_out_on_both_sides(scan):
    """With data of the flat object c is exactly 1, whatever the bad pixels hold."""
    flat = np.repeat(detector_intensity(scan.probe)[None], len(scan), axis=0).astype(np.float32)
    bad = np.zeros(scan.pattern_shape, bool)
    bad[14:18, 10:20] = True
    flat[:, bad] = 4e9
    spoilt = replace(scan, patterns=ArrayPatterns(flat), bad_pixels=bad)
    assert measure_scale(spoilt, scan.probe) == pytest.approx(1, rel=1e-5)


def test_few_patterns_are_read_of_a_long_scan(scan):
    class Counting:
        shape = (50_000, 32, 32)
        read_so_far = 0
        largest = 0

        def read(self, indices):
            self.read_so_far += len(indices)
            self.largest = max(self.largest, len(indices))
            return np.ones((len(indices), 32, 32), np.float32)

    source = Counting()
    positions = replace(scan.positions, values=np.zeros((50_000, 2)))
    measure_scale(replace(scan, patterns=source, positions=positions), scan.probe)
    assert source.read_so_far == 256
    assert source.largest <= 16


def test_a_probe_of_another_size_is_refused_in_words(scan):
    with pytest.raises(RecipeError, match="16 x 16 pixels but the patterns of lines have 32 x 32"):
        choose_probe("bundle", scan, scan.probe[:, :16, :16], trained_on_scan=False)


def test_no_probe_at_all_says_what_to_do(scan):
    with pytest.raises(RecipeError, match="Neither lines nor the generator carries a probe"):
        choose_probe("auto", replace(scan, probe=None), None, trained_on_scan=False)


def test_a_generators_probe_that_does_not_fit_is_no_reason_to_choose_one_that_is_not_there(scan):
    with pytest.raises(RecipeError, match="32 x 32: train a generator on this scan"):
        choose_probe("auto", replace(scan, probe=None), scan.probe[:, :16, :16], trained_on_scan=False)
