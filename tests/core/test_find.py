"""What is found by looking: of frames and positions that are made so that the answer is known."""

import numpy as np
import pytest

from ptygui.core.errors import IncompleteScanError
from ptygui.core.find import find
from ptygui.core.geometry import centre_dc
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import ArrayPatterns, Guess

SIDE = 48
STATED = Reading(quantity="intensity", zero_frequency="centre", position_unit="px")
GEOMETRY = {"energy_ev": 8000.0, "distance_m": 2.0, "detector_pixel_m": (75e-6, 75e-6)}
PIXEL_M = 1.5498e-10 * 2 / (SIDE * 75e-6)
RASTER = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0), indexing="ij"), -1).reshape(-1, 2)


def beam(row, col, n=16):
    """Counts around a place, (n, SIDE, SIDE)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    mean = 1000 / (1 + (np.hypot(y - row, x - col) / 3) ** 3)
    return np.random.default_rng(3).poisson(mean, (n, SIDE, SIDE)).astype(np.float32)


def raw_scan(frames=None, positions=5 * RASTER, **parts):
    frames = beam(SIDE // 2, SIDE // 2) if frames is None else frames
    return RawScan("a", "a.h5", "test", ArrayPatterns(frames), positions, **parts)


def look(raw, **known):
    return find(raw, Reading(**{"quantity": "intensity", "zero_frequency": "centre", **known}))


@pytest.mark.parametrize(
    ("frames", "where"),
    [
        (beam(24, 24), "centre"),
        (beam(25, 23), "centre"),
        (centre_dc(beam(24, 24)), "corner"),
        (beam(12, 31), "detector"),
        (beam(11, 11), "detector"),  # more of it in the corners than in the middle
    ],
)
def test_where_the_zero_frequency_is(frames, where):
    found = find(raw_scan(frames), Reading(quantity="intensity", position_unit="px"))
    assert found.reading.zero_frequency == where


def test_the_centre_of_frames_as_the_detector_stood():
    found = look(raw_scan(beam(12, 31)), zero_frequency="detector", position_unit="px")
    assert found.reading.centre_px == (12, 31)
    assert [guess.field for guess in found.guesses] == ["centre_px"]


def test_gaps_that_the_file_tells_of_do_not_draw_the_centre_to_them():
    frames, gap = beam(12, 31), np.zeros((SIDE, SIDE), bool)
    gap[40:] = True
    frames[:, gap] = 4095
    found = look(raw_scan(frames, bad_pixels=gap), zero_frequency="detector", position_unit="px")
    assert found.reading.centre_px == (12, 31)
    assert found.bad_pixels is None  # no value there is impossible


def test_absurd_numbers_are_looked_at_in_silence():
    """A signalling NaN, what overflows when summed, and what is no number in some patterns only."""
    frames = beam(24, 24)
    frames[:, 0, 0] = np.frombuffer(b"\x01\x00\x80\x7f", np.float32)
    frames[::2, 5, 5], frames[1::2, 5, 5] = np.inf, -np.inf
    frames[3, 7, 7] = 3e38
    found = find(raw_scan(frames), Reading(position_unit="px"))
    assert found.bad_pixels is not None
    assert sorted(map(tuple, np.argwhere(found.bad_pixels).tolist())) == [(0, 0), (5, 5)]


@pytest.mark.parametrize(("unit", "length"), [("m", 1.0), ("mm", 1e-3), ("um", 1e-6), ("nm", 1e-9)])
def test_the_unit_in_which_the_scan_makes_sense(unit, length):
    step = 0.5 * SIDE * PIXEL_M  # half a window
    found = look(raw_scan(positions=RASTER * step / length), **GEOMETRY)
    assert found.reading.position_unit == unit


def test_without_a_geometry_positions_can_only_be_pixels_and_it_is_said_why():
    (guess,) = look(raw_scan()).guesses
    assert (guess.value, guess.field) == ("px", "position_unit")
    assert "without a geometry lengths cannot be judged" in guess.why


@pytest.mark.parametrize(("known", "scale"), [(GEOMETRY, 1e6), (GEOMETRY, 0.0), ({}, 1e-6)])
def test_positions_that_make_sense_in_no_unit_ask_for_it(known, scale):
    with pytest.raises(IncompleteScanError, match="in no unit") as caught:
        look(raw_scan(positions=RASTER * scale), **known)
    assert caught.value.lacks[0] == "position_unit"
    assert set(caught.value.lacks) > {"energy_ev", "distance_m", "detector_pixel_m", "pixel_size_m"} - set(
        known
    )
    assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize("positions", [np.zeros((1, 2)), np.array([[0.0, 1.0], [np.nan, 2.0]])])
def test_a_single_position_or_no_number_tells_no_unit(positions):
    found = look(raw_scan(beam(24, 24, len(positions)), positions), **GEOMETRY)
    assert (found.reading.position_unit, found.guesses[0].confidence) == ("m", 0.0)


def test_a_guess_of_the_reader_stands_before_the_statistics():
    mine = Guess("quantity", "amplitude", "The format usually holds them.", "quantity")
    found = find(raw_scan(guesses=(mine,)), Reading(zero_frequency="centre", position_unit="px"))
    assert (found.guesses, found.reading.quantity) == ((mine,), "amplitude")
    assert look(raw_scan(guesses=(mine,)), position_unit="px").guesses == ()
