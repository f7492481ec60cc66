"""What was drawn means the same pixels and patterns when frames or positions are turned afterwards."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core.geometry import compose_orientations, inverse_orientation, orient_centred, orient_positions
from ptygui.core.interpret import interpret
from ptygui.core.preparation import Bin, Lasso, MaskPainted, Preparation, Stroke, Window
from ptygui.core.prepare import apply_steps
from ptygui.core.raw import RawScan
from ptygui.core.reading import PositionColumns, Reading
from ptygui.core.scan import ArrayPatterns
from ptygui.core.turned import with_reading

CODES = st.integers(0, 7)
PLACES = np.random.default_rng(1).uniform(-9, 9, (20, 2))


def raw_scan(shape=(45, 63), **stated):
    frames = np.random.default_rng(0).poisson(9, (20, *shape)).astype(np.float32)
    known = {"quantity": "intensity", "zero_frequency": "centre", "position_unit": "px"} | stated
    return RawScan("drawn", "drawn.npz", "test", ArrayPatterns(frames), PLACES, Reading(**known))


def scan_of(raw, preparation):
    return apply_steps(interpret(raw, preparation.reading), preparation.steps)


def turned(raw, steps, before, after):
    """The scan as it was drawn on, and after another reading was chosen."""
    drawn = Preparation(reading=before, steps=steps)
    scan = scan_of(raw, drawn)
    return scan, scan_of(raw, with_reading(raw, scan.metadata.reading, drawn, after))


def strokes():
    return st.builds(Stroke, row=st.integers(0, 44), col=st.integers(0, 62), radius=st.floats(0, 3))


@given(
    before=CODES, after=CODES, painted=st.lists(strokes(), min_size=1, max_size=3), at=st.tuples(CODES, CODES)
)
def test_painted_pixels_and_crops_stay_on_the_detector(before, after, painted, at):
    steps = (
        MaskPainted(strokes=tuple(painted)),
        Window(size_px=(27, 33), centre_px=(at[0] + 18, at[1] + 20)),
        MaskPainted(strokes=(Stroke(row=5, col=20, radius=1),)),
        Window(size_px=(27, 27)),
        Bin(factor=3),
        MaskPainted(strokes=(Stroke(row=0, col=1, radius=0),)),
    )
    one, other = turned(
        raw_scan(), steps, Reading(frames_orientation=before), Reading(frames_orientation=after)
    )
    turn = compose_orientations(inverse_orientation(before), after)
    numbers = np.arange(20)
    np.testing.assert_array_equal(
        orient_centred(one.patterns.read(numbers), turn), other.patterns.read(numbers)
    )
    np.testing.assert_array_equal(orient_centred(one.bad_pixels, turn), other.bad_pixels)


@given(before=CODES, after=CODES)
def test_a_lasso_keeps_its_patterns(before, after):
    lasso = Lasso(polygon=((-7, -6), (5, -3), (2, 8)), unit="frame px")
    one, other = turned(
        raw_scan(), (lasso,), Reading(positions_orientation=before), Reading(positions_orientation=after)
    )
    turn = compose_orientations(inverse_orientation(before), after)
    assert 0 < len(one) < 20
    np.testing.assert_allclose(orient_positions(one.positions.values, turn), other.positions.values)


def test_back_to_what_the_file_says():
    raw = raw_scan(frames_orientation=6)
    one, other = turned(
        raw,
        (MaskPainted(strokes=(Stroke(row=1, col=2, radius=0),)),),
        Reading(frames_orientation=1),
        Reading(),
    )
    turn = compose_orientations(1, 6)
    np.testing.assert_array_equal(orient_centred(one.bad_pixels, turn), other.bad_pixels)


@pytest.mark.parametrize(
    "changed", [{"quantity": "amplitude"}, {"position_unit": "um", "pixel_size_m": (1e-9, 1e-9)}]
)
def test_what_turns_nothing_changes_no_step(changed):
    raw, steps = (
        raw_scan(),
        (Window(size_px=(8, 9), centre_px=(4, 5)), Lasso(polygon=((0, 0), (1, 0), (1, 1)))),
    )
    drawn = Preparation(reading=Reading(frames_orientation=3), steps=steps)
    scan = interpret(raw, drawn.reading)
    chosen = msgspec.structs.replace(drawn.reading, **changed)
    assert with_reading(raw, scan.metadata.reading, drawn, chosen) == Preparation(reading=chosen, steps=steps)


def test_another_file_of_positions_says_nothing_of_the_lasso():
    lasso = Lasso(polygon=((0, 0), (1, 0), (1, 1)), unit="m")
    drawn = Preparation(reading=Reading(), steps=(lasso,))
    apart = Reading(positions_file=PositionColumns(path="p.csv", y=0, x=1), positions_orientation=3)
    assert with_reading(raw_scan(), Reading(), drawn, apart).steps == (lasso,)
