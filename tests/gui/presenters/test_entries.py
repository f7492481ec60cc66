"""What is typed into forms, and what is written there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gui.fakes import make_raw

from ptygui.core import preparation as steps
from ptygui.core.interpret import interpret
from ptygui.core.reading import Reading
from ptygui.gui.presenters import entry
from ptygui.gui.presenters.entry import EntryError
from ptygui.gui.presenters.reading_rows import BY_NAME
from ptygui.gui.presenters.step_entries import (
    ENTRIES,
    MENU,
    Carried,
    carried,
    filled,
    refusals,
    texts_of,
)

REQUIRED = {
    steps.MaskFile: {"path": "/m.tif"},
    steps.Window: {"size_px": (64, 48)},
    steps.Lasso: {"polygon": ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0))},
    steps.DiskProbe: {"diameter": 1e-6},
    steps.ZonePlateProbe: {"outer_zone_m": 50e-9, "diameter_m": 150e-6},
    steps.FileProbe: {"path": "/p.npz"},
    steps.MaskValues: {"high": 60000.0},
    steps.DropPatterns: {"indices": (0, 3, 4, 5)},
}


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("energy_ev", "8.8", 8800.0),
        ("distance_m", "1,9", 1.9),
        ("detector_pixel_m", "75", (75e-6, 75e-6)),
        ("detector_pixel_m", "75 × 172", (75e-6, 172e-6)),
        ("centre_px", "128, 130", (128, 130)),
        ("frames_orientation", "5", 5),
        ("quantity", "amplitude", "amplitude"),
    ],
)
def test_a_value_is_read_in_its_unit_and_written_again(field, text, value):
    one = BY_NAME[field]
    assert one.value(text) == pytest.approx(value)
    assert one.value(one.text(value)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("energy_ev", "much", "Energy must be a number."),
        ("energy_ev", "-3", "Energy must be more than 0."),
        ("energy_ev", "nan", "Energy must be a finite number."),
        ("detector_pixel_m", "1 2 3", "Detector pixel must be one number, or two: height × width."),
        ("centre_px", "12", "Beam centre must be two whole numbers, e.g. 128, 130."),
    ],
)
def test_what_makes_no_sense_is_a_sentence(field, text, words):
    with pytest.raises(EntryError) as raised:
        BY_NAME[field].value(text)
    assert str(raised.value) == words


def test_patterns_are_listed_in_ranges():
    listed = entry.numbers_list("indices", "patterns")
    assert listed.value("7, 3 10 - 12") == (3, 7, 10, 11, 12)
    assert listed.text((3, 7, 10, 11, 12)) == "3, 7, 10-12"
    with pytest.raises(EntryError):
        listed.value("all")


@pytest.mark.parametrize("kind", ENTRIES)
@pytest.mark.parametrize("metres", [True, False])
def test_the_form_of_every_step_gives_the_step_back(kind, metres):
    step, carried = kind(**REQUIRED.get(kind, {})), Carried(metres, dark=True, flat=True)
    texts = {one.name: text for one, text in texts_of(step, carried)}
    assert filled(step, texts, carried) == step


@pytest.mark.parametrize("step", [steps.SubtractDark(), steps.DivideFlat()])
def test_a_file_must_be_named_for_what_the_scan_does_not_carry(step):
    with pytest.raises(EntryError, match="File must be chosen"):
        filled(step, {"path": "", "key": ""}, Carried(monitor=True))
    assert filled(step, {"path": "/d.tif", "key": ""}, Carried()).path == "/d.tif"


def test_what_a_file_carries_is_known_before_it_is_a_scan():
    raw = replace(make_raw("raw", stated=Reading(position_unit="um")), monitor=np.ones(12))
    assert carried(raw, Reading(), None) == Carried(metres=True, monitor=True)
    assert carried(raw, Reading(position_unit="px"), None) == Carried(monitor=True)
    scan = interpret(raw, Reading(pixel_size_m=(2e-8, 2e-8)))
    assert carried(raw, Reading(), scan) == Carried(metres=True, monitor=True)
    assert refusals(Carried(monitor=True)) == {}
    ((offer, why),) = refusals(Carried()).items()
    assert isinstance(offer.draft, steps.DivideMonitor)
    assert "monitor" in why


def test_a_step_that_would_do_nothing_or_cannot_be_says_so():
    with pytest.raises(EntryError, match="limit"):
        filled(steps.MaskValues(), {"low": "", "high": ""}, Carried())
    with pytest.raises(EntryError, match="named"):
        filled(steps.DropPatterns(), {"indices": ""}, Carried())
    with pytest.raises(EntryError, match="chosen"):
        filled(steps.MaskFile(path=""), {"path": "", "key": "", "bad": "zero"}, Carried())
    with pytest.raises(EntryError, match="no sense"):
        filled(steps.Window(size_px=(8, 8)), {"size_px": "0, 8", "centre_px": ""}, Carried())


def test_every_step_but_those_drawn_by_hand_is_in_the_menu():
    offered = {type(offer.draft) for _, offers in MENU for offer in offers}
    assert set(ENTRIES) - offered == {steps.MaskPainted, steps.Lasso}
