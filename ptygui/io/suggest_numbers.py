"""Which single numbers of an HDF5 file are energy, distance, pixel size and beam centre, in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ptygui.core.mapping import Value
from ptygui.io.candidates import Candidate
from ptygui.io.units import ENERGIES, LENGTHS


@dataclass(frozen=True)
class _Wanted:
    """A number that is looked for."""

    field: str
    pattern: str
    units: dict[str, float]
    sensible: tuple[float, float]
    """In the base unit."""
    guesses: tuple[float, ...]
    """Multipliers that are tried in turn where no unit is told."""


_NOT = r"(?!.*(threshold|object|probe|img|bandwidth|spread|offset|focus))"
_WANTED = (
    _Wanted("energy", _NOT + r".*energy", ENERGIES, (50, 1.5e5), (1e3, 1.0, ENERGIES["j"])),
    _Wanted("wavelength", _NOT + r".*(wavelength|lambda)", LENGTHS, (4e-12, 3e-8), (1.0, 1e-10, 1e-9)),
    _Wanted("distance", _NOT + r".*(distance|det_dist|/zo$|/z_m$|/sdd$)", LENGTHS, (0.005, 60), (1.0, 1e-3)),
    _Wanted(
        "detector_pixel_y",
        _NOT + r".*(y_pixel_?size|pix\w*size_?y|ccd_pixel_?y)",
        LENGTHS,
        (1e-7, 2e-3),
        (1.0, 1e-6, 1e-3),
    ),
    _Wanted(
        "detector_pixel_x",
        _NOT + r".*(pix\w*size|psize|ccd_pixel|dxd$)",
        LENGTHS,
        (1e-7, 2e-3),
        (1.0, 1e-6, 1e-3),
    ),
    _Wanted("centre_row", r".*(beam_cent(er|re)_y|beam_y(_pixel)?$)", {"": 1.0}, (1, 1e5), (1.0,)),
    _Wanted("centre_col", r".*(beam_cent(er|re)_x|beam_x(_pixel)?$)", {"": 1.0}, (1, 1e5), (1.0,)),
)


def suggest_numbers(found: list[Candidate], parts: dict[str, Any], reasons: dict[str, str]) -> None:
    """Add what is found to the parts of a mapping, and why to the reasons."""
    numbers = [each for each in found if each.value is not None]
    for wanted in _WANTED:
        named = [each for each in numbers if re.match(wanted.pattern, each.words)]
        for each in sorted(named, key=lambda each: not re.match(wanted.pattern, "/" + each.name.lower())):
            factor = _factor(each, wanted)
            if factor is None:
                continue
            told = each.unit in wanted.units and each.unit
            parts[wanted.field] = Value(key=each.key, multiplier=None if told else factor)
            reasons[wanted.field] = f"{each.name} = {each.value:g} " + (
                f"{each.unit}." if told else f"makes sense times {factor:g}."
            )
            break


def _factor(found: Candidate, wanted: _Wanted) -> float | None:
    """Return the multiplier to the base unit that is told, or with which the number makes sense."""
    assert found.value is not None  # only single numbers are asked about
    unit = found.unit or suffix_unit(found.name, wanted.units) or ""
    tried = (wanted.units[unit],) if unit in wanted.units else wanted.guesses
    low, high = wanted.sensible
    return next((factor for factor in tried if low <= abs(found.value * factor) <= high), None)


def suffix_unit(name: str, units: dict[str, float]) -> str | None:
    """Return the unit in which a name ends: 'probe_position_x_m', 'lambda_nm'."""
    last = re.split(r"[_\W]+", name.lower())[-1]
    return last if last in units and last != name.lower() else None
