"""Guess which nodes of an HDF5 file are the patterns, positions, mask, energy and lengths of a scan.

By name, shape, unit and, for single numbers, by what makes sense. It is a draft for a person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import h5py
import msgspec
import numpy as np

from ptygui.core.mapping import Axis, FramesPlace, Mapping, MaskPlace, Sniff
from ptygui.io import hdf5
from ptygui.io.candidates import Candidate, candidates
from ptygui.io.suggest_numbers import suffix_unit, suggest_numbers
from ptygui.io.units import LENGTHS

MASK_BYTES = 256 << 20
_PATTERN_WORDS = ("data", "frame", "diff", "dp", "pattern", "intens", "ptychogram", "image", "det", "amp")
_NO_PATTERN = ("mask", "dark", "flat", "background", "weight", "probe", "object", "white", "error", "result")
_POSITION_WORDS = ("pos", "trans", "coord", "motor", "sam", "encoder", "point", "scan", "pp", "stage")
_NO_POSITION = ("pixel", "center", "centre", "size", "range", "index", "max", "start")


@dataclass(frozen=True)
class Draft:
    """A mapping that may be right, and why each part of it was chosen.

    Attributes
    ----------
    mapping : Mapping
    reasons : dict
        By field of the mapping: 'patterns', 'x', 'y', 'mask', 'energy', ...
    """

    mapping: Mapping
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Frames:
    """What the stack of patterns is taken to be."""

    counting: tuple[int, ...]
    shape: tuple[int, int]

    @property
    def n(self) -> int:
        return int(np.prod(self.counting, dtype=np.int64))


def suggest(path: Path) -> Draft:
    """Draft a mapping for a file.

    Raises
    ------
    ScanError
        If it is no HDF5 file.
    """
    with hdf5.open_hdf5(path) as file:
        found = list(candidates(file))
        parts: dict[str, Any] = {}
        reasons: dict[str, str] = {}
        frames = _suggest_patterns(found, parts, reasons)
        if frames is not None:
            _suggest_positions(found, frames, parts, reasons)
            _suggest_mask(file, found, frames, parts, reasons)
        suggest_numbers(found, parts, reasons)
    return Draft(Mapping(name=path.stem or "scan", **parts), reasons)


def with_sniff(mapping: Mapping) -> Mapping:
    """Return a mapping that knows files in which everything that it names is there.

    What it asks of values stays; its keys are those of what may have been changed since.
    """
    places = (getattr(mapping, name) for name in ("patterns", "x", "y", "mask", "energy", "distance"))
    keys = {"|".join(place.keys) for place in places if place is not None and not place.file and place.key}
    plain = tuple(sorted(key for key in keys if not any(sign in key for sign in "*?")))
    return msgspec.structs.replace(mapping, sniff=Sniff(keys=plain, values=mapping.sniff.values))


# Patterns.


def _suggest_patterns(
    found: list[Candidate], parts: dict[str, Any], reasons: dict[str, str]
) -> _Frames | None:
    stacks = [each for each in found if _frames_of(each) is not None]
    if not stacks:
        return None
    best = max(stacks, key=_pattern_score)
    frames = _frames_of(best)
    assert frames is not None  # it is one of the stacks
    last = best.shape[-2:] != frames.shape
    parts["patterns"] = FramesPlace(key=best.key, frames_last=last)
    raster = f", a raster of {' × '.join(map(str, frames.counting))}" if len(frames.counting) > 1 else ""
    many = "It is the only stack of frames" if len(stacks) == 1 else "Of the stacks of frames the likeliest"
    reasons["patterns"] = f"{many}: {frames.n:,} of {frames.shape[0]} × {frames.shape[1]}{raster}."
    return frames


def _frames_of(found: Candidate) -> _Frames | None:
    shape = found.shape
    if len(shape) < 3 or 0 in shape or any(word in found.words for word in _NO_PATTERN):
        return None
    if len(shape) == 3 and shape[0] == shape[1] != shape[2] and shape[0] >= 8:
        return _Frames(shape[2:], (shape[0], shape[1]))
    return _Frames(shape[:-2], (shape[-2], shape[-1])) if min(shape[-2:]) >= 8 else None


def _pattern_score(found: Candidate) -> float:
    return float(np.log10(found.size)) + 2 * any(word in found.name.lower() for word in _PATTERN_WORDS)


# Positions.


def _suggest_positions(
    found: list[Candidate], frames: _Frames, parts: dict[str, Any], reasons: dict[str, str]
) -> None:
    tables = [each for each in found if _table_axis(each, frames.n) is not None and _is_position(each)]
    pairs = [(x, y) for x, y in _pairs(found) if _fit(x, y, frames) and _is_position(x)]
    if pairs:
        x, y = max(pairs, key=lambda pair: (_fit(pair[0], pair[1], frames), _word_score(pair[0])))
        parts["x"], parts["y"] = _axis(x), _axis(y)
        raster = _fit(x, y, frames) == 1
        what = "the axes of the raster" if raster else f"{x.size:,} numbers for {frames.n:,} patterns"
        reasons["x"] = reasons["y"] = f"{x.name} and {y.name} are a pair, {what}."
    elif tables:
        best = max(tables, key=_word_score)
        axis = _table_axis(best, frames.n)
        columns = (":, 0", ":, 1") if axis else ("0", "1")
        parts["x"], parts["y"] = (_axis(best, part) for part in columns)
        shape = " × ".join(map(str, best.shape))
        reasons["x"] = reasons["y"] = f"{best.name} is a table, {shape}: x before y was assumed."


def _pairs(found: list[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Yield datasets of one group whose names differ in an x and a y."""
    by_key = {each.key: each for each in found}
    for each in found:
        start = len(each.key) - len(each.name)
        for match in re.finditer("[xX]", each.name):
            other = "y" if match.group() == "x" else "Y"
            at = start + match.start()
            partner = by_key.get(each.key[:at] + other + each.key[at + 1 :])
            if partner is not None:
                yield each, partner


def _fit(x: Candidate, y: Candidate, frames: _Frames) -> int:
    """Say how well a pair fits: 2 one for each pattern, 1 axes of a raster, 0 not at all."""
    if x.size == y.size == frames.n:
        return 2
    both = x.size * y.size == frames.n and len(x.shape) == len(y.shape) == 1
    return 1 if both and min(x.size, y.size) > 1 else 0


def _table_axis(found: Candidate, n: int) -> int | None:
    """Return the axis of x and y of a table of positions (n, 2), (n, 3) or turned; None if it is none."""
    if len(found.shape) != 2 or n not in found.shape:
        return None
    if found.shape[0] == n and found.shape[1] in (2, 3):
        return 1
    return 0 if found.shape[1] == n and found.shape[0] in (2, 3) else None


def _is_position(found: Candidate) -> bool:
    return not any(word in found.words for word in _NO_POSITION)


def _word_score(found: Candidate) -> int:
    return 2 * any(word in found.name.lower() for word in _POSITION_WORDS) + (found.unit in LENGTHS)


def _axis(found: Candidate, part: str = "") -> Axis:
    suffix = suffix_unit(found.name, LENGTHS)
    known = found.unit in LENGTHS or suffix is None
    return Axis(key=found.key, part=part, multiplier=None if known else LENGTHS[suffix or "m"])


# Mask.


def _suggest_mask(
    file: h5py.File, found: list[Candidate], frames: _Frames, parts: dict[str, Any], reasons: dict[str, str]
) -> None:
    for each in found:
        words = each.name.lower()
        is_mask = any(word in words for word in ("mask", "bad", "weight", "valid", "good"))
        if not is_mask or each.shape[-2:] != frames.shape or each.size != np.prod(frames.shape):
            continue
        if 8 * each.size > MASK_BYTES:
            return
        marked = float(np.count_nonzero(hdf5.array(file, each.key))) / each.size
        bad: Literal["nonzero", "zero"] = "nonzero" if marked < 0.5 else "zero"
        parts["mask"] = MaskPlace(key=each.key, bad=bad)
        reasons["mask"] = (
            f"Of its pixels {marked:.0%} are not 0; most must be good, so {bad} was taken for bad."
        )
        return
