"""The rows of the HDF5 dialog as text, from a mapping and back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Axis, FramesPlace, Keys, Mapping, MaskPlace, Place, Value, parse_part
from ptygui.io.units import ENERGIES, LENGTHS

if TYPE_CHECKING:
    from ptygui.io.suggest import Draft

Role = Literal["patterns", "x", "y", "mask", "energy", "distance", "detector_pixel"]
Bad = Literal["nonzero", "zero"]
WORDS: dict[Role, str] = {
    "patterns": "patterns",
    "x": "positions x",
    "y": "positions y",
    "mask": "mask",
    "energy": "photon energy",
    "distance": "distance",
    "detector_pixel": "detector pixel",
}
"""What the roles are called; also their order."""
BASE_UNITS: dict[Role, str] = {"x": "m", "y": "m", "energy": "eV", "distance": "m", "detector_pixel": "m"}
"""What a multiplier leads to."""
_FIELDS: dict[Role, str] = {"detector_pixel": "detector_pixel_x"}
_UNITS: dict[Role, dict[str, float]] = {"energy": ENERGIES, "distance": LENGTHS, "detector_pixel": LENGTHS}
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\W\d]*)\s*")


@dataclass(frozen=True)
class PlaceText:
    """What a row says."""

    key: str = ""
    """'/entry/data'; 'a | b': the first that is there; 'other.h5::/x': of another file; or '8 keV'."""
    part: str = ""
    multiplier: str = ""
    offset: str = ""
    bad: Bad = "nonzero"
    reason: str = ""
    """Why it was guessed; empty if it was not."""


def rows_of(draft: Draft) -> dict[Role, PlaceText]:
    """Write a draft as rows."""
    return {
        role: replace(_row(draft.mapping, role), reason=draft.reasons.get(_field(draft.mapping, role), ""))
        for role in WORDS
    }


def _field(mapping: Mapping, role: Role) -> str:
    if role == "detector_pixel" and mapping.detector_pixel_x is None:
        return "detector_pixel_y"
    return _FIELDS.get(role, role)


def _row(mapping: Mapping, role: Role) -> PlaceText:
    place: Place | None = getattr(mapping, _field(mapping, role))
    if place is None or not (any(place.keys) or isinstance(place, Value)):
        return PlaceText()
    if isinstance(place, Value) and not any(place.keys):
        return PlaceText(key="" if place.value is None else f"{place.value:g} {BASE_UNITS[role]}")
    key = " | ".join(place.keys)
    return PlaceText(
        key=f"{place.file}::{key}" if place.file else key,
        part=place.part,
        multiplier=_text(place.multiplier) if isinstance(place, Axis | Value) else "",
        offset=_text(place.offset or None) if isinstance(place, Axis | Value) else "",
        bad=place.bad if isinstance(place, MaskPlace) else "nonzero",
    )


def mapping_of(base: Mapping, rows: dict[Role, PlaceText]) -> Mapping:
    """Read the rows; what they do not show stays as in `base`.

    Raises
    ------
    ScanError
        If something in a row is no number or part.
    """
    places: dict[str, Place | None] = {}
    for role, row in rows.items():
        if replace(row, reason="") == _row(base, role):
            continue  # it may say more than a row can show
        place = _place(base, role, row)
        places[_FIELDS.get(role, role)] = FramesPlace() if place is None and role == "patterns" else place
        if role == "detector_pixel":
            places["detector_pixel_y"] = None  # what is chosen stands for both
    return msgspec.structs.replace(base, **places)


def _place(base: Mapping, role: Role, row: PlaceText) -> Place | None:
    if not row.key.strip():
        return None
    fixed = _fixed(role, row.key)
    if fixed is not None:
        return fixed
    file, _, keys = row.key.rpartition("::")
    key: Keys = tuple(key.strip() for key in keys.split("|"))
    key = key[0] if len(key) == 1 else key
    parse_part(row.part, WORDS[role])
    part, file = row.part.strip(), file.strip()
    if role == "patterns":
        return FramesPlace(key=key, file=file, part=part, frames_last=base.patterns.frames_last)
    if role == "mask":
        return MaskPlace(key=key, file=file, part=part, bad=row.bad)
    multiplier = _number(row.multiplier, f"{WORDS[role]}: the multiplier")
    offset = _number(row.offset, f"{WORDS[role]}: the offset") or 0.0
    kind = Axis if role in ("x", "y") else Value
    return kind(key=key, file=file, part=part, multiplier=multiplier, offset=offset)


def _fixed(role: Role, text: str) -> Value | None:
    """Read '8 keV'; None if it is a key."""
    found = _NUMBER.fullmatch(text)
    if role not in _UNITS or found is None:
        return None
    number, unit = found.groups()
    factor = _UNITS[role].get(unit.lower()) if unit else 1.0
    if factor is None:
        base = BASE_UNITS[role]
        raise ScanError(f"{WORDS[role]}: '{unit}' is no unit that ptygui knows: write it in {base}.")
    return Value(value=float(number) * factor)


def _number(text: str, what: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text.replace("−", "-").replace(",", "."))
    except ValueError as error:
        raise ScanError(f"{what} must be a number, not '{text}'.") from error


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:g}"
