"""Laws of preparing a scan, whatever the steps are."""

import tracemalloc
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import pytest
from core.prepared import Files, counts_scan, last_note, prepared, read_all, same
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core import preparation as p
from ptygui.core.describe import scan_facts
from ptygui.core.enough import too_little
from ptygui.core.errors import Cancelled, IncompleteScanError, ScanError
from ptygui.core.preparation import Preparation, recorded_preparation
from ptygui.core.preparation_words import name, words
from ptygui.core.prepare_base import StoredProbe
from ptygui.core.preprocess import frame_numbers
from ptygui.core.scan import ProbePositions

PROBE = np.ones((1, 12, 12), np.complex64)
FILES = Files({"mask": np.eye(12), "dark": np.ones((12, 12))}, {"probe": StoredProbe(PROBE, None)})
STEPS = (
    p.MaskValues(high=30),
    p.MaskHot(sigmas=4),
    p.MaskPainted(strokes=(p.Stroke(row=3, col=4, radius=1),)),
    p.MaskFile(path="mask"),
    p.SubtractDark(path="dark"),
    p.SubtractDark(),
    p.DivideFlat(),
    p.DivideMonitor(),
    p.Window(size_px=(8, 8), centre_px=(5, 6)),
    p.Bin(factor=2),
    p.DropPatterns(indices=(1, 4)),
    p.Lasso(polygon=((-1.0, -1.0), (-1.0, 5.0), (1e3, 5.0), (1e3, -1.0))),
    p.DropOutliers(sigmas=2),
    p.MovePositions(rotation_deg=10, shift=(1.0, 2.0)),
    p.DiskProbe(diameter=3.0),
    p.ZonePlateProbe(outer_zone_m=4e-8, diameter_m=1e-4),
    p.MeanPatternProbe(),
    p.FileProbe(path="probe"),
)


def test_every_kind_of_step_is_here_and_has_words_and_survives_toml():
    assert {type(step) for step in STEPS} == set(p.Step.__args__)
    preparation = Preparation(steps=STEPS)
    assert msgspec.json.decode(msgspec.json.encode(preparation), type=Preparation) == preparation
    assert recorded_preparation({"preparation": msgspec.to_builtins(preparation)}) == preparation
    for step in STEPS:
        for unit in ("m", "px"):
            assert words(step, unit)[0].isupper()
        assert words(msgspec.structs.replace(step, on=False), "px").endswith(" (off)")
        assert name(step) == name(type(step))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_step_that_is_off_changes_nothing_but_is_kept(step):
    scan = counts_scan()
    off = msgspec.structs.replace(step, on=False)
    after = prepared(scan, off)
    assert same(after, scan)
    assert after.metadata.notes == ()
    assert after.metadata.preparation.steps == (off,)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_step_is_lazy_pure_and_says_what_it_did(step):
    unit = "m" if isinstance(step, p.ZonePlateProbe) else "px"
    scan = counts_scan(unit=unit)
    if unit == "m":  # a pixel that the lens can be sampled on
        metadata = replace(scan.metadata, pixel_size_m=(1e-8, 1e-8))
        scan = replace(scan, metadata=metadata)
    before, data = counts_scan(unit=unit), scan.patterns.data
    after = prepared(scan, step, load=FILES)
    np.testing.assert_array_equal(scan.patterns.data, before.patterns.data)
    np.testing.assert_array_equal(scan.positions.values, before.positions.values)
    assert data is scan.patterns.data
    assert len(after.metadata.notes) == 1
    assert last_note(after).endswith(".")
    assert after.metadata.preparation.steps == (step,)
    one, all_of_them = after.patterns.read(np.array([len(after) - 1])), read_all(after)
    np.testing.assert_array_equal(one[0], all_of_them[-1])
    assert all_of_them.dtype == np.float32


@given(st.permutations([step for step in STEPS if name(step).startswith(("bad", "mask", "painted"))]))
def test_masks_may_stand_in_any_order(steps):
    steps = [step for step in steps if not isinstance(step, p.MaskHot)]  # it leaves out what is bad already
    scan = counts_scan()
    first, other = (prepared(scan, *order, load=FILES).bad_pixels for order in (steps, steps[::-1]))
    np.testing.assert_array_equal(first, other)


IN_PIXELS = [step for step in STEPS if not isinstance(step, p.ZonePlateProbe)]


@given(st.lists(st.sampled_from(IN_PIXELS), max_size=4), st.integers(0, 4))
def test_steps_in_two_portions_are_the_same_steps(steps, cut):
    scan = counts_scan()
    try:
        at_once = prepared(scan, *steps, load=FILES)
    except ScanError:
        return  # an order that makes no sense
    in_two = prepared(prepared(scan, *steps[:cut], load=FILES), *steps[cut:], load=FILES)
    assert same(at_once, in_two)
    assert at_once.metadata == in_two.metadata


@given(st.sets(st.integers(0, 8), max_size=4), st.sets(st.integers(0, 4), max_size=3))
def test_leaving_out_twice_is_leaving_out_both(first, second):
    scan = counts_scan()
    left = [i for i in range(9) if i not in first]
    both = first | {left[i] for i in second}
    steps = (p.DropPatterns(indices=tuple(first)), p.DropPatterns(indices=tuple(second)))
    twice = prepared(scan, *steps)
    assert same(twice, prepared(scan, p.DropPatterns(indices=tuple(both))))
    assert frame_numbers(twice.patterns).tolist() == [i for i in range(9) if i not in both]


def test_an_error_names_the_step_and_what_lacks():
    scan = counts_scan()
    with pytest.raises(ScanError, match=r"^Step 2 \(bin\): Patterns of 12 × 12 px cannot be binned by 5: "):
        prepared(scan, p.Window(size_px=(12, 12)), p.Bin(factor=5))
    with pytest.raises(IncompleteScanError, match=r"Step 1 \(probe: zone plate\).*photon energy") as caught:
        prepared(scan, p.ZonePlateProbe(outer_zone_m=1e-8, diameter_m=1e-4))
    assert caught.value.lacks == ("energy_ev",)
    with pytest.raises(ScanError, match="m.npy cannot be read as a mask"):
        prepared(scan, p.MaskFile(path="m.npy"))


@pytest.mark.parametrize("step", [p.MaskValues(low=0), p.DropOutliers(), p.MaskHot(), p.MeanPatternProbe()])
def test_looking_at_patterns_is_told_and_can_be_ended(step):
    told = []
    prepared(counts_scan(), step, report=told.append)
    assert told[0] == 0
    assert told[-1] == 1

    def end(share):
        raise Cancelled

    with pytest.raises(Cancelled):
        prepared(counts_scan(), step, report=end)


def test_a_step_that_leaves_too_little_is_done_and_says_so():
    scan = counts_scan(shape=(32, 32))
    steps = (p.Window(size_px=(2, 2)), p.DropPatterns(indices=(0,)), p.DropPatterns(indices=(0, 1, 2, 3, 4)))
    after = prepared(scan, *steps)
    assert after.patterns.shape == (3, 2, 2)
    tiny, same_as_before, few = after.metadata.cautions
    assert tiny == "Patterns of 2 × 2 px hardly hold a probe: 16 px or more are needed."
    assert same_as_before == ""
    assert few == "Of 3 patterns hardly anything can be reconstructed: at least 4 that overlap are needed."
    assert too_little(after) == (tiny, few)
    assert scan_facts(after).too_little == (tiny, few)
    assert prepared(scan, p.Bin(factor=4)).metadata.cautions[0].startswith("Patterns of 8 × 8 px")


def test_a_crop_over_the_rim_says_how_little_is_measured():
    scan = counts_scan(shape=(32, 32))
    at_the_rim = prepared(scan, p.Window(size_px=(32, 32), centre_px=(0, 31)))
    assert at_the_rim.metadata.cautions == (
        "Only 27% of the pixels are measured: the rest of each pattern is made up.",
    )
    assert prepared(scan, p.Window(size_px=(32, 32), centre_px=(10, 16))).metadata.cautions == ("",)


def test_what_is_enough_is_not_warned_of():
    enough = counts_scan(n=4, shape=(16, 16))
    off = p.Window(size_px=(1, 1), on=False)
    assert prepared(enough, p.Window(size_px=(16, 16)), off).metadata.cautions == ("", "")
    assert too_little(enough) == ()


def test_what_another_version_recorded_is_refused_in_a_sentence():
    assert recorded_preparation({}) == Preparation()
    with pytest.raises(ScanError, match="does not understand"):
        recorded_preparation({"preparation": {"steps": [{"step": "polish"}]}})


@dataclass(frozen=True)
class Endless:
    """A source of any length that holds hardly anything."""

    count: int

    @property
    def shape(self):
        return self.count, 64, 64

    def read(self, indices):
        return np.ones((len(indices), 64, 64), np.float32) * (1 + indices % 7)[:, None, None]


@pytest.mark.parametrize("count", [1_000, 20_000])
def test_memory_does_not_grow_with_the_number_of_patterns(count):
    scan = counts_scan(9, (64, 64))
    scan = replace(
        scan,
        patterns=Endless(count),
        positions=ProbePositions(np.zeros((count, 2)) + np.arange(count)[:, None] % 99, "px"),
        monitor=np.ones(count),
    )
    tracemalloc.start()
    steps = (p.DropOutliers(), p.MaskHot(), p.DivideMonitor(), p.Window(size_px=(32, 32)), p.Bin())
    after = prepared(scan, *steps)
    after.patterns.read(np.arange(32) * (count // 32))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 << 20  # all patterns would be 16 or 320 MB
