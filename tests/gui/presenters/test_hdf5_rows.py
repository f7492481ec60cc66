"""The rows of the HDF5 dialog: text from mappings, and back."""

from __future__ import annotations

import msgspec
import pytest

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Axis, FramesPlace, Mapping, MaskPlace, Value
from ptygui.gui.presenters.hdf5_rows import WORDS, PlaceText, Role, mapping_of, rows_of
from ptygui.io.suggest import Draft

FULL = Mapping(
    name="full",
    patterns=FramesPlace(key=("a", "b"), part="0", frames_last=True),
    x=Axis(key="x", file="p_*.h5", multiplier=1e-6, offset=2.0),
    y=Axis(key="y", part=":, 1"),
    mask=MaskPlace(key="m", bad="zero"),
    energy=Value(key="/", attribute="energy", multiplier=1e3),
    distance=Value(value=2.0),
    detector_pixel_x=Value(key="px"),
    detector_pixel_y=Value(key="py"),
)
EMPTY: dict[Role, PlaceText] = {role: PlaceText() for role in WORDS}


def test_rows_show_a_mapping_and_give_it_back() -> None:
    rows = rows_of(Draft(FULL, {"x": "It is a pair."}))
    assert rows["patterns"].key == "a | b"
    assert (rows["x"].key, rows["x"].multiplier, rows["x"].offset) == ("p_*.h5::x", "1e-06", "2")
    assert (rows["x"].reason, rows["y"].reason) == ("It is a pair.", "")
    assert rows["distance"].key == "2 m"
    assert mapping_of(FULL, rows) == FULL


def test_what_is_written_anew_is_read() -> None:
    written = EMPTY | {
        "patterns": PlaceText(key="a | b", part="0"),
        "x": PlaceText(key="p_*.h5::x", multiplier="1e-6", offset="2,5"),
        "mask": PlaceText(key="m", bad="zero"),
        "energy": PlaceText(key="8.3 keV"),
        "distance": PlaceText(key="150 mm"),
        "detector_pixel": PlaceText(key="pix", multiplier="1e-6"),
    }
    found = mapping_of(FULL, written)
    assert found.patterns == FramesPlace(key=("a", "b"), part="0", frames_last=True)
    assert found.x == Axis(key="x", file="p_*.h5", multiplier=1e-6, offset=2.5)
    assert found.y is None
    assert found.energy == Value(value=8300.0)
    assert found.distance == Value(value=0.15)
    assert (found.detector_pixel_x, found.detector_pixel_y) == (Value(key="pix", multiplier=1e-6), None)


def test_without_patterns_there_are_none() -> None:
    assert mapping_of(FULL, EMPTY).patterns == FramesPlace()


@pytest.mark.parametrize(
    ("role", "row", "words"),
    [
        (
            "x",
            PlaceText(key="x", multiplier="much"),
            "positions x: the multiplier must be a number",
        ),
        ("energy", PlaceText(key="e", offset="-"), "photon energy: the offset"),
        ("patterns", PlaceText(key="a", part="?"), "patterns: the part"),
        ("distance", PlaceText(key="2 miles"), "'miles' is no unit .* write it in m"),
    ],
)
def test_what_cannot_be_read_is_said(role: Role, row: PlaceText, words: str) -> None:
    with pytest.raises(ScanError, match=words):
        mapping_of(FULL, EMPTY | {role: row})


def test_a_pixel_of_one_axis_is_shown() -> None:
    only_y = msgspec.structs.replace(FULL, detector_pixel_x=None)
    rows = rows_of(Draft(only_y, {"detector_pixel_y": "why"}))
    assert (rows["detector_pixel"].key, rows["detector_pixel"].reason) == ("py", "why")
    assert mapping_of(only_y, rows) == only_y
