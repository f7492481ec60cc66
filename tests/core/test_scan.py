import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.core.scan import ArrayPatterns, ObjectImage, ProbePositions, Scan, ScanMetadata, spread_indices

PATTERNS = ArrayPatterns(np.arange(5 * 4 * 6, dtype=np.uint16).reshape(5, 4, 6))
POSITIONS = ProbePositions(np.arange(10.0).reshape(5, 2), "px")


def scan(**changes):
    parts = {"patterns": PATTERNS, "positions": POSITIONS, "metadata": ScanMetadata("test scan")} | changes
    return Scan(**parts)


def test_batches_pair_patterns_with_their_positions():
    batches = list(scan().batches(2))
    assert [len(batch.indices) for batch in batches] == [2, 2, 1]
    assert np.concatenate([batch.indices for batch in batches]).tolist() == [0, 1, 2, 3, 4]
    for batch in batches:
        assert batch.patterns.dtype == np.float32
        np.testing.assert_array_equal(batch.patterns, PATTERNS.data[batch.indices])
        np.testing.assert_array_equal(batch.positions_px, POSITIONS.values[batch.indices])


def test_a_batch_takes_any_order():
    batch = scan().batch(np.array([3, 0]))
    np.testing.assert_array_equal(batch.patterns, PATTERNS.data[[3, 0]])
    np.testing.assert_array_equal(batch.positions_px, POSITIONS.values[[3, 0]])


def test_metres_become_object_pixels_in_both_directions():
    metres = ProbePositions(np.array([[1e-7, 1e-7]] * 5), "m")
    found = scan(positions=metres, metadata=ScanMetadata("x", pixel_size_m=(1e-8, 2e-8))).positions_px
    np.testing.assert_allclose(found, [[10.0, 5.0]] * 5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"patterns": ArrayPatterns(np.zeros((0, 4, 6)))}, "test scan has no patterns"),
        ({"positions": ProbePositions(np.zeros((4, 2)), "px")}, "5 patterns but 4 probe positions"),
        ({"positions": ProbePositions(np.zeros((5, 2)), "m")}, "no object pixel size"),
        ({"probe": np.ones((1, 6, 4), np.complex64)}, r"probe is \(6, 4\) but the patterns are \(4, 6\)"),
    ],
)
def test_a_scan_that_does_not_fit_together_is_refused_in_words(changes, words):
    with pytest.raises(ScanError, match=words):
        scan(**changes)


def test_positions_must_be_pairs_of_finite_numbers():
    with pytest.raises(ScanError, match=r"shape \(n, 2\), not \(2, 5\)"):
        ProbePositions(np.zeros((2, 5)), "px")
    with pytest.raises(ScanError, match="2 of 3 probe positions are not finite"):
        ProbePositions(np.array([[0, np.nan], [np.inf, 0], [1, 1]]), "px")


def test_a_probe_can_be_changed_without_touching_the_scan():
    first = scan()
    second = first.with_probe(np.ones((2, 4, 6), np.complex64))
    assert first.probe is None
    assert second.probe.shape == (2, 4, 6)
    assert second.patterns is first.patterns
    assert (len(second), second.pattern_shape) == (5, (4, 6))


def test_an_object_has_amplitude_and_phase():
    image = ObjectImage(np.array([[2j, -3]], np.complex64), np.ones((1, 2), bool))
    np.testing.assert_allclose(image.amplitude, [[2, 3]])
    np.testing.assert_allclose(image.phase, [[np.pi / 2, np.pi]])


def test_spread_indices_reach_from_the_first_to_the_last():
    assert spread_indices(1_000_000, 64)[[0, -1]].tolist() == [0, 999_999]
    assert len(spread_indices(1_000_000, 64)) == 64
    assert spread_indices(3, 64).tolist() == [0, 1, 2]
    assert spread_indices(1, 64).tolist() == [0]
