from dataclasses import replace

import numpy as np
import pytest
from core.prepared import Files, counts_scan, last_note, prepared, read_all

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Bin, DivideFlat, DivideMonitor, DropPatterns, SubtractDark, Window

ONES = np.ones((12, 12))


def test_a_dark_is_subtracted_and_nothing_gets_negative():
    scan = counts_scan()
    dark = 25 * ONES
    dark[0, 0] = np.nan
    after = prepared(scan, SubtractDark(path="d"), load=Files({"d": dark}))
    expected = np.maximum(read_all(scan) - 25, 0)
    expected[:, 0, 0] = read_all(scan)[:, 0, 0]
    np.testing.assert_array_equal(read_all(after), expected)
    assert np.argwhere(after.bad_pixels).tolist() == [[0, 0]]
    own = prepared(scan, SubtractDark())
    np.testing.assert_array_equal(read_all(own), np.maximum(read_all(scan) - 2, 0))


def test_a_flat_is_divided_out_and_counts_stay_counts():
    scan = counts_scan()
    flat = np.where(np.eye(12), 0, 2000.0)
    flat[0, 1] = 1000
    after = prepared(scan, DivideFlat(path="f"), load=Files({"f": flat}))
    np.testing.assert_array_equal(read_all(after)[:, 5, 6], read_all(scan)[:, 5, 6])
    np.testing.assert_array_equal(read_all(after)[:, 0, 1], 2 * read_all(scan)[:, 0, 1])
    np.testing.assert_array_equal(after.bad_pixels, np.eye(12, dtype=bool))
    assert last_note(after).endswith("; 12 pixels without a value marked bad.")


def test_each_pattern_is_divided_by_its_own_light_also_after_some_were_left_out():
    monitor = np.array([1.0, 2, 4, 2, 2, 2, 0, np.nan, 1])
    scan = counts_scan(monitor=monitor)
    after = prepared(scan, DropPatterns(indices=(0,)), DivideMonitor(), DropPatterns(indices=(0,)))
    data = read_all(scan)[2:]
    relative = np.array([2, 1, 1, 1, 1, 1, 0.5])[:, None, None]
    np.testing.assert_allclose(read_all(after), data / relative)
    assert "0.5 to 2 of the median; as they are, for want of a reading: 5, 6." in after.metadata.notes[1]


def test_what_the_file_does_not_tell_is_said():
    bare = replace(counts_scan(), dark=None, flat=None, monitor=None)
    for step, word in ((SubtractDark(), "no dark"), (DivideFlat(), "no flat"), (DivideMonitor(), "monitor")):
        with pytest.raises(ScanError, match=f"{word}.*leave the step out"):
            prepared(bare, step)


@pytest.mark.parametrize("steps", [(Window(size_px=(8, 8), centre_px=(5, 6)),), (Bin(),)])
def test_dark_and_flat_follow_the_pixels(steps):
    scan = counts_scan()
    late = prepared(scan, *steps, SubtractDark())
    early = prepared(scan, SubtractDark(), *steps)
    difference = read_all(late) - read_all(early)  # where a pixel has fewer counts than its dark
    assert (difference <= 0).all()
    assert (difference == 0).mean() > 0.95
    even = replace(scan, flat=2 * ONES.astype(np.float32))
    np.testing.assert_array_equal(
        read_all(prepared(even, *steps, DivideFlat())), read_all(prepared(even, *steps))
    )
