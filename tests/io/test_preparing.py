"""Preparing again gives what preparing at once gives, and only what changed looks at patterns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core.errors import Cancelled, ScanError
from ptygui.core.preparation import Bin, DropOutliers, DropPatterns, MaskFile, MaskValues, Preparation, Window
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import ArrayPatterns
from ptygui.io.preparing import Preparing
from ptygui.io.registry import prepare

STEPS = (
    MaskValues(high=35),
    DropOutliers(sigmas=2),
    DropPatterns(indices=(1,)),
    Window(size_px=(8, 8)),
    Bin(),
)


class Counting(ArrayPatterns):
    """Counts how many patterns are read."""

    reads = 0

    def read(self, indices):
        Counting.reads += len(indices)
        return super().read(indices)


def raw_scan(folder="."):
    counts = np.random.default_rng(0).poisson(20, (30, 12, 12))
    positions = np.random.default_rng(1).uniform(0, 50, (30, 2))
    stated = Reading(quantity="intensity", zero_frequency="centre", position_unit="px")
    return RawScan("a", f"{folder}/a.npz", "test", Counting(counts), positions, stated)


@given(st.lists(st.lists(st.sampled_from(STEPS), max_size=4, unique=True), min_size=1, max_size=4))
def test_it_makes_no_difference(lists):
    raw = raw_scan()
    preparing = Preparing(raw)
    for steps in lists:
        preparation = Preparation(steps=tuple(steps))
        try:
            expected = prepare(raw, preparation)
        except ScanError as error:
            with pytest.raises(ScanError) as caught:
                preparing.prepare(preparation)
            assert str(caught.value) == str(error)  # noqa: PT017
            continue
        found = preparing.prepare(preparation)
        assert found.metadata == expected.metadata
        np.testing.assert_array_equal(found.positions.values, expected.positions.values)
        np.testing.assert_array_equal(
            found.patterns.read(np.arange(len(found))), expected.patterns.read(np.arange(len(expected)))
        )


def test_only_what_changed_is_done_again(tmp_path):
    preparing = Preparing(raw_scan())
    preparing.prepare(Preparation(steps=STEPS[:2]))
    Counting.reads = 0
    preparing.prepare(Preparation(steps=STEPS))
    preparing.prepare(Preparation(steps=STEPS[:1]))
    preparing.prepare(Preparation(steps=STEPS[:4]))
    assert Counting.reads == 0
    preparing.prepare(Preparation(steps=STEPS[1:]))
    assert Counting.reads >= 30
    turned = preparing.prepare(Preparation(reading=Reading(positions_orientation=3), steps=STEPS))
    assert turned.metadata.reading.positions_orientation == 3


def test_a_file_that_a_step_names_is_read_anew(tmp_path):
    preparing = Preparing(raw_scan(tmp_path))
    steps = Preparation(steps=(MaskFile(path="mask.npy"),))
    for bad in (3, 5):
        mask = np.zeros((12, 12))
        mask[bad, bad] = 1
        np.save(tmp_path / "mask.npy", mask)
        assert np.argwhere(preparing.prepare(steps).bad_pixels).tolist() == [[bad, bad]]


def test_after_a_cancel_it_goes_on():
    preparing = Preparing(raw_scan())

    def end(_share):
        raise Cancelled

    with pytest.raises(Cancelled):
        preparing.prepare(Preparation(steps=STEPS), end)
    assert preparing.prepare(Preparation(steps=STEPS)).metadata.preparation.steps == STEPS
