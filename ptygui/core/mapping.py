"""Where things are in an HDF5 file that is in no format of its own: plain values, as users say them.

What people need of it is what ptypy's Hdf5Loader offers (ptypy/experiment/hdf5_loader.py): keys with
multipliers and offsets, slices, other files, rasters. `io.mapped` reads a file by it, `io.presets` keeps it.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ptygui.core.errors import ScanError
from ptygui.core.reading import Reading

Index = int | slice
Part = tuple[Index, ...]
Keys = str | tuple[str, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where an array lies."""

    key: Keys = ""
    """One or several to be tried in turn; '*' in a part of it stands for any name in that group."""
    file: str = ""
    """Another file, relative to the folder of the one that is opened: '*' and '?' stand for any letters,
    {stem} for that file's name without ending, {number} for the longest number in it."""
    part: str = ""
    """What is used of the array, as numpy writes it: '0, :, ::2'."""

    @property
    def keys(self) -> tuple[str, ...]:
        """All that are to be tried."""
        return (self.key,) if isinstance(self.key, str) else self.key


class FramesPlace(Place, frozen=True, kw_only=True):
    """Where the patterns lie; all axes but those of rows and columns count patterns, the last one fastest."""

    frames_last: bool = False
    """True: rows and columns are the first two axes, not the last two."""


class Axis(Place, frozen=True, kw_only=True):
    """One coordinate of the positions: for each pattern, or along one axis of a raster."""

    multiplier: float | None = None
    """To metres, or to the unit of the reading; None: the attribute `units` counts."""
    offset: float = 0.0
    """Added last."""


class MaskPlace(Place, frozen=True, kw_only=True):
    """Where the bad pixels are told; of several masks a pixel that is bad in one is bad."""

    bad: Literal["nonzero", "zero"] = "nonzero"


class Value(Place, frozen=True, kw_only=True):
    """One number."""

    value: float | None = None
    """Fixed, or what is taken where there is no such key; in the base unit (eV, m, px)."""
    attribute: str = ""
    """The number is this attribute of what is under the key."""
    multiplier: float | None = None
    """To the base unit; None: the attribute `units` counts."""
    offset: float = 0.0
    """Added last."""


class Sniff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """By what a file is known."""

    keys: tuple[str, ...] = ()
    """All must be there; 'a|b' is one of two; without any, no file is known by it."""
    values: dict[str, str | float | int | bool] = {}
    """Attributes ('entry@definition') and single values ('entry/definition') that must be so."""

    @property
    def weight(self) -> int:
        """How special it is: of two that know a file the weightier one is taken."""
        return len(self.keys) + len(self.values)


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where everything is, and how it is to be read."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    source: str = ""
    """Where the layout is told."""
    notes: tuple[str, ...] = ()
    """Sentences that are shown with the scan."""
    sniff: Sniff = Sniff()
    patterns: FramesPlace = FramesPlace()
    x: Axis | None = None
    y: Axis | None = None
    raster: Literal["y slow", "x slow"] | None = None
    """That x and y are the axes of a raster, and which one is slow; None: seen by their lengths, y slow."""
    mask: MaskPlace | None = None
    dark: Place | None = None
    flat: Place | None = None
    monitor: Place | None = None
    energy: Value | None = None
    wavelength: Value | None = None
    """Counts where there is no energy."""
    distance: Value | None = None
    detector_pixel_y: Value | None = None
    detector_pixel_x: Value | None = None
    """One of the two stands for both."""
    object_pixel: Value | None = None
    centre_row: Value | None = None
    centre_col: Value | None = None
    reading: Reading = Reading()


def parse_part(text: str, label: str) -> Part:
    """Read '0, :, 10:20:2'; raises ScanError, with `label`, if it is no list of numbers and slices."""
    if not text.strip():
        return ()
    try:
        return tuple(_parse_index(word.strip()) for word in text.split(","))
    except ValueError as error:
        raise ScanError(
            f"{label}: the part '{text}' must be numbers and slices like '0, :, 10:20'."
        ) from error


def _parse_index(word: str) -> Index:
    if ":" not in word:
        return int(word)
    ends = [int(end) if end.strip() else None for end in word.split(":")]
    if len(ends) > 3 or (len(ends) == 3 and ends[2] is not None and ends[2] < 1):
        raise ValueError(word)
    return slice(*ends)
