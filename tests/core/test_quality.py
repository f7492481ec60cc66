import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from ptygui.core.objects import grid_lines
from ptygui.core.quality import ComparisonError, common_area, compare, frc50, phase_ssim
from ptygui.core.scan import ObjectImage

TRUE = grid_lines((120, 120), seed=7)


def image(values, origin=(0.0, 0.0), **options):
    return ObjectImage(np.asarray(values, np.complex64), np.ones(values.shape, bool), origin, **options)


TRUTH = image(TRUE)


@settings(max_examples=20, deadline=None)
@given(
    factor=st.builds(lambda r, p: r * np.exp(1j * p), st.floats(0.05, 20), st.floats(-3.1, 3.1)),
    corner=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_a_right_object_is_perfect_in_any_gauge_and_frame(factor, corner):
    row, col = corner
    part = image(TRUE[row : row + 60, col : col + 70] * factor, (float(row), float(col)))
    quality = compare(part, TRUTH)
    assert quality.amplitude_ssim == pytest.approx(1.0, abs=1e-4)
    assert quality.phase_ssim == pytest.approx(1.0, abs=1e-4)
    assert quality.amplitude_mae == pytest.approx(0.0, abs=1e-5)
    assert quality.complex_error == pytest.approx(0.0, abs=1e-5)


def test_the_frames_offset_counts():
    shifted = compare(image(TRUE[10:90, 10:90], (11.0, 10.0)), TRUTH)
    assert shifted.amplitude_ssim < 0.9
    assert shifted.complex_error > 0.02
    elsewhere = compare(image(TRUE, (500.0, -300.0)), image(TRUE, (500.0, -300.0)))
    assert elsewhere.amplitude_ssim == pytest.approx(1.0)


@pytest.mark.parametrize("fraction", [(0.5, 0.0), (0.3, -0.4)])
def test_origins_between_pixels_are_respected(fraction):
    smooth = gaussian_filter(TRUE.real, 2, mode="wrap") + 1j * gaussian_filter(TRUE.imag, 2, mode="wrap")
    k = np.fft.fftfreq(120)
    phase = np.exp(2j * np.pi * (fraction[0] * k[:, None] + fraction[1] * k[None, :]))
    sampled = np.fft.ifft2(np.fft.fft2(smooth) * phase)  # smooth at (row + fraction)
    right = compare(image(sampled[10:90, 10:90], (10 + fraction[0], 10 + fraction[1])), image(smooth))
    wrong = compare(image(sampled[10:90, 10:90], (10.0, 10.0)), image(smooth))
    assert right.complex_error < 1e-4
    assert wrong.complex_error > 20 * right.complex_error


def test_errors_have_their_size():
    rng = np.random.default_rng(0)
    noise = 0.1 * (rng.normal(size=TRUE.shape) + 1j * rng.normal(size=TRUE.shape)) / np.sqrt(2)
    noisy = compare(image(TRUE + noise), TRUTH)
    assert noisy.complex_error == pytest.approx(0.1, rel=0.03)  # |noise| / |truth|, rms amplitude 1
    assert noisy.amplitude_mae == pytest.approx(0.1 / np.sqrt(2) * np.sqrt(2 / np.pi), rel=0.1)


def test_a_constant_object_is_dead():
    dead = compare(image(np.full((120, 120), 0.4 + 0.1j)), TRUTH)
    assert dead.amplitude_ssim < 0.5
    assert dead.phase_ssim < 0.5
    assert 0.1 < dead.complex_error < 1


def test_blur_shows_in_similarity_more_than_noise_free_scale():
    blurred = gaussian_filter(TRUE.real, 2) + 1j * gaussian_filter(TRUE.imag, 2)
    ranks = [compare(image(v), TRUTH).amplitude_ssim for v in (TRUE * 7, blurred, np.ones_like(TRUE))]
    assert ranks[0] > ranks[1] > ranks[2]


def test_phases_wrap_without_harm():
    # Every phase of the truth lies near pi: on one side of the cut or the other.
    near_cut = np.exp(1j * (np.pi + 0.3 * np.angle(TRUE)))
    slightly_off = near_cut * np.exp(0.01j * np.sin(np.arange(120) / 9))
    mask = np.ones(TRUE.shape, bool)
    assert phase_ssim(slightly_off, near_cut, mask) > 0.97
    assert phase_ssim(near_cut * np.exp(3j), near_cut, mask) == pytest.approx(1.0)


@given(st.floats(-3.1, 3.1))
def test_the_phase_of_the_truth_itself_means_nothing(turn):
    blurred = gaussian_filter(TRUE.real, 1) + 1j * gaussian_filter(TRUE.imag, 1)
    mask, factor = np.ones(TRUE.shape, bool), np.exp(1j * turn)
    assert phase_ssim(blurred, TRUE * factor, mask) == pytest.approx(
        phase_ssim(blurred, TRUE, mask), abs=1e-4
    )


def test_pure_amplitude_objects_have_no_undefined_quality():
    flat_phase = np.abs(TRUE).astype(np.complex64)
    quality = compare(image(flat_phase), image(flat_phase))
    assert quality.phase_ssim == pytest.approx(1.0)
    pure_phase = compare(image(TRUE / np.abs(TRUE)), image(TRUE / np.abs(TRUE)))
    assert pure_phase.amplitude_ssim == pytest.approx(1.0)


def test_what_is_not_covered_or_not_inside_the_positions_does_not_count():
    values, covered = TRUE.copy(), np.ones(TRUE.shape, bool)
    values[:20] = 0
    covered[:20] = False
    values[100:] = 50j
    positions = np.array([[0.0, 5.5], [95.0, 110.0]])
    spoiled = ObjectImage(values, covered)
    quality = compare(spoiled, TRUTH, positions)
    assert quality.complex_error < 1e-5
    assert compare(spoiled, TRUTH).complex_error > 0.5
    area = common_area(spoiled, TRUTH, positions)
    assert area.first.shape == (96, 105)
    np.testing.assert_array_equal(area.second, TRUE[:96, 6:111])


def test_a_ramp_comes_off_only_when_asked():
    ramp = np.exp(0.02j * np.arange(120))
    assert compare(image(TRUE * ramp), TRUTH).complex_error > 0.3
    assert compare(image(TRUE * ramp), TRUTH, ramp=True).complex_error < 1e-3


def test_what_cannot_be_compared_is_refused_in_words():
    for estimate, truth, words in [
        (image(TRUE, (500.0, 0.0)), TRUTH, "nothing to compare"),
        (image(TRUE, stride=2), TRUTH, "preview"),
        (image(TRUE, pixel_size_m=(1e-8, 1e-8)), image(TRUE, pixel_size_m=(2e-8, 2e-8)), "pixel sizes"),
        (ObjectImage(TRUE, np.zeros(TRUE.shape, bool)), TRUTH, "no covered pixel"),
    ]:
        with pytest.raises(ComparisonError, match=words):
            compare(estimate, truth)


def test_frc50_tells_the_finest_detail_that_is_right():
    """Low-pass filtered with additive noise above a cut-off, an object is right up to the cut-off."""
    rng = np.random.default_rng(3)
    noise = rng.standard_normal((2, 120, 120))
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(120), np.fft.fftfreq(120)))
    spectrum = np.where(radius < 0.2, np.fft.fft2(TRUE), np.fft.fft2(noise[0] + 1j * noise[1]))
    assert frc50(image(TRUE * 2j), TRUTH) == pytest.approx(0.5)
    assert frc50(image(np.fft.ifft2(spectrum)), TRUTH) == pytest.approx(0.2, abs=0.02)
    assert frc50(image(noise[0] + 1j * noise[1]), TRUTH) == 0
