"""What a beamline's files share: how they are read and prepared, remembered for the next file of the kind.

What belongs to one scan only, as patterns that were dropped by number, is not remembered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from ptygui.core.errors import IncompleteScanError
from ptygui.core.preparation import (
    DropPatterns,
    Lasso,
    MaskPainted,
    MovePositions,
    Preparation,
    Step,
    Window,
)
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Scan

Side = Annotated[int, Meta(ge=1)]

_OF_ONE_SCAN = ("positions_file", "mismatch")
"""That numbers are unequal is a fault of one scan, of which each scan is to tell."""
_OF_ITS_POSITIONS_FILE = ("position_unit",)
_OURS = "ptygui"
"""Origin of files that ptygui wrote: how another of them lies has nothing to do with it."""


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which files are alike; what is remembered for others is never applied."""

    format: str
    """As RawScan says: of the reader, or of the preset that opened the file."""
    pattern_shape: tuple[Side, Side]
    """(H, W) of the stored frames."""
    origin: str = ""
    """The beamline and facility that the files name; empty: they name none."""

    @property
    def words(self) -> str:
        """E.g. 'CXI files with patterns of 128 × 128 px from NanoMAX, MAX IV'."""
        height, width = self.pattern_shape
        of = f" from {self.origin}" if self.origin else ""
        return f"{self.format} files with patterns of {height} × {width} px{of}"


class Remembered(Preparation, frozen=True, kw_only=True):
    """A preparation that has a name and is for some kind of files; where things lie, presets tell."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    kind: Kind = msgspec.field(name="for")

    @classmethod
    def of(cls, preparation: Preparation, name: str, kind: Kind) -> Remembered:
        """Keep of a preparation what other scans of the kind share."""
        kept, _ = divided(preparation, kind.origin)
        return cls(name=name, kind=kind, reading=kept.reading, steps=kept.steps)

    @property
    def preparation(self) -> Preparation:
        """What is done to a scan."""
        return Preparation(reading=self.reading, steps=self.steps)


@dataclass(frozen=True)
class Recalled:
    """A file as it is opened if nobody says how: as remembered for its kind, else as it says.

    Attributes
    ----------
    scan : Scan or None
    lacks : IncompleteScanError or None
        What it lacks to be a scan.
    preparation : Preparation
        How it is opened.
    remembered : Remembered or None
        As what it is opened.
    sentences : tuple of str
        What is to be said of that, or why something remembered was not applied.
    """

    scan: Scan | None
    lacks: IncompleteScanError | None = None
    preparation: Preparation = Preparation()
    remembered: Remembered | None = None
    sentences: tuple[str, ...] = ()

    def whole(self) -> Scan:
        """Return the scan; raises IncompleteScanError if something lacks."""
        if self.scan is None:
            assert self.lacks is not None  # one of the two is there
            raise self.lacks
        return self.scan


def kind_of(raw: RawScan) -> Kind:
    """Return what other files a file is like."""
    _, height, width = raw.frames.shape
    return Kind(format=raw.format, pattern_shape=(height, width), origin=raw.origin)


def proposed_name(kind: Kind, taken: Iterable[str]) -> str:
    """Propose a name that is not taken, e.g. 'NanoMAX, MAX IV', else with the size of the patterns."""
    known, plain, (height, width) = set(taken), kind.origin or kind.format, kind.pattern_shape
    sized = f"{plain} {height} × {width}"
    numbered = (f"{sized} ({number})" for number in range(2, 1_000))
    return next(name for name in (plain, sized, *numbered) if name not in known)


def divided(preparation: Preparation, origin: str) -> tuple[Preparation, Preparation]:
    """Divide a preparation into what other scans of an origin share and what is of this scan only.

    Of one scan are: patterns that were dropped by number or in a lasso, the shift of the positions, a file
    with its positions and their unit, what to do if numbers are unequal, and where things lie in its file;
    of one that ptygui wrote also how it is read, and then what was drawn on patterns that lay otherwise.
    """
    apart = preparation.reading.positions_file is not None
    names = (*_OF_ONE_SCAN, *(_OF_ITS_POSITIONS_FILE if apart else ()))
    of_one_scan: tuple[type[Step], ...] = (DropPatterns, Lasso)
    if origin == _OURS and preparation.reading != Reading():
        names, of_one_scan = Reading.__struct_fields__, (*of_one_scan, MaskPainted, Window)
    own = {name: getattr(preparation.reading, name) for name in names}
    shared = msgspec.structs.replace(preparation.reading, **dict.fromkeys(names))
    pairs = [_divided_step(step, of_one_scan) for step in preparation.steps]
    return (
        Preparation(reading=shared, steps=tuple(step for step, _ in pairs if step is not None)),
        Preparation(reading=Reading(**own), steps=tuple(step for _, step in pairs if step is not None)),
    )


def _divided_step(step: Step, of_one_scan: tuple[type[Step], ...]) -> tuple[Step | None, Step | None]:
    if isinstance(step, of_one_scan):
        return None, step
    if isinstance(step, MovePositions) and step.shift != (0, 0):
        turned = msgspec.structs.replace(step, shift=(0.0, 0.0))
        still = turned == MovePositions(on=step.on)
        return None if still else turned, MovePositions(shift=step.shift, on=step.on)
    return step, None


def left_off(preparation: Preparation, remembered: Preparation) -> Preparation:
    """Return a preparation without what it has of something remembered; what the user chose since stays."""
    known = remembered.reading
    same = [
        name for name in known.__struct_fields__ if getattr(preparation.reading, name) == getattr(known, name)
    ]
    reading = msgspec.structs.replace(preparation.reading, **dict.fromkeys(same))
    steps = tuple(step for step in preparation.steps if step not in remembered.steps)
    return msgspec.structs.replace(preparation, reading=reading, steps=steps)


def taken_up(preparation: Preparation, remembered: Preparation) -> Preparation:
    """Return a preparation with all that is remembered, and what else the user chose besides."""
    own = left_off(preparation, remembered)
    return msgspec.structs.replace(
        own, reading=remembered.reading.over(own.reading), steps=(*remembered.steps, *own.steps)
    )
