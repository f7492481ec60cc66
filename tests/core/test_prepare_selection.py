"""Which patterns are left, and where they lie."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from core.prepared import counts_scan, last_note, prepared, read_all, same, with_patterns
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.interpret import interpret
from ptygui.core.objects import siemens_star
from ptygui.core.preparation import Bin, DropOutliers, DropPatterns, Lasso, MovePositions, Window
from ptygui.core.prepare_selection import inside_polygon
from ptygui.core.preprocess import frame_numbers
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.simulate import simulate_scan
from ptygui.gui.presenters import lasso

SQUARE = ((-1.0, -1.0), (-1.0, 5.0), (4.0, 5.0), (4.0, -1.0))
"""Of counts_scan, in pixels: patterns 0, 1, 3, 4."""


def test_patterns_go_with_their_positions_and_monitor_and_the_note_names_frames_of_the_file():
    scan = counts_scan()
    after = prepared(scan, DropPatterns(indices=(8, 2, 2)), DropPatterns(indices=(3,)))
    keep = [0, 1, 3, 5, 6, 7]
    np.testing.assert_array_equal(read_all(after), read_all(scan)[keep])
    np.testing.assert_array_equal(after.positions.values, scan.positions.values[keep])
    np.testing.assert_array_equal(after.monitor, scan.monitor[keep])
    assert after.metadata.notes == (
        "2 of 9 patterns left out: 2, 8.",
        "1 of 7 patterns left out: 3 (frames 4 of the file).",
    )


def test_what_cannot_be_left_out_is_said():
    with pytest.raises(
        ScanError, match="Pattern 9 cannot be left out: at this step there are 9 patterns, 0 to 8"
    ):
        prepared(counts_scan(), DropPatterns(indices=(9,)))
    with pytest.raises(ScanError, match="All 9 patterns would be left out"):
        prepared(counts_scan(), DropPatterns(indices=tuple(range(9))))
    with pytest.raises(ScanError, match="three corners"):
        prepared(counts_scan(), Lasso(polygon=((0.0, 0.0), (1.0, 1.0))))


def test_a_lasso_keeps_or_drops_what_is_inside():
    scan = counts_scan()
    inside = [0, 1, 3, 4]
    kept, dropped = (prepared(scan, Lasso(polygon=SQUARE, keep=keep)) for keep in (True, False))
    np.testing.assert_array_equal(read_all(kept), read_all(scan)[inside])
    np.testing.assert_array_equal(read_all(dropped), read_all(scan)[[2, 5, 6, 7, 8]])
    assert last_note(kept) == "5 of 9 patterns left out outside the lasso: 2, 5, 6, 7, 8."
    assert same(prepared(kept, Lasso(polygon=SQUARE)), kept)


WINDOWS = (Window(size_px=(8, 16)), Window(size_px=(24, 32)), Bin())


@pytest.mark.parametrize("unit", ["px", "m"])
@given(
    before=st.lists(st.sampled_from(WINDOWS), max_size=2),
    later=st.lists(st.sampled_from(WINDOWS), max_size=3),
)
def test_a_lasso_stays_where_it_was_drawn_whatever_crops_and_bins_come_before_it(unit, before, later):
    """Drawn on the scan as it is cropped now, it chooses the same patterns when it is cropped otherwise."""
    scan = counts_scan(shape=(16, 16), unit=unit)
    drawn_on = prepared(scan, *before)
    pixels = drawn_on.positions_px
    corners = pixels[[0, 1, 4, 3]]
    around = corners + (corners - corners.mean(axis=0)) * 0.2
    step = lasso.step(drawn_on, [(float(y), float(x)) for y, x in around], True)
    kept = prepared(prepared(scan, *later), step)
    np.testing.assert_array_equal(frame_numbers(kept.patterns), [0, 1, 3, 4])


def test_a_lasso_on_pixels_stays_where_the_beam_is_said_to_lie_elsewhere():
    """A window of the frames that the reading takes changes the object pixel as a crop does."""
    scan = counts_scan(shape=(12, 16))
    raw = RawScan("raw", "", "test", scan.patterns, scan.positions.values, Reading(position_unit="px"))
    square = [(-1.0, -1.0), (-1.0, 5.0), (4.0, 5.0), (4.0, -1.0)]
    step = lasso.step(interpret(raw, Reading(zero_frequency="centre")), square, True)
    for centre in ((6, 8), (3, 5)):
        beam = Reading(
            zero_frequency="detector", centre_px=centre, frames_orientation=4, positions_orientation=0
        )
        kept = prepared(interpret(raw, beam), step)
        np.testing.assert_array_equal(frame_numbers(kept.patterns), [0, 1, 3, 4])


def test_a_lasso_of_a_file_that_an_older_version_wrote_is_read_as_it_was_meant():
    """In object pixels where the step stands; in metres where the scan has them."""
    old = msgspec.json.decode(
        b'{"step": "lasso", "polygon": [[-1, -1], [-1, 2.6], [2, 2.6], [2, -1]]}', type=Lasso
    )
    cropped = prepared(
        counts_scan(), Window(size_px=(6, 6)), old
    )  # pixels twice as large: 1.5 rows, 2 columns
    np.testing.assert_array_equal(frame_numbers(cropped.patterns), [0, 1, 3, 4])
    metres = Lasso(polygon=tuple((y * 1e-8, x * 2e-8) for y, x in SQUARE))
    np.testing.assert_array_equal(
        frame_numbers(prepared(counts_scan(unit="m"), metres).patterns), [0, 1, 3, 4]
    )


def test_a_lasso_is_carried_over_where_the_unit_of_the_positions_is_chosen_otherwise():
    in_metres, in_pixels = counts_scan(unit="m"), counts_scan()
    of_metres, of_pixels = (lasso.step(scan, SQUARE, True) for scan in (in_metres, in_pixels))
    assert len(prepared(in_metres, of_pixels)) == 4
    with pytest.raises(IncompleteScanError, match="lasso that was drawn in metres") as caught:
        prepared(in_pixels, of_metres)
    assert "pixel_size_m" in caught.value.lacks
    told = replace(in_pixels, metadata=replace(in_pixels.metadata, pixel_size_m=(1e-8, 2e-8)))
    assert len(prepared(told, of_metres)) == 4


@given(st.integers(3, 9), st.floats(0, 6), st.integers(0, 9))
def test_a_point_is_inside_a_round_polygon_if_it_is_near_its_middle(corners, turn, seed):
    angles = turn + 2 * np.pi * np.arange(corners) / corners
    middle = np.array([5.0, -3.0])
    polygon = np.stack([np.sin(angles), np.cos(angles)], axis=1) + middle
    points = np.random.default_rng(seed).uniform(-1.5, 1.5, (200, 2))
    radius = np.hypot(*points.T)
    inside = inside_polygon(points + middle, polygon)
    assert inside[radius < np.cos(np.pi / corners) * (1 - 1e-9)].all()
    assert not inside[radius > 1].any()


def test_outliers_are_those_whose_total_is_far_off_and_those_without_counts():
    scan = counts_scan(n=30, shape=(8, 8))
    data = read_all(scan)
    data[4] *= 4
    data[11] *= 0.2
    data[17] = 0
    data[20, 3, 3] = np.nan
    data[21, 5, 5] = 1e7  # hot, and marked: its pattern is as good as the others
    bad = np.zeros((8, 8), bool)
    bad[5, 5] = True
    after = prepared(replace(with_patterns(scan, data), bad_pixels=bad), DropOutliers())
    assert last_note(after) == (
        "3 of 30 patterns left out with a total count far from the others': 4, 11, 17."
    )
    steady = with_patterns(scan, np.ones((30, 8, 8)) * (1 + 0.004 * np.arange(30)[:, None, None] % 2))
    assert last_note(prepared(steady, DropOutliers())).startswith("No pattern left out")
    with pytest.raises(ScanError, match="All 30 patterns"):
        prepared(with_patterns(scan, np.zeros((30, 8, 8))), DropOutliers())


def test_moving_nowhere_changes_nothing():
    scan = counts_scan()
    assert same(prepared(scan, MovePositions()), scan)


def test_a_turn_is_counterclockwise_as_it_is_seen_about_the_middle():
    scan = counts_scan()  # 3 x 3 places about (3, 4): rows 3 apart, columns 4
    turned = prepared(scan, MovePositions(rotation_deg=90)).positions.values
    right, top = 5, 1  # (3, 8) goes up to (-1, 4); (0, 4) goes left to (3, 1)
    np.testing.assert_allclose(turned[right], [3 - 4, 4], atol=1e-12)
    np.testing.assert_allclose(turned[top], [3, 4 - 3], atol=1e-12)


def test_first_stretched_then_sheared_then_turned_then_shifted():
    scan = counts_scan()
    step = MovePositions(rotation_deg=180, scale=(2.0, 1.0), shear=0.5, shift=(10.0, 20.0))
    moved = prepared(scan, step).positions.values
    below = 7  # (6, 4): 3 below the middle; stretched 6; sheared 3 to the right; turned; shifted
    np.testing.assert_allclose(moved[below], [3 - 6 + 10, 4 - 3 + 20])


@given(st.floats(-180, 180), st.floats(0.5, 2))
def test_turning_and_stretching_back_returns_them(angle, scale):
    scan = counts_scan(unit="m")
    there = prepared(scan, MovePositions(rotation_deg=angle, scale=(scale, scale)))
    back = prepared(there, MovePositions(rotation_deg=-angle, scale=(1 / scale, 1 / scale)))
    # The middle of their box moves when they are turned, so they return but for a shift.
    a, b = (s.positions.values - s.positions.values.mean(axis=0) for s in (back, scan))
    np.testing.assert_allclose(a, b, atol=1e-18)


def test_the_object_stays_when_patterns_go_and_is_left_out_when_places_move():
    positions = np.array([[40.3, 50.6], [44.0, 47.2], [52.5, 43.1]])
    probe = zone_plate_probe_px((32, 32), 3.0, 2.0)
    scan = simulate_scan(siemens_star((100, 100)), probe, positions, 1e6, noise=False)
    assert prepared(scan, DropPatterns(indices=(1,))).reference_object is scan.reference_object
    moved = prepared(scan, MovePositions(shift=(1.0, 0.0)))
    assert moved.reference_object is None
    assert last_note(moved) == "Positions moved by up to 1 object pixels; the object in the file is left out."
