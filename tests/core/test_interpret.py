"""From what files hold to the canonical form: what is chosen, stated and found, and what follows from it."""

import msgspec
import numpy as np
import pytest

from ptygui.core.errors import IncompleteScanError
from ptygui.core.fourier import far_field
from ptygui.core.interpret import interpret
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import ArrayPatterns, Guess, ObjectImage

N, H, W = 5, 12, 16
CANONICAL = Reading(quantity="intensity", zero_frequency="centre", position_unit="px")
METRES = {
    "position_unit": "m", "energy_ev": 8000.0, "distance_m": 2.0, "detector_pixel_m": (50e-6, 75e-6),
}  # fmt: skip
WINDOW = {"zero_frequency": "detector", "centre_px": (5, 9), "window_px": (6, 4)}
FRAMES = np.random.default_rng(0).poisson(30, (N, H, W)).astype(np.float32)
POSITIONS = np.stack([3.0 * np.arange(N), 2.0 * np.arange(N) ** 2], axis=1)


def raw_scan(stated=CANONICAL, positions=POSITIONS, **parts):
    return RawScan("a", "a.h5", "test", ArrayPatterns(FRAMES), positions, stated=stated, **parts)


def reading(**parts):
    return msgspec.structs.replace(CANONICAL, **parts)


def read_all(scan):
    return scan.patterns.read(np.arange(len(scan)))


def test_what_is_canonical_stays_as_it_is():
    scan = interpret(raw_scan())
    np.testing.assert_array_equal(read_all(scan), FRAMES)
    np.testing.assert_array_equal(scan.positions_px, POSITIONS)
    assert scan.metadata.guesses == ()


def test_a_window_is_cut_and_its_object_pixel_is_larger():
    scan = interpret(raw_scan(reading(**METRES), POSITIONS * 1e-8), Reading(**WINDOW))
    np.testing.assert_array_equal(read_all(scan), FRAMES[:, 2:8, 7:11])
    whole = interpret(raw_scan(reading(**METRES), POSITIONS * 1e-8)).metadata.pixel_size_m
    np.testing.assert_allclose(scan.metadata.pixel_size_m, np.array(whole) * (H / 6, W / 4))


def test_a_window_makes_positions_in_pixels_those_of_its_own():
    """As many metres as before: lambda z / (N detector pixel) grows as N gets smaller."""
    scan = interpret(raw_scan(), Reading(**WINDOW))
    np.testing.assert_allclose(scan.positions_px, POSITIONS * (6 / H, 4 / W))
    turned = interpret(raw_scan(), Reading(**WINDOW, frames_orientation=4))
    np.testing.assert_allclose(turned.positions_px, POSITIONS * (4 / W, 6 / H))


def test_a_window_crops_the_far_field_of_the_probe():
    probe = np.random.default_rng(1).normal(size=(2, H, W)).astype(np.complex64)
    scan = interpret(raw_scan(probe=probe), Reading(**WINDOW))
    assert scan.probe is not None
    np.testing.assert_allclose(far_field(scan.probe), far_field(probe)[:, 3:9, 6:10], atol=1e-5)


def test_transposed_frames_exchange_lengths_of_rows_and_columns():
    scan = interpret(raw_scan(reading(**METRES, frames_orientation=4), POSITIONS * 1e-8))
    assert scan.pattern_shape == (W, H)
    assert scan.metadata.detector_pixel_m == (75e-6, 50e-6)
    upright = interpret(raw_scan(reading(**METRES), POSITIONS * 1e-8)).metadata.pixel_size_m
    assert scan.metadata.pixel_size_m == upright[::-1]


def test_impossible_values_are_filled_before_amplitudes_are_squared():
    frames = np.sqrt(FRAMES)
    frames[:, 3, 4] = 2.0**32 - 1
    raw = RawScan("a", "a.h5", "test", ArrayPatterns(frames), POSITIONS, reading(quantity="amplitude"))
    scan = interpret(raw)
    assert np.argwhere(scan.bad_pixels).tolist() == [[3, 4]]
    assert read_all(scan).max() < 1e4


def test_bad_pixels_move_with_the_frames():
    bad = np.zeros((H, W), bool)
    bad[2, 8] = True
    scan = interpret(raw_scan(bad_pixels=bad), Reading(**WINDOW, frames_orientation=4))
    assert np.argwhere(scan.bad_pixels).tolist() == [[1, 0]]


OBJECT = ObjectImage(np.ones((20, 40), np.complex64), np.ones((20, 40), bool))


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        ({}, True),
        ({"quantity": "intensity"}, True),
        ({"positions_orientation": 0}, True),
        ({"positions_orientation": 3}, False),  # nothing was stated, which is 0
        (WINDOW, False),
    ],
)
def test_the_object_of_the_file_counts_only_if_positions_lie_as_stated(chosen, kept):
    scan = interpret(raw_scan(reference_object=OBJECT), Reading(**chosen))
    assert (scan.reference_object is not None) == kept


def test_what_the_user_decides_is_no_guess_any_more():
    guess = Guess("frames", "as stored", "Nothing tells it.", "frames_orientation")
    other = Guess("probe positions", "xcoords_start", "The file has no xcoords.")
    raw = raw_scan(guesses=(guess, other))
    assert interpret(raw).metadata.guesses == (guess, other)
    assert interpret(raw, Reading(frames_orientation=3)).metadata.guesses == (other,)


def test_lengths_without_a_geometry_name_what_is_missing():
    with pytest.raises(IncompleteScanError, match=r"energy and the size of a detector pixel must") as caught:
        interpret(raw_scan(reading(position_unit="um", distance_m=2.0)))
    assert caught.value.lacks == ("energy_ev", "detector_pixel_m", "pixel_size_m")


def test_an_object_pixel_that_the_geometry_contradicts_is_told_and_what_the_user_said_counts():
    computed = interpret(raw_scan(reading(**METRES), POSITIONS * 1e-8)).metadata.pixel_size_m
    other = (2e-8, 3e-8)
    stating = raw_scan(reading(**METRES, pixel_size_m=other), POSITIONS * 1e-8)
    for chosen, pixel, words in (
        (Reading(), other, "The file states an object pixel of 20 nm"),
        (Reading(pixel_size_m=(4e-8, 4e-8)), (4e-8, 4e-8), "You told an object pixel of 40 nm"),
        (Reading(energy_ev=METRES["energy_ev"]), computed, "The file states"),
    ):
        metadata = interpret(stating, chosen).metadata
        assert metadata.pixel_size_m == pytest.approx(pixel)
        assert any(note.startswith(words) and "must be wrong" in note for note in metadata.notes)


def test_an_object_pixel_that_agrees_within_a_per_cent_is_not_worth_a_word():
    computed = interpret(raw_scan(reading(**METRES), POSITIONS * 1e-8)).metadata.pixel_size_m
    near = (computed[0] * 1.009, computed[1] * 0.991)
    metadata = interpret(raw_scan(reading(**METRES, pixel_size_m=near), POSITIONS * 1e-8)).metadata
    assert metadata.pixel_size_m == near
    assert metadata.notes == ()
