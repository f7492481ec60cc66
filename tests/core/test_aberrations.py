import numpy as np
import pytest

from ptygui.core.aberrations import misjudged, noll_order, pupil_probe, zernike
from ptygui.core.probe import ProbeError, probe_similarity
from ptygui.core.probe_guess import zone_plate_probe_px


def disk(points=801):
    axis = np.linspace(-1, 1, points)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    return np.hypot(y, x), np.arctan2(y, x)


def test_orders_are_those_of_nolls_table():
    table = [(0, 0), (1, 1), (1, 1), (2, 0), (2, 2), (2, 2), (3, 1), (3, 1), (3, 3), (3, 3), (4, 0)]
    assert [noll_order(number) for number in range(1, 12)] == table
    with pytest.raises(ValueError, match="numbered from 1"):
        noll_order(0)


@pytest.mark.parametrize(
    ("number", "formula"),
    [
        (2, lambda r, a: 2 * r * np.cos(a)),
        (3, lambda r, a: 2 * r * np.sin(a)),
        (4, lambda r, a: np.sqrt(3) * (2 * r**2 - 1)),
        (5, lambda r, a: np.sqrt(6) * r**2 * np.sin(2 * a)),
        (6, lambda r, a: np.sqrt(6) * r**2 * np.cos(2 * a)),
        (7, lambda r, a: np.sqrt(8) * (3 * r**3 - 2 * r) * np.sin(a)),
        (8, lambda r, a: np.sqrt(8) * (3 * r**3 - 2 * r) * np.cos(a)),
        (11, lambda r, a: np.sqrt(5) * (6 * r**4 - 6 * r**2 + 1)),
    ],
)
def test_polynomials_are_those_of_nolls_table(number, formula):
    radius, angle = disk(41)
    np.testing.assert_allclose(zernike(number, radius, angle), formula(radius, angle), atol=1e-12)


def test_polynomials_are_orthonormal_on_the_disk():
    radius, angle = disk()
    inside = radius <= 1
    values = np.stack([zernike(number, radius, angle)[inside] for number in range(1, 12)])
    np.testing.assert_allclose(values @ values.T / inside.sum(), np.eye(11), atol=0.02)


def test_defocus_is_that_of_a_zone_plate():
    rim_rad = 8.0
    probe = pupil_probe((64, 64), 2.0, {4: rim_rad / np.sqrt(12)})
    expected = zone_plate_probe_px((64, 64), 2.0, rim_rad)
    assert abs(np.vdot(probe, expected)) == pytest.approx(1.0, abs=1e-5)
    assert abs(np.vdot(pupil_probe((64, 64), 2.0, {4: -rim_rad / np.sqrt(12)}), expected)) < 0.9


def test_weak_aberrations_dim_the_focus_as_marechal_says():
    # Strehl ratio exp(-sigma²) with sigma the root mean square phase (Born and Wolf, 9.1.3).
    perfect = np.abs(pupil_probe((256, 256), 2.0, {})[0, 128, 128]) ** 2
    for number in (5, 8, 11):
        strehl = np.abs(pupil_probe((256, 256), 2.0, {number: 0.3})[0, 128, 128]) ** 2 / perfect
        assert strehl == pytest.approx(np.exp(-(0.3**2)), abs=0.02)


def test_a_tilt_moves_the_focus():
    # Z2 = 2 x / R: a phase slope of 2 c over the cut-off 1 / (2 outer zone), so 4 outer c / (2 pi) pixels.
    intensity = np.abs(pupil_probe((64, 64), 2.0, {2: 2 * np.pi * 5 / 8})[0]) ** 2
    assert np.unravel_index(intensity.argmax(), intensity.shape) == (32, 32 + 5)
    intensity = np.abs(pupil_probe((64, 64), 2.0, {3: 2 * np.pi * 5 / 8})[0]) ** 2
    assert np.unravel_index(intensity.argmax(), intensity.shape) == (32 + 5, 32)


def test_a_square_pupil_has_corners_and_a_stop_has_a_hole():
    far = np.abs(np.fft.fftshift(np.fft.fft2(pupil_probe((64, 64), 2.0, {}, square=True)[0])))
    assert far[32 + 13, 32 + 13] > 0.8 * far[32, 32]
    round_one = np.abs(np.fft.fftshift(np.fft.fft2(pupil_probe((64, 64), 2.0, {})[0])))
    assert round_one[32 + 13, 32 + 13] < 0.3 * round_one[32, 32]
    stopped = np.abs(np.fft.fftshift(np.fft.fft2(pupil_probe((64, 64), 2.0, {}, stop_fraction=0.5)[0])))
    assert stopped[32, 32] < 0.05 * stopped[32, 32 + 12]


def test_a_lens_that_is_too_fine_for_the_pixel_is_refused():
    with pytest.raises(ProbeError, match="at least 1"):
        pupil_probe((64, 64), 0.8, {})


def test_a_misjudged_probe_gets_worse_with_strength_and_keeps_power_and_place():
    true = zone_plate_probe_px((64, 64), 2.0, 12.0)
    likeness = [
        np.mean([probe_similarity(true, misjudged(true, strength, seed=s)) for s in range(8)])
        for strength in (0.0, 0.25, 0.5, 1.0)
    ]
    assert likeness[0] == pytest.approx(1.0, abs=1e-5)
    assert (np.diff(likeness) < -0.01).all()
    wrong = misjudged(true, 0.5, seed=3)
    assert wrong.shape == true.shape
    assert wrong.dtype == np.complex64
    assert np.linalg.norm(wrong) == pytest.approx(np.linalg.norm(true), rel=1e-5)
    assert np.array_equal(wrong, misjudged(true, 0.5, seed=3))
    middle = [
        np.array([(np.indices((64, 64))[axis] * np.abs(p[0]) ** 2).sum() for axis in (0, 1)])
        / np.sum(np.abs(p) ** 2)
        for p in (true, wrong)
    ]
    np.testing.assert_allclose(*middle, atol=1.5)
