"""The forms of the steps of a preparation, and the menu from which they are added. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ptygui.core import preparation as steps
from ptygui.core.preparation import Step
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Scan
from ptygui.gui.presenters import entry
from ptygui.gui.presenters.entry import Entry, EntryError

_KEY = Entry("key", "name in the file", tip="Of the array, in HDF5, npz and mat files", example="/entry/mask")
_FILE = entry.file("path", "file")
_OWN_OR_FILE = entry.file("path", "file", optional=True, tip="Empty: of the scan's file")
_DEFOCUS = entry.number("defocus_m", "defocus", "µm", 1e-6, tip="Of the sample, downstream of the focus")
_SIGMAS = entry.number("sigmas", "standard deviations", least=0, tip="Robust ones")

ENTRIES: Mapping[type, tuple[Entry, ...]] = {
    steps.MaskValues: (
        entry.number("low", "below", "counts", optional=True, tip="Empty: no lower limit"),
        entry.number("high", "above", "counts", optional=True, tip="Empty: no upper limit"),
    ),
    steps.MaskHot: (_SIGMAS, entry.switch("dead", "dead pixels too")),
    steps.MaskPainted: (),
    steps.MaskFile: (
        _FILE,
        _KEY,
        entry.choice("bad", "bad are", (("nonzero", "values other than 0"), ("zero", "zeros"))),
    ),
    steps.SubtractDark: (_OWN_OR_FILE, _KEY),
    steps.DivideFlat: (_OWN_OR_FILE, _KEY),
    steps.DivideMonitor: (),
    steps.Window: (
        entry.wholes("size_px", "size", "px", tip="Rows and columns; larger than the frame: padded"),
        entry.wholes("centre_px", "centre", "px", optional=True, tip="Row, column; empty: as it is"),
    ),
    steps.Bin: (entry.whole("factor", "pixels summed along each side", least=2),),
    steps.DropPatterns: (entry.numbers_list("indices", "patterns", tip="Numbered from 0"),),
    steps.Lasso: (entry.switch("keep", "keep what is inside", tip="Else it is dropped"),),
    steps.DropOutliers: (_SIGMAS,),
    steps.MovePositions: (
        entry.number("rotation_deg", "rotation", "°", tip="Anticlockwise as it is seen"),
        entry.pair("scale", "stretch", "", least=0, tip="Of y × x", example="1 × 1"),
        entry.number("shear", "shear", tip="x grows by so much of y"),
    ),
    steps.DiskProbe: (entry.number("diameter", "diameter", "µm", 1e-6, least=0), _DEFOCUS),
    steps.ZonePlateProbe: (
        entry.number("outer_zone_m", "outermost zone", "nm", 1e-9, least=0),
        entry.number("diameter_m", "diameter", "µm", 1e-6, least=0),
        entry.number("stop_m", "central stop", "µm", 1e-6, tip="Its diameter; 0: none"),
        _DEFOCUS,
    ),
    steps.MeanPatternProbe: (_DEFOCUS,),
    steps.FileProbe: (_FILE, _KEY),
}


@dataclass(frozen=True)
class Offer:
    """One entry of the menu: a step to begin with, and whether something must be told first."""

    words: str
    draft: Step
    asks: bool = False


_BY_MONITOR = Offer("Divide by the monitor", steps.DivideMonitor())

MENU: tuple[tuple[str, tuple[Offer, ...]], ...] = (
    (
        "Mask",
        (
            Offer("Hot and dead pixels", steps.MaskHot()),
            Offer("By counts…", steps.MaskValues(), asks=True),
            Offer("From a file…", steps.MaskFile(path=""), asks=True),
        ),
    ),
    (
        "Crop and bin",
        (
            Offer("Crop or pad…", steps.Window(size_px=(1, 1)), asks=True),
            Offer("Bin", steps.Bin()),
        ),
    ),
    (
        "Normalise",
        (
            Offer("Subtract a dark…", steps.SubtractDark(), asks=True),
            Offer("Divide by a flat…", steps.DivideFlat(), asks=True),
            _BY_MONITOR,
        ),
    ),
    (
        "Drop patterns",
        (
            Offer("By number…", steps.DropPatterns(), asks=True),
            Offer("Those far too bright or dark", steps.DropOutliers()),
        ),
    ),
    ("Positions", (Offer("Turn, stretch, shear…", steps.MovePositions(), asks=True),)),
    (
        "Probe",
        (
            Offer("A round hole…", steps.DiskProbe(diameter=1e-6), asks=True),
            Offer("A zone plate…", steps.ZonePlateProbe(outer_zone_m=50e-9, diameter_m=150e-6), asks=True),
            Offer("From the mean pattern", steps.MeanPatternProbe()),
            Offer("From a file…", steps.FileProbe(path=""), asks=True),
        ),
    ),
)
"""Painting and the lasso have their tools beside the pictures."""


@dataclass(frozen=True)
class Carried:
    """What the scan at hand carries that steps use."""

    metres: bool = False
    dark: bool = False
    flat: bool = False
    monitor: bool = False


def carried(raw: RawScan, chosen: Reading, scan: Scan | None) -> Carried:
    """Say what a scan carries; as far as its file tells, where it is none yet because something lacks."""
    source = raw if scan is None else scan
    unit = chosen.over(raw.stated).position_unit if scan is None else scan.positions.unit
    return Carried(
        unit not in (None, "px"),
        source.dark is not None,
        source.flat is not None,
        source.monitor is not None,
    )


def refusals(carried: Carried) -> dict[Offer, str]:
    """Return what of the menu cannot be done with the scan at hand, each with the reason."""
    return (
        {} if carried.monitor else {_BY_MONITOR: "The file does not tell the incoming intensity (a monitor)."}
    )


def entries_of(step: Step, carried: Carried) -> tuple[Entry, ...]:
    """Return the lines of a step's form.

    Lengths are object pixels where the scan has no metres; a file must be named for what it does not carry.
    """
    lines = ENTRIES[type(step)]
    if isinstance(step, steps.DiskProbe) and not carried.metres:
        return (entry.number("diameter", "diameter", "px", least=0), *lines[1:])
    if isinstance(step, steps.MovePositions):
        unit, factor = ("µm", 1e-6) if carried.metres else ("px", 1.0)
        return (*lines, entry.pair("shift", "shift", unit, factor, tip="Of y × x"))
    own = carried.dark if isinstance(step, steps.SubtractDark) else carried.flat
    if isinstance(step, steps.SubtractDark | steps.DivideFlat) and not own:
        return (_FILE, *lines[1:])
    return lines


def texts_of(step: Step, carried: Carried) -> list[tuple[Entry, str]]:
    """Return a step's form, filled."""
    return [(one, one.text(getattr(step, one.name))) for one in entries_of(step, carried)]


def filled(step: Step, texts: Mapping[str, str], carried: Carried) -> Step:
    """Return the step with what was typed; raises EntryError."""
    values: dict[str, Any] = {one.name: one.value(texts[one.name]) for one in entries_of(step, carried)}
    if isinstance(step, steps.MaskValues) and values["low"] is None and values["high"] is None:
        raise EntryError("A limit must be given, below or above which pixels are bad.")
    if isinstance(step, steps.DropPatterns) and not values["indices"]:
        raise EntryError("Patterns must be named, e.g. 3, 7, 10-20.")
    changed = msgspec.structs.replace(step, **values)
    try:
        return msgspec.convert(msgspec.to_builtins(changed), type(step))
    except msgspec.ValidationError as error:
        raise EntryError(f"This makes no sense: {error}.") from error
