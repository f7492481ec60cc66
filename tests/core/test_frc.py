import numpy as np
import pytest

from ptygui.core.frc import ONE_SEVENTH, RingCorrelation, half_bit, ring_correlation


def white(seed, shape=(256, 256)):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def low_passed(image, cut):
    fy, fx = (np.fft.fftfreq(size) for size in image.shape)
    return np.fft.ifft2(np.fft.fft2(image) * (np.hypot(fy[:, None], fx[None, :]) < cut))


def test_an_image_agrees_with_itself_in_any_phase():
    image = white(0)
    curve = ring_correlation(image, 3 * np.exp(2j) * image)
    np.testing.assert_allclose(curve.correlation, 1.0)
    assert curve.resolution_px() == 1.0


def test_independent_images_do_not_agree():
    curve = ring_correlation(white(0), white(1))
    assert np.abs(curve.correlation[20:]).max() < 0.25
    assert abs(curve.correlation[20:].mean()) < 0.02
    assert curve.resolution_px(0.9) is None


def test_a_common_background_is_no_agreement():
    bright = ring_correlation(white(0) + 1000, white(1) + 1000).correlation
    dark = ring_correlation(white(0), white(1)).correlation
    np.testing.assert_allclose(np.abs(bright), np.abs(dark), atol=1e-6)


@pytest.mark.parametrize("snr", [0.5, 2.0, 8.0])
def test_noise_gives_the_correlation_of_its_ratio(snr):
    # Two measurements of one signal: FRC = SNR / (1 + SNR) (van Heel and Schatz 2005).
    signal = np.sqrt(snr) * white(0)
    curve = ring_correlation(signal + white(1), signal + white(2), apodisation=0.0)
    assert curve.correlation[20:].mean() == pytest.approx(snr / (1 + snr), abs=0.02)


@pytest.mark.parametrize("cut", [0.1, 0.2, 0.35])
def test_resolution_is_where_agreement_ends(cut):
    signal = low_passed(white(0), cut) * 5
    a, b = signal + white(1), signal + white(2)
    curve = ring_correlation(a, b, pixel_size_m=20e-9)
    for threshold in (None, ONE_SEVENTH):
        ends = 0.5 / curve.resolution_px(threshold)
        assert ends == pytest.approx(cut, abs=3 / 256)  # three rings: the window spreads each frequency
    assert curve.resolution_m() == pytest.approx(curve.resolution_px() * 20e-9)
    assert ring_correlation(a, b).resolution_m() is None


def test_half_bit_threshold_has_its_limits():
    # van Heel and Schatz 2005: 1/2 bit in the limit of many pixels is 0.2071 / 1.2071 = 0.1716.
    assert half_bit(np.array([10**12]))[0] == pytest.approx(0.1716, abs=1e-4)
    assert half_bit(np.array([1]))[0] == pytest.approx(1.0, abs=1e-3)
    assert (np.diff(half_bit(np.arange(1, 100))) < 0).all()


def test_rings_of_oblong_images_are_rings_of_frequency():
    shape = (64, 160)
    signal = low_passed(white(0, shape), 0.25) * 5
    curve = ring_correlation(signal + white(1, shape), signal + white(2, shape))
    assert curve.resolution_px() == pytest.approx(2.0, rel=0.1)
    assert curve.frequency.max() <= 0.5


def test_a_crossing_is_interpolated():
    curve = RingCorrelation(np.array([0.1, 0.2]), np.array([0.9, 0.1]), np.array([0.5, 0.5]))
    assert curve.resolution_px() == pytest.approx(0.5 / 0.15)
    assert RingCorrelation(curve.frequency, np.zeros(2), curve.half_bit).resolution_px() is None
