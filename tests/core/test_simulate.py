import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from ptygui.core.objects import LINE_BLURS, grid_lines, natural_image, siemens_star
from ptygui.core.probe import hermite_modes
from ptygui.core.probe_guess import disk_probe, zone_plate_probe_px
from ptygui.core.scan_paths import raster_path, spiral_path
from ptygui.core.simulate import expected_intensities, lines_scan, simulate_scan


@pytest.mark.parametrize("make", [lambda s: grid_lines(s, seed=1), siemens_star, natural_image])
def test_objects_are_finite_normalised_and_have_contrast(make):
    values = make((120, 150))
    assert values.shape == (120, 150)
    assert values.dtype == np.complex64
    assert np.isfinite(values).all()
    assert np.sqrt(np.mean(np.abs(values) ** 2)) == pytest.approx(1.0, rel=1e-5)
    assert np.abs(values).std() > 0.05
    assert np.angle(values).std() > 0.05


def test_grid_lines_follow_their_published_formula():
    values = grid_lines((100, 100), seed=3)
    a = np.abs(values).astype(np.float64)
    expected = np.pi * np.tanh((a - a.max() / 2) / (3 * a.mean()))
    np.testing.assert_allclose(np.angle(values), expected, atol=1e-4)
    assert (np.angle(grid_lines((100, 100), seed=3, with_phase=False)) == 0).all()
    assert not np.array_equal(values, grid_lines((100, 100), seed=4))
    assert np.array_equal(values, grid_lines((100, 100), seed=3))


def test_one_line_has_the_profile_of_the_summed_blurs():
    # Far from its ends a straight line becomes sum f / (sigma sqrt(2 pi)) on its crest (times one scale).
    drawn = np.zeros((400, 400))
    drawn[200, :] = 1
    crest = sum(f / (s * np.sqrt(2 * np.pi)) for f, s in LINE_BLURS)
    blurred = sum(f * gaussian_filter(drawn, s) for f, s in LINE_BLURS)
    assert LINE_BLURS == ((1.0, 1.0), (2.0, 5.0), (5.0, 10.0))
    assert blurred[200, 200] == pytest.approx(crest, rel=1e-3)


def test_star_has_its_spokes():
    phase = np.angle(siemens_star((301, 301), spokes=24))
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    radius = 0.45 * 301 * 0.5
    ring = phase[
        np.rint(150 + radius * np.sin(angle)).astype(int), np.rint(150 + radius * np.cos(angle)).astype(int)
    ]
    edges = np.count_nonzero(np.diff((ring < -0.3).astype(int)))
    assert edges == pytest.approx(48, abs=1)


def test_raster_fills_the_object_and_stays_inside():
    path = raster_path((392, 392), (64, 64), 18.0, jitter_px=2.0, seed=1)
    assert path.shape == (361, 2)
    assert path.min() >= 32
    assert path.max() <= 392 - 32
    regular = raster_path((200, 300), (64, 64), 10.0)
    np.testing.assert_allclose(np.diff(np.unique(regular[:, 0])), 10.0)
    np.testing.assert_allclose(np.diff(np.unique(regular[:, 1])), 10.0)
    assert np.abs(path - raster_path((392, 392), (64, 64), 18.0)).max() <= 2.0


def test_spiral_owns_equal_areas():
    path = spiral_path((600, 600), (64, 64), 12.0)
    assert len(path) == pytest.approx((600 - 64) ** 2 / 12.0**2, rel=0.02)
    distances = cdist(path, path) + np.eye(len(path)) * 1e9
    assert np.median(distances.min(axis=1)) == pytest.approx(12.0, rel=0.1)
    assert path.min() >= 32
    assert path.max() <= 600 - 32


def test_an_object_smaller_than_a_pattern_is_refused():
    with pytest.raises(ValueError, match="smaller than a pattern"):
        raster_path((50, 50), (64, 64), 5.0)


def test_a_window_outside_the_object_is_refused():
    with pytest.raises(ValueError, match="leaves the object"):
        expected_intensities(
            np.ones((80, 80), np.complex64), disk_probe((64, 64), 20.0), np.array([[10.0, 40]])
        )


def test_pattern_of_a_gaussian_is_the_analytic_gaussian():
    # exp(-r²/2s²) under an orthonormal FFT of N points: (2 pi s²/N) exp(-2 pi² s² k²/N²) here.
    n, s = 64, 4.0
    r = np.arange(n) - n // 2
    gaussian = np.exp(-(r[:, None] ** 2 + r[None, :] ** 2) / (2 * s * s)).astype(np.complex64)[None]
    got = expected_intensities(np.ones((n, n), np.complex64), gaussian, np.array([[32.0, 32.0]]))[0]
    field = 2 * np.pi * s * s / n * np.exp(-2 * np.pi**2 * s * s * (r[:, None] ** 2 + r[None, :] ** 2) / n**2)
    np.testing.assert_allclose(got, field**2, atol=1e-6 * got.max())


def test_a_grating_moves_the_pattern_by_its_frequency():
    cols = np.arange(100)
    grating = np.exp(2j * np.pi * 8 * cols / 64)[None, :].repeat(100, 0).astype(np.complex64)
    pattern = expected_intensities(grating, disk_probe((64, 64), 30.0), np.array([[50.0, 50.0]]))[0]
    assert np.unravel_index(pattern.argmax(), pattern.shape) == (32, 40)


def test_fractional_positions_see_the_object_between_its_pixels():
    # The total power under a small probe follows a slow cosine of the object, to a fraction of a pixel.
    probe = disk_probe((32, 32), 8.0, edge_px=1.5)
    rows = np.arange(80)
    period = 40.0
    values = (2 + np.cos(2 * np.pi * rows / period))[:, None].repeat(80, 1).astype(np.complex64)
    positions = np.array([[40.0 + d, 40.0] for d in (0.0, 0.25, 0.5, 0.75, 1.0)])
    power = expected_intensities(values, probe, positions).sum(axis=(1, 2))
    r = np.arange(32) - 16
    intensity = np.abs(probe[0]) ** 2
    exact = [
        (intensity * (2 + np.cos(2 * np.pi * (y + r) / period))[:, None] ** 2).sum() for y in positions[:, 0]
    ]
    np.testing.assert_allclose(power, exact, rtol=1e-5)


def test_moving_the_probe_is_looking_at_the_object_between_its_pixels():
    # The convention of the canvas: the patch at (y, x) is the object sampled at (y, x) + (-H//2, ...).
    values, probe = grid_lines((96, 96), seed=0), zone_plate_probe_px((32, 32), 2.0, 4.0)
    y, x = 45.3, 52.6
    k = np.fft.fftfreq(96)
    ramp = np.exp(2j * np.pi * ((y - 16) * k[:, None] + (x - 16) * k[None, :]))
    patch = np.fft.ifft2(np.fft.fft2(values.astype(np.complex128)) * ramp)[:32, :32]
    exit_wave = np.fft.fft2(np.fft.ifftshift(probe[0] * patch), norm="ortho")
    interpolated = np.abs(np.fft.fftshift(exit_wave)) ** 2
    moved = expected_intensities(values, probe, np.array([[y, x]]))[0]
    wrong = [expected_intensities(values, probe, np.array([[y, x]]) + d)[0] for d in (-0.3, 0.3, 0.7)]
    misfit = [np.abs(pattern - interpolated).sum() / interpolated.sum() for pattern in (moved, *wrong)]
    assert misfit[0] < 3e-4
    assert min(misfit[1:]) > 10 * misfit[0]


def test_modes_add_in_intensity():
    probe = hermite_modes(zone_plate_probe_px((32, 32), 2.0, 4.0), 2, 0.4)
    values, positions = siemens_star((64, 64)), np.array([[30.2, 33.7]])
    both = expected_intensities(values, probe, positions)
    each = sum(expected_intensities(values, mode[None], positions) for mode in probe)
    np.testing.assert_allclose(both, each, rtol=1e-10)


def test_photons_and_poisson_statistics():
    values = siemens_star((96, 96))
    positions = raster_path((96, 96), (32, 32), 4.0)
    probe = zone_plate_probe_px((32, 32), 2.0, 4.0)
    noisy = simulate_scan(values, probe, positions, 1e4, seed=5)
    clean = simulate_scan(values, probe, positions, 1e4, noise=False)
    counts, expected = noisy.patterns.data.astype(float), clean.patterns.data.astype(float)
    assert (counts == np.rint(counts)).all()
    assert expected.sum(axis=(1, 2)).mean() == pytest.approx(1e4, rel=1e-4)
    lit = expected > 1
    assert np.mean((counts - expected)[lit] ** 2 / expected[lit]) == pytest.approx(1.0, abs=0.02)
    again = simulate_scan(values, probe, positions, 1e4, seed=5)
    assert np.array_equal(again.patterns.data, noisy.patterns.data)


def test_the_scan_carries_a_probe_and_an_object_that_explain_it():
    scan = lines_scan(32, object_px=100, step_px=12.0, photons_per_pattern=1e6, seed=2)
    again = expected_intensities(scan.reference_object.values, scan.probe, scan.positions_px)
    residual = np.abs(np.sqrt(again) - np.sqrt(scan.patterns.data)).sum() / np.sqrt(scan.patterns.data).sum()
    assert residual < 0.02
    flat_power = np.sum(np.abs(scan.probe) ** 2)
    assert flat_power == pytest.approx(1e6, rel=0.3)  # rms amplitude 1: flat explains about the same photons


def test_positions_are_stored_in_metres_when_the_pixel_is_known():
    values, probe = siemens_star((64, 64)), zone_plate_probe_px((32, 32), 2.0, 4.0)
    positions = np.array([[20.5, 30.25], [33.0, 40.0]])
    scan = simulate_scan(values, probe, positions, 1e5, pixel_size_m=(2e-8, 1e-8))
    assert scan.positions.unit == "m"
    np.testing.assert_allclose(scan.positions.values[0], [20.5 * 2e-8, 30.25 * 1e-8])
    np.testing.assert_allclose(scan.positions_px, positions)


def test_lines64_is_the_size_the_benchmark_says():
    scan = lines_scan()
    assert scan.patterns.shape == (361, 64, 64)
    assert scan.reference_object.values.shape == (392, 392)
    assert (scan.positions_px != np.rint(scan.positions_px)).any()
    assert scan.patterns.data.sum(axis=(1, 2)).mean() == pytest.approx(1e9, rel=1e-3)
