"""How a file is to be read: the conventions and the geometry that its format, its content or the user say.

The same few words serve three times: what a file or its format states, what was found by looking at the
data, and what the user chose. What the user chose wins, then what is stated, then what was found.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Quantity = Literal["intensity", "amplitude"]
ZeroFrequency = Literal["centre", "corner", "detector"]
StoredUnit = Literal["m", "mm", "um", "nm", "px"]

METRES: dict[StoredUnit, float] = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "nm": 1e-9}
"""Length of the units of positions in files; px is none."""

GEOMETRY = {
    "energy_ev": "the photon energy",
    "distance_m": "the distance to the detector",
    "detector_pixel_m": "the size of a detector pixel",
}
"""The fields of Reading that the object pixel follows from, and how sentences call them."""

DISAGREEMENT = 0.01
"""Relative difference of stated and computed pixel size from which it is worth saying."""

Positive = Annotated[float, Meta(gt=0)]
Code = Annotated[int, Meta(ge=0, le=7)]


class PositionColumns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file with the positions, apart from the patterns: a table in text, SPEC, EPICS MDA."""

    path: str
    """Absolute, or from the folder of the patterns."""
    x: Annotated[int, Meta(ge=0)] | None = None
    """Column, counted from 0; None: the one that its name, or its place, tells."""
    y: Annotated[int, Meta(ge=0)] | None = None
    scan: int | None = None
    """Number of the scan in a file that holds several (SPEC); None: the last one."""


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How frames and positions are to be understood; None leaves it to the next who knows."""

    quantity: Quantity | None = None
    zero_frequency: ZeroFrequency | None = None
    """'detector': anywhere, as the detector stood; then the frames are cropped around `centre_px`."""
    frames_orientation: Code | None = None
    """Code of core.geometry that turns stored frames to rows (+y down) and columns (+x right)."""
    positions_orientation: Code | None = None
    """Code that turns stored positions (y, x) alike: 3 negates both, 4 swaps them."""
    position_unit: StoredUnit | None = None
    energy_ev: Positive | None = None
    distance_m: Positive | None = None
    """From the sample to the detector."""
    detector_pixel_m: tuple[Positive, Positive] | None = None
    """(y, x) as the frames are stored."""
    pixel_size_m: tuple[Positive, Positive] | None = None
    """Object pixel (y, x) of whole stored frames; where the file states the geometry too, this counts."""
    centre_px: tuple[int, int] | None = None
    """(row, col) of the zero frequency in the stored frames, for 'detector'."""
    window_px: tuple[Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=1)]] | None = None
    """(rows, cols) of the window around `centre_px`; None: the largest square that fits."""
    mismatch: Literal["refuse", "first"] | None = None
    """Where frames and positions differ in number: refuse, or take as many of the first as have both."""
    positions_file: PositionColumns | None = None
    """Positions of a file of their own instead of those beside the patterns."""

    def over(self, other: Reading) -> Reading:
        """Return the reading that says what this one says, and `other` where this one says nothing."""
        mine = {name: getattr(self, name) for name in self.__struct_fields__}
        said = {name: value for name, value in mine.items() if value is not None}
        return msgspec.structs.replace(other, **said)


def missing_geometry(known: object) -> tuple[tuple[str, ...], str]:
    """Return the fields of GEOMETRY that are None in a reading, or a scan's metadata, and words for them."""
    fields = tuple(name for name in GEOMETRY if getattr(known, name) is None)
    words = [GEOMETRY[name] for name in fields]
    if len(words) < 2:
        return fields, "".join(words)
    return fields, f"{', '.join(words[:-1])} and {words[-1]}"
