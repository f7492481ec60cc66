"""Crop, pad and bin: all that is measured in pixels follows."""

from dataclasses import replace

import numpy as np
import pytest
from core.prepared import counts_scan, last_note, prepared, read_all, same
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core.errors import ScanError
from ptygui.core.geometry import object_pixel_m
from ptygui.core.objects import siemens_star
from ptygui.core.preparation import Bin, Window
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan, ScanMetadata
from ptygui.core.simulate import expected_intensities, simulate_scan


def small_scan(**options):
    positions = np.array([[40.3, 50.6], [44.0, 47.2], [52.5, 43.1]])
    probe = zone_plate_probe_px((64, 64), 3.0, 4.0)
    return simulate_scan(siemens_star((100, 100)), probe, positions, 1e6, noise=False, **options)


def test_a_window_of_the_same_size_changes_nothing():
    scan = small_scan()
    after = prepared(scan, Window(size_px=(64, 64)))
    assert same(after, scan)
    assert after.reference_object is scan.reference_object


@given(inner=st.integers(2, 5), outer=st.integers(5, 9), at=st.tuples(st.integers(4, 8), st.integers(4, 8)))
def test_a_window_in_a_window_is_a_window(inner, outer, at):
    scan = counts_scan()
    two = prepared(scan, Window(size_px=(outer, outer), centre_px=at), Window(size_px=(inner, inner)))
    one = prepared(scan, Window(size_px=(inner, inner), centre_px=at))
    np.testing.assert_array_equal(read_all(two), read_all(one))
    np.testing.assert_allclose(two.positions.values, one.positions.values)
    assert (two.bad_pixels is None) == (one.bad_pixels is None)


@given(
    bad=st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=9), factor=st.sampled_from([2, 3])
)
def test_binning_keeps_the_counts_of_good_blocks_and_the_others_are_bad(bad, factor):
    mask = np.zeros((12, 12), bool)
    for place in bad:
        mask[place] = True
    scan = counts_scan(bad_pixels=mask)
    blocks = mask.reshape(12 // factor, factor, 12 // factor, factor).any(axis=(1, 3))
    after = prepared(scan, Bin(factor=factor))
    np.testing.assert_array_equal(
        np.zeros_like(blocks) if after.bad_pixels is None else after.bad_pixels, blocks
    )
    whole = np.kron(blocks, np.ones((factor, factor))) > 0
    assert read_all(after)[:, ~blocks].sum() == read_all(scan)[:, ~whole].sum()


def test_cropping_makes_object_pixels_larger_and_everything_follows():
    scan = small_scan(pixel_size_m=(1e-8, 1e-8))
    cropped = prepared(scan, Window(size_px=(32, 32)))
    assert cropped.metadata.pixel_size_m == pytest.approx((2e-8, 2e-8))
    np.testing.assert_allclose(cropped.positions_px, scan.positions_px / 2)
    np.testing.assert_array_equal(cropped.positions.values, scan.positions.values)
    in_pixels = prepared(small_scan(), Window(size_px=(32, 32)))
    np.testing.assert_allclose(in_pixels.positions_px, scan.positions_px / 2)
    assert cropped.reference_object is None
    assert last_note(cropped).endswith("the object in the file has other pixels and is left out.")


def test_binning_keeps_object_pixels_and_the_object():
    scan = small_scan(pixel_size_m=(1e-8, 1e-8))
    scan = replace(scan, metadata=replace(scan.metadata, detector_pixel_m=(5e-5, 6e-5)))
    after = prepared(scan, Bin())
    assert after.metadata.pixel_size_m == (1e-8, 1e-8)
    assert after.metadata.detector_pixel_m == pytest.approx((1e-4, 1.2e-4))
    np.testing.assert_array_equal(after.positions_px, scan.positions_px)
    assert after.reference_object is scan.reference_object


@pytest.mark.parametrize(("size", "binning"), [((48, 48), 1), ((64, 64), 2), ((48, 48), 3), ((80, 80), 1)])
def test_the_probe_follows_the_patterns(size, binning):
    # On a flat object the prepared probe must give the prepared pattern.
    probe = zone_plate_probe_px((64, 64), 3.0, 2.0)
    scan = simulate_scan(np.ones((100, 100), np.complex64), probe, np.array([[50.0, 50.0]]), 1e6, noise=False)
    steps = [Window(size_px=size)] + ([Bin(factor=binning)] if binning > 1 else [])
    after = prepared(scan, *steps)
    pattern = read_all(after)[0]
    flat = np.ones(pattern.shape, np.complex64)
    middle = np.array([[side // 2 for side in pattern.shape]], float)
    again = expected_intensities(flat, after.probe, middle)[0]
    assert again.sum() == pytest.approx(pattern.sum(), rel=0.03)
    np.testing.assert_allclose(again, pattern, atol=(2e-3 if binning == 1 else 0.15) * pattern.max())


def test_padding_is_zero_and_bad():
    bad = np.zeros((64, 64), bool)
    bad[10, 20] = True
    after = prepared(replace(small_scan(), bad_pixels=bad), Window(size_px=(80, 80)), Bin())
    assert after.bad_pixels.shape == (40, 40)
    assert after.bad_pixels[:4].all()
    assert after.bad_pixels[(10 + 8) // 2, (20 + 8) // 2]
    assert after.bad_pixels.sum() == 40 * 40 - 32 * 32 + 1
    assert not read_all(after)[:, :4].any()
    off = prepared(counts_scan(), Window(size_px=(6, 6), centre_px=(1, 6)))
    np.testing.assert_array_equal(off.bad_pixels[:, 0], [True, True, False, False, False, False])
    assert "padded" in last_note(off)


def test_what_cannot_be_is_said_with_what_can():
    with pytest.raises(ScanError, match="put a window of 10 × 10 px before this step"):
        prepared(counts_scan(), Bin(factor=5))
    with pytest.raises(ScanError, match="shows no good pixel"):
        prepared(counts_scan(), Window(size_px=(4, 4), centre_px=(50, 6)))


ENERGY_EV, DISTANCE_M, DETECTOR_M = 8000.0, 2.0, 75e-6


def seen_by_a_detector(side: int, pixel_m: float, positions_m: np.ndarray) -> Scan:
    """Simulate with another detector at the same place: object and probe are functions of metres."""
    pixel = object_pixel_m(ENERGY_EV, DISTANCE_M, (pixel_m, pixel_m), (side, side))
    grid = [np.arange(int(14e-6 / size)) * size for size in pixel]
    y, x = grid[0][:, None], grid[1][None, :]
    values = np.exp(0.6j * np.sin(2 * np.pi * y / 1.1e-6) + 0.4j * np.cos(2 * np.pi * (x + 0.3 * y) / 1.4e-6))
    y, x = ((np.arange(side) - side // 2) * size for size in pixel)
    square = y[:, None] ** 2 + x[None, :] ** 2
    probe = np.exp(-square / 3.5e-7**2 + 0.8j * square / 3.5e-7**2)[None].astype(np.complex64)
    power = 1e6 / np.sum(np.abs(probe) ** 2)
    patterns = expected_intensities(values, probe * np.sqrt(power), positions_m / np.array(pixel))
    metadata = ScanMetadata("simulated", energy_ev=ENERGY_EV, distance_m=DISTANCE_M, pixel_size_m=pixel)
    metadata = replace(metadata, detector_pixel_m=(pixel_m, pixel_m))
    where = ProbePositions(positions_m, "m")
    return Scan(
        ArrayPatterns(patterns.astype(np.float32)), where, metadata, probe * np.float32(np.sqrt(power))
    )


def test_a_cropped_and_binned_scan_is_what_a_smaller_detector_would_have_seen():
    positions_m = 1e-6 * np.array([[7.0, 7.1], [7.36, 6.92], [6.871, 7.333]])
    large = seen_by_a_detector(192, DETECTOR_M / 2, positions_m)
    small = seen_by_a_detector(64, DETECTOR_M, positions_m)  # two thirds as wide, pixels twice as large
    after = prepared(large, Window(size_px=(128, 128)), Bin())
    assert after.metadata.pixel_size_m == pytest.approx(small.metadata.pixel_size_m)
    assert after.metadata.detector_pixel_m == pytest.approx(small.metadata.detector_pixel_m)
    np.testing.assert_array_equal(after.positions.values, small.positions.values)
    np.testing.assert_allclose(after.positions_px, small.positions_px)
    cropped = prepared(large, Window(size_px=(128, 128)))
    fine = seen_by_a_detector(128, DETECTOR_M / 2, positions_m)
    np.testing.assert_allclose(read_all(cropped), read_all(fine), atol=1e-3 * read_all(fine).max())
    np.testing.assert_allclose(cropped.probe, fine.probe, atol=1e-3 * np.abs(fine.probe).max())
    # Its pixels lie a quarter of a pixel beside the small detector's, and the probe's tilt says so.
    coarse = read_all(fine).reshape(3, 64, 2, 64, 2).sum(axis=(2, 4))
    np.testing.assert_allclose(read_all(after), coarse, atol=1e-3 * coarse.max())
    values = seen_object(after)
    model = expected_intensities(values, after.probe, after.positions_px)
    assert np.corrcoef(model.ravel(), read_all(after).ravel())[0, 1] > 0.9999
    assert np.corrcoef(model.ravel(), read_all(small).ravel())[0, 1] < 0.998


def seen_object(scan: Scan) -> np.ndarray:
    pixel = scan.metadata.pixel_size_m
    y, x = (np.arange(int(14e-6 / size)) * size for size in pixel)
    y, x = y[:, None], x[None, :]
    return np.exp(0.6j * np.sin(2 * np.pi * y / 1.1e-6) + 0.4j * np.cos(2 * np.pi * (x + 0.3 * y) / 1.4e-6))
