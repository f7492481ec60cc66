"""How a scan's file is read, in rows: each value, where it comes from, and what else it could be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Literal

import msgspec

from ptygui.core.raw import RawScan
from ptygui.core.reading import PositionColumns, Reading
from ptygui.core.scan import Guess, Scan
from ptygui.gui.presenters import entry
from ptygui.gui.presenters.entry import Entry
from ptygui.gui.widgets import numbers

Origin = Literal["file", "found", "you", "remembered", "computed", "assumed", "unknown"]
DOUBTFUL = 0.6
"""Below this confidence what was found deserves a look."""

FRAMES_WORDS = (
    "as stored",
    "left-right flipped",
    "upside down",
    "turned by 180°",
    "transposed",
    "turned by 90° clockwise",
    "turned by 90° anticlockwise",
    "anti-transposed",
)
"""For the codes of core.geometry; the last: mirrored on the diagonal that rises to the right."""
_TURNS = tuple(words.removeprefix("turned by ") for words in FRAMES_WORDS)
_UNITS = ("m", "m"), ("mm", "mm"), ("um", "µm"), ("nm", "nm"), ("px", "object pixels")

ENTRIES: tuple[Entry, ...] = (
    entry.choice("quantity", "values", (("intensity", "intensity"), ("amplitude", "amplitude"))),
    entry.choice(
        "zero_frequency",
        "zero frequency",
        (("centre", "in the centre"), ("corner", "in the corner"), ("detector", "where the beam is")),
    ),
    entry.wholes("centre_px", "beam centre", tip="Row and column of the beam in the frames as stored"),
    entry.coded("frames_orientation", "frames turned", _TURNS),
    Entry(
        "positions_file",
        "positions from",
        "elsewhere",
        tip="The positions may lie in a file of their own",
        write=lambda columns: PurePath(columns.path).name,
    ),
    Entry(
        "positions_orientation",
        "positions turned",
        "turns",
        read=int,
        tip="Swap x and y first, then the signs",
    ),
    entry.choice("position_unit", "unit of positions", _UNITS),
    entry.number("energy_ev", "energy", "keV", 1e3, least=0, example="8.8"),
    entry.number(
        "distance_m", "distance", "m", least=0, tip="From the sample to the detector", example="1.9"
    ),
    entry.pair("detector_pixel_m", "detector pixel", "µm", 1e-6, least=0, example="75"),
    entry.pair(
        "pixel_size_m", "object pixel", "nm", 1e-9, least=0, tip="Of whole frames as stored", example="20"
    ),
    entry.choice(
        "mismatch", "unequal numbers", (("refuse", "do not open"), ("first", "use the first of both"))
    ),
)
"""In the order of the panel."""
BY_NAME = {one.name: one for one in ENTRIES}
OF_POSITIONS = ("position_unit", "positions_orientation")
"""What a file with the positions tells of them."""
LOOKED_FOR = ("quantity", "zero_frequency", "centre_px", "position_unit")
"""What is found by looking at patterns and positions (core.find), where neither file nor user tells it."""
_LATER = "It is found by looking at the patterns and positions, once the scan lacks nothing."
GEOMETRY = ("energy_ev", "distance_m", "detector_pixel_m", "pixel_size_m")
"""What is folded away while it is in order."""


@dataclass(frozen=True)
class ReadingRow:
    """One row: what holds, where it comes from, and how to overrule it."""

    entry: Entry
    text: str
    """The value as it is chosen or typed; empty: open."""
    origin: Origin
    line: str
    """Where it comes from, in a few words."""
    why: str = ""
    """The evidence, in a sentence."""
    doubtful: bool = False

    @property
    def field(self) -> str:
        """Name of the field of Reading."""
        return self.entry.name

    @property
    def overruled(self) -> bool:
        """Whether the user decided it, now or for all files of the kind."""
        return self.origin in ("you", "remembered")


def reading_rows(
    raw: RawScan, chosen: Reading, scan: Scan | None, lacks: Iterable[str] = ()
) -> list[ReadingRow]:
    """Say how a file is read; without a scan, because something `lacks`, what is found is not known yet."""
    guesses = raw.guesses if scan is None else scan.metadata.guesses
    known = {guess.field: guess for guess in guesses if guess.field}
    effective = chosen.over(raw.stated) if scan is None else scan.metadata.reading
    if chosen.positions_file is not None:
        raw = replace(raw, stated=_stated_with(raw.stated, chosen, effective, known))
    rows = [_row(one, raw, chosen, effective, known.get(one.name), scan) for one in ENTRIES]
    if scan is None:
        rows = [_later(row) if row.field in LOOKED_FOR and row.field not in lacks else row for row in rows]
    return [row for row in rows if _matters(row, effective, raw)]


def lacking_rows(raw: RawScan, chosen: Reading, lacks: Iterable[str]) -> list[ReadingRow]:
    """Return the rows of the fields that must be told."""
    rows = {
        one.name: _row(one, raw, chosen, chosen.over(raw.stated), None, None)
        for one in ENTRIES
        if one.name not in ("mismatch", "positions_file")  # which have buttons of their own
    }
    return [rows[name] for name in lacks if name in rows]


def overruled(chosen: Reading, field: str, text: str) -> Reading:
    """Return the reading in which the user decided a field; raises EntryError if the text makes no sense."""
    value = BY_NAME[field].value(text)
    if field == "zero_frequency" and value != "detector":
        chosen = msgspec.structs.replace(chosen, centre_px=None)
    return msgspec.structs.replace(chosen, **{field: value})


def _row(
    one: Entry, raw: RawScan, chosen: Reading, effective: Reading, guess: Guess | None, scan: Scan | None
) -> ReadingRow:
    value = getattr(effective, one.name)
    if one.name == "positions_file":
        return _positions_from(one, value, raw)
    if getattr(chosen, one.name) is not None:
        was = getattr(raw.stated, one.name)
        return ReadingRow(one, one.text(value), "you", "you", _what_was(one, was, guess))
    if guess is not None:  # first: a reader may state what it had to assume
        return _found(one, value, guess)
    if getattr(raw.stated, one.name) is not None:
        return ReadingRow(one, one.text(value), "file", "the file")
    return _open(one, value, scan)


def _positions_from(one: Entry, value: PositionColumns | None, raw: RawScan) -> ReadingRow:
    if value is not None:
        return ReadingRow(one, one.text(value), "you", "you", value.path)
    if raw.positions is None:
        return ReadingRow(one, "", "unknown", "not in the file")
    return ReadingRow(one, "the scan itself", "file", "the file")


def _stated_with(stated: Reading, chosen: Reading, effective: Reading, known: Mapping[str, Guess]) -> Reading:
    """Return what is stated where the positions are of a file of their own: that file speaks of them."""
    said = {
        name: None if name in known or getattr(chosen, name) is not None else getattr(effective, name)
        for name in OF_POSITIONS
    }
    return msgspec.structs.replace(stated, **said)


def _found(one: Entry, value: Any, guess: Guess) -> ReadingRow:
    sure = "" if guess.confidence is None else f", {numbers.percent(guess.confidence)} sure"
    doubtful = guess.confidence is not None and guess.confidence < DOUBTFUL
    return ReadingRow(one, one.text(value), "found", f"found{sure}", guess.why, doubtful)


def _what_was(one: Entry, was: Any, guess: Guess | None) -> str:
    if was is not None:
        return f"The file says: {one.words(was) or was}."
    return "The file does not say." if guess is None else guess.why


def _open(one: Entry, value: Any, scan: Scan | None) -> ReadingRow:
    if one.kind == "turns" or one.name == "frames_orientation":
        return ReadingRow(one, "0", "assumed", "assumed", "Neither the file nor its format says it.")
    size = None if scan is None else scan.metadata.pixel_size_m
    if one.name == "pixel_size_m" and value is None and size is not None:
        return ReadingRow(one, one.text(size), "computed", "computed", "From energy, distance and pixel.")
    return ReadingRow(one, one.text(value), "unknown", "not in the file")


def _later(row: ReadingRow) -> ReadingRow:
    return replace(row, line="not known yet", why=_LATER) if row.origin == "unknown" else row


def _matters(row: ReadingRow, effective: Reading, raw: RawScan) -> bool:
    if row.field == "centre_px":
        return effective.zero_frequency == "detector"
    if row.field == "mismatch":
        if effective.mismatch is not None:
            return True
        return raw.positions is not None and len(raw.positions) != raw.frames.shape[0]
    return True


def lead_in(rows: Sequence[ReadingRow]) -> str:
    """Say in a few words how much is not from the file."""
    origins = ("found", "assumed", "remembered", "you")
    count = {origin: sum(row.origin == origin for row in rows) for origin in origins}
    parts = [f"{number} {origin}" for origin, number in count.items() if number and origin != "you"]
    parts += [f"{count['you']} by you"] if count["you"] else []
    return ", ".join(parts) if parts else "all of it by the file"


def turns_words(code: int) -> str:
    """Say how positions are turned: 'swapped, y negated'."""
    parts = [word for bit, word in ((4, "x and y swapped"), (1, "x negated"), (2, "y negated")) if code & bit]
    return ", ".join(parts) or "as stored"
