import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants

from ptygui.core import geometry
from ptygui.core.errors import ScanError
from ptygui.core.probe_guess import disk_probe, zone_plate_probe_px
from ptygui.core.simulate import expected_intensities, lines_scan

codes = st.integers(0, 7)
shapes = st.tuples(st.integers(2, 9), st.integers(2, 9))


def letter_f(rows, cols):
    """A transparent field with an opaque F: no turn or flip leaves it the same."""
    image = np.ones((rows, cols), np.complex64)
    image[rows // 4 : 3 * rows // 4, cols // 3 : cols // 3 + 4] = 0.3
    image[rows // 4 : rows // 4 + 4, cols // 3 : 2 * cols // 3] = 0.3j
    image[rows // 2 : rows // 2 + 4, cols // 3 : cols // 2] = 0.3
    return image


def lopsided_probe():
    rows, cols = np.ogrid[-16:16, -16:16]
    return disk_probe((32, 32), 12.0) * np.exp(1j * (0.4 * rows + 0.03 * cols**2 + 0.1 * cols)).astype(
        np.complex64
    )


def test_wavelength_of_a_known_line():
    # Cu K-alpha1: 8047.78 eV, 1.540593 Å (International Tables for Crystallography C, 4.2.2).
    assert geometry.wavelength_m(8047.78) == pytest.approx(1.540593e-10, rel=1e-5)
    joule = constants.h * constants.c / geometry.wavelength_m(500.0)
    assert joule / constants.electron_volt == pytest.approx(500.0)


@given(st.floats(1.0, 1e6))
def test_energy_and_wavelength_are_inverse(energy):
    assert geometry.energy_ev(geometry.wavelength_m(energy)) == pytest.approx(energy)


def test_object_pixel_of_a_beamline():
    # 10 keV, 2 m, 256 x 128 pixels of 75 um x 150 um: 1.2398 Å * 2 m / 19.2 mm in both directions.
    pixel = geometry.object_pixel_m(10e3, 2.0, (75e-6, 150e-6), (256, 128))
    assert pixel[0] == pytest.approx(1.239842e-10 * 2 / 19.2e-3, rel=1e-5)
    assert pixel[1] == pytest.approx(pixel[0])


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_geometry_is_refused_in_words(bad):
    with pytest.raises(ScanError, match="photon energy must be a positive number of eV"):
        geometry.object_pixel_m(bad, 1.0, (1e-4, 1e-4), (64, 64))
    with pytest.raises(ScanError, match="distance"):
        geometry.object_pixel_m(1e4, bad, (1e-4, 1e-4), (64, 64))
    with pytest.raises(ScanError, match="detector pixel"):
        geometry.object_pixel_m(1e4, 1.0, (1e-4, bad), (64, 64))


def test_metres_and_pixels_are_inverse():
    positions = np.random.default_rng(0).normal(size=(5, 2))
    pixel = (2e-8, 3e-8)
    np.testing.assert_allclose(geometry.to_pixels(geometry.to_metres(positions, pixel), pixel), positions)
    assert geometry.to_metres(np.array([[1.0, 1.0]]), pixel).tolist() == [[2e-8, 3e-8]]


def test_the_codes_are_those_of_the_definition():
    frame = np.array([[1, 2], [3, 4], [5, 6]])
    assert geometry.orient_frames(frame, 1).tolist() == [[2, 1], [4, 3], [6, 5]]
    assert geometry.orient_frames(frame, 2).tolist() == [[5, 6], [3, 4], [1, 2]]
    assert geometry.orient_frames(frame, 3).tolist() == [[6, 5], [4, 3], [2, 1]]
    assert geometry.orient_frames(frame, 4).tolist() == [[1, 3, 5], [2, 4, 6]]
    assert geometry.orient_frames(frame, 5).tolist() == [[5, 3, 1], [6, 4, 2]]
    assert geometry.orient_frames(frame, 6).tolist() == [[2, 4, 6], [1, 3, 5]]


@pytest.mark.parametrize("code", [-1, 8])
def test_unknown_codes_are_refused(code):
    for call in (geometry.inverse_orientation, lambda c: geometry.orient_frames(np.eye(3), c)):
        with pytest.raises(ScanError, match="0 to 7"):
            call(code)


@pytest.mark.parametrize("orient", [geometry.orient_frames, geometry.orient_centred])
@given(first=codes, second=codes, shape=shapes)
@settings(max_examples=60, deadline=None)
def test_orientations_are_a_group_on_arrays(orient, first, second, shape):
    stack = np.arange(2 * shape[0] * shape[1]).reshape(2, *shape)
    both = orient(orient(stack, first), second)
    np.testing.assert_array_equal(both, orient(stack, geometry.compose_orientations(first, second)))
    np.testing.assert_array_equal(orient(orient(stack, first), geometry.inverse_orientation(first)), stack)


@given(codes, codes, codes)
def test_orientations_obey_the_group_axioms(a, b, c):
    compose, inverse = geometry.compose_orientations, geometry.inverse_orientation
    assert compose(compose(a, b), c) == compose(a, compose(b, c))
    assert compose(a, 0) == compose(0, a) == a
    assert compose(a, inverse(a)) == compose(inverse(a), a) == 0


@given(first=codes, second=codes)
def test_positions_turn_by_the_same_group(first, second):
    positions = np.array([[1.0, 2.0], [-3.0, 0.5]])
    both = geometry.orient_positions(geometry.orient_positions(positions, first), second)
    composed = geometry.orient_positions(positions, geometry.compose_orientations(first, second))
    np.testing.assert_array_equal(both, composed)


@given(code=codes, shape=shapes)
def test_the_centre_stays_and_a_point_moves_as_its_position(code, shape):
    stack = np.zeros(shape)
    half = (min(shape) - 1) // 2  # a point that every orientation keeps inside
    stack[shape[0] // 2 + half, shape[1] // 2] = 1
    turned = geometry.orient_centred(stack, code)
    ((dy, dx),) = geometry.orient_positions(np.array([[float(half), 0.0]]), code)
    assert turned[turned.shape[0] // 2 + int(dy), turned.shape[1] // 2 + int(dx)] == 1


@pytest.mark.parametrize("code", range(8))
@pytest.mark.parametrize("corner", [False, True])
def test_an_f_comes_back_unrotated(code, corner):
    # What a turned detector records of an F is, once turned back, what an upright one would have recorded.
    f, probe = letter_f(96, 96), zone_plate_probe_px((32, 32), 2.0, 5.0)
    positions = np.array([[40.25, 50.5], [30.0, 41.75], [60.0, 33.0]])
    upright = expected_intensities(f, probe, positions)
    recorded = geometry.orient_centred(upright, geometry.inverse_orientation(code))
    stored = geometry.corner_dc(recorded) if corner else recorded
    guess = geometry.guess_dc(stored)
    assert guess.value == ("corner" if corner else "centre")
    read = geometry.centre_dc(stored) if guess.value == "corner" else stored
    np.testing.assert_array_equal(geometry.orient_centred(read, code), upright)
    others = [c for c in range(8) if c != code]
    assert not any(np.allclose(geometry.orient_centred(read, c), upright, rtol=1e-2) for c in others)


@pytest.mark.parametrize("code", range(8))
def test_turning_object_probe_and_positions_turns_the_patterns(code):
    f, probe = letter_f(97, 97), lopsided_probe()
    positions, centre = np.array([[40.25, 50.4], [52.0, 41.75]]), 48.0
    turned = expected_intensities(
        geometry.orient_centred(f, code),
        geometry.orient_centred(probe, code),
        geometry.orient_positions(positions - centre, code) + centre,
    )
    patterns = expected_intensities(f, probe, positions)
    misfit = [np.abs(turned - geometry.orient_centred(patterns, c)).sum() / turned.sum() for c in range(8)]
    assert misfit[code] < 5e-3  # the rim of an even window is not symmetric
    assert min(m for c, m in enumerate(misfit) if c != code) > 0.1


@given(shape=shapes)
def test_corner_and_centre_are_inverse(shape):
    stack = np.arange(shape[0] * shape[1]).reshape(1, *shape)
    np.testing.assert_array_equal(geometry.corner_dc(geometry.centre_dc(stack)), stack)
    point = np.zeros(shape)
    point[0, 0] = 1
    assert geometry.centre_dc(point)[shape[0] // 2, shape[1] // 2] == 1


def test_guessing_the_place_says_why():
    patterns = lines_scan(32, object_px=80, photons_per_pattern=1e4).patterns.data
    guess = geometry.guess_dc(patterns)
    assert (guess.what, guess.value) == ("zero frequency", "centre")
    assert guess.why == "96% of the counts lie in the middle, 0% in the corners."
    spoiled = geometry.corner_dc(patterns).astype(np.float64)
    spoiled[:, 16, 16] = np.nan
    assert geometry.guess_dc(spoiled).value == "corner"
    assert "no counts" in geometry.guess_dc(np.zeros((1, 8, 8))).why


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16])
def test_counts_and_their_roots_are_told_apart(dtype):
    counts = lines_scan(32, object_px=80, photons_per_pattern=1e5).patterns.data.astype(dtype)
    assert geometry.guess_quantity(counts).value == "intensity"
    roots = np.sqrt(counts.astype(np.float64)).astype(np.float32)
    assert geometry.guess_quantity(roots).value == "amplitude"
    assert geometry.guess_quantity(roots / roots.max()).value == "amplitude"
    assert "weak" in geometry.guess_quantity(roots / roots.max()).why
    assert geometry.guess_quantity(np.zeros((1, 4, 4))).value == "intensity"


def test_numbers_too_large_to_show_a_fraction_are_weak_evidence():
    assert "weak" in geometry.guess_quantity(np.full((1, 4, 4), 1e6, np.float32)).why
