from dataclasses import replace

import numpy as np
import pytest
from core.prepared import Files, counts_scan, last_note, prepared, read_all, with_patterns

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Bin, MaskFile, MaskHot, MaskPainted, MaskValues, Stroke, Window
from ptygui.core.reading import Reading
from ptygui.core.simulate import lines_scan


def places(mask):
    return sorted(map(tuple, np.argwhere(mask).tolist()))


def test_saturated_and_negative_pixels_are_bad_even_in_a_single_pattern():
    scan = counts_scan()
    data = read_all(scan)
    data[3, 1, 2], data[8, 4, 5] = 70_000, -1
    after = prepared(with_patterns(scan, data), MaskValues(low=0, high=65_535))
    assert places(after.bad_pixels) == [(1, 2), (4, 5)]
    assert last_note(after) == "2 more pixels bad: below 0 or above 65535 counts in some pattern."
    np.testing.assert_array_equal(read_all(after), data)  # consumers leave them out; counts stay
    with pytest.raises(ScanError, match="exchange"):
        prepared(scan, MaskValues(low=9, high=3))
    with pytest.raises(ScanError, match="Every detector pixel"):
        prepared(scan, MaskValues(high=0))


@pytest.mark.parametrize("photons", [1e3, 1e8])
def test_hot_and_dead_pixels_are_found_and_speckle_is_not(photons):
    scan = lines_scan(32, object_px=96, step_px=12.0, photons_per_pattern=photons)
    assert prepared(scan, MaskHot()).bad_pixels is None
    data, rng = read_all(scan), np.random.default_rng(1)
    level = 20 + 5 * data.mean()
    hot = [(3, 20), (3, 21), (28, 9)]  # two of them side by side
    for row, col in hot:
        data[:, row, col] = rng.poisson(level, len(data))
    dead = (16, 17)  # in the beam
    data[:, *dead] = 0
    spoilt = with_patterns(scan, data)
    assert places(prepared(spoilt, MaskHot()).bad_pixels) == sorted([*hot, dead])
    assert places(prepared(spoilt, MaskHot(dead=False)).bad_pixels) == sorted(hot)
    note = last_note(prepared(spoilt, MaskHot()))
    assert note == f"3 hot pixels and 1 dead pixel found in {min(len(scan), 64)} patterns."


def test_a_hot_pixel_beside_a_gap_is_not_compared_with_the_gap():
    data = np.random.default_rng(0).poisson(50, (9, 12, 12)).astype(np.float32)
    data[:, :, 5:8] = 0
    scan = with_patterns(counts_scan(), data)
    gap = np.zeros((12, 12))
    gap[:, 5:8] = 1
    after = prepared(scan, MaskFile(path="gap"), MaskHot(), load=Files({"gap": gap}))
    np.testing.assert_array_equal(after.bad_pixels, gap != 0)


def test_later_strokes_count_and_an_eraser_clears_what_was_bad():
    scan = counts_scan()
    strokes = (Stroke(row=2, col=2, radius=1), Stroke(row=2.2, col=1.9, radius=0, bad=False))
    after = prepared(scan, MaskPainted(strokes=strokes))
    assert places(after.bad_pixels) == [(1, 2), (2, 1), (2, 3), (3, 2)]
    cleared = prepared(after, MaskPainted(strokes=(Stroke(row=2, col=3, radius=0.4, bad=False),)))
    assert (2, 3) not in places(cleared.bad_pixels)
    assert last_note(cleared) == "0 pixels painted bad, 1 pixel good again."
    outside = prepared(scan, MaskPainted(strokes=(Stroke(row=-9, col=40, radius=3),)))
    assert outside.bad_pixels is None


@pytest.mark.parametrize(("values", "bad"), [(np.eye(12), "nonzero"), (1 - np.eye(12), "zero")])
def test_a_mask_of_a_file_says_which_pixels_are_bad(values, bad):
    after = prepared(counts_scan(), MaskFile(path="m", bad=bad), load=Files({"m": values[None]}))
    np.testing.assert_array_equal(after.bad_pixels, np.eye(12, dtype=bool))


def test_a_mask_of_another_size_says_what_to_do():
    files = Files({"m.npy": np.zeros((12, 12))})
    with pytest.raises(
        ScanError, match="m.npy must hold a mask of 6 × 6 px .* not 12 × 12: move the step before"
    ):
        prepared(counts_scan(), Bin(), MaskFile(path="m.npy"), load=files)


def test_a_mask_lies_as_the_frames_in_the_file_until_the_pixels_change():
    mask = np.zeros((12, 12))
    mask[2, 7] = 1
    scan = counts_scan()
    turned = replace(
        scan, metadata=replace(scan.metadata, reading=Reading(frames_orientation=4))
    )  # transposed
    files = Files({"m": mask, "small": mask[:10, :10]})
    assert places(prepared(turned, MaskFile(path="m"), load=files).bad_pixels) == [(7, 2)]
    window = Window(size_px=(10, 10), centre_px=(5, 5))
    assert places(prepared(turned, window, MaskFile(path="small"), load=files).bad_pixels) == [(2, 7)]
    cut = Reading(zero_frequency="detector", centre_px=(8, 20), window_px=(12, 12))
    large = np.zeros((30, 40))
    large[8, 21] = 1  # beside the centre
    detector = replace(scan, metadata=replace(scan.metadata, reading=cut))
    after = prepared(detector, MaskFile(path="l"), load=Files({"l": large}))
    assert places(after.bad_pixels) == [(6, 7)]
