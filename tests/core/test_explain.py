"""The computed pattern against core.simulate, which shifts and propagates by itself."""

from dataclasses import replace

import numpy as np
import pytest

from ptygui.core.events import StageResult
from ptygui.core.explain import computed_pattern
from ptygui.core.objects import grid_lines
from ptygui.core.probe import hermite_modes, scale_to_photons
from ptygui.core.scan import ObjectImage
from ptygui.core.simulate import expected_intensities, lines_probe

POSITIONS = np.array([[40.0, 41.0], [38.3, 45.75], [44.5, 39.49]])


def without_nyquist(probe):
    """What a sub-pixel shift does to the Nyquist row and column is a choice, and scipy's is another one."""
    spectrum = np.fft.fft2(probe)
    spectrum[:, 16, :] = spectrum[:, :, 16] = 0
    return np.fft.ifft2(spectrum).astype(np.complex64)


def make_stage(origin=(0.0, 0.0), covered=None):
    values = grid_lines((84, 88), seed=2)
    covered = np.ones(values.shape, bool) if covered is None else covered
    probe = scale_to_photons(without_nyquist(hermite_modes(lines_probe(32), 3, 0.2)), 1e5)
    return StageResult(
        "refined", ObjectImage(values, covered, origin), probe, POSITIONS + origin, None, None, 0.0
    )


@pytest.mark.parametrize("origin", [(0.0, 0.0), (-7.0, 12.0), (3.25, -0.5)])
@pytest.mark.parametrize("index", range(len(POSITIONS)))
def test_it_is_what_the_simulation_expects(index, origin):
    stage = make_stage(origin)
    expected = expected_intensities(stage.image.values, stage.probe, POSITIONS)[index]
    found = computed_pattern(stage, index)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-6 * expected.max())


def test_an_odd_window_is_cut_as_the_simulation_cuts_it():
    stage = make_stage()
    stage = replace(stage, probe=stage.probe[:, :31, :29])
    expected = expected_intensities(stage.image.values, stage.probe, POSITIONS)[1]
    np.testing.assert_allclose(computed_pattern(stage, 1), expected, atol=2e-6 * expected.max())


def test_brightness_multiplies_and_background_adds():
    stage = make_stage()
    plain = computed_pattern(stage, 1)
    background = np.linspace(0, 5, 32 * 32, dtype=np.float32).reshape(32, 32)
    brightness = np.array([1, 0.5, 2], np.float32)
    found = computed_pattern(replace(stage, intensities=brightness, background=background), 1)
    np.testing.assert_allclose(found, 0.5 * plain + background, rtol=1e-6)


@pytest.mark.parametrize("place", [(0.0, 0.0), (83.0, 87.0), (-500.0, 40.0), (40.0, 900.0)])
def test_outside_the_picture_the_object_is_one(place):
    stage = replace(make_stage(), positions_px=np.array([place]))
    padded = np.pad(stage.image.values, 1000, constant_values=1)
    expected = expected_intensities(padded, stage.probe, stage.positions_px + 1000)[0]
    np.testing.assert_allclose(computed_pattern(stage, 0), expected, atol=2e-6 * expected.max())


def test_where_nothing_was_measured_the_object_is_one():
    stage = make_stage(covered=np.zeros((84, 88), bool))
    nothing = replace(stage.image, values=np.zeros((84, 88), np.complex64))
    stage = replace(stage, image=nothing)
    flat = expected_intensities(np.ones((84, 88), np.complex64), stage.probe, POSITIONS)[2]
    np.testing.assert_allclose(computed_pattern(stage, 2), flat, atol=2e-6 * flat.max())
