"""What is remembered for a kind of files, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ptygui.core.preparation import Preparation
from ptygui.core.preparation_words import words
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.remembered import Remembered, left_off, taken_up
from ptygui.core.scan import PositionUnit
from ptygui.gui.presenters.reading_rows import ENTRIES, ReadingRow, turns_words

LEAVE_OFF, TAKE_UP = "Leave it off", "Take it up"


@dataclass(frozen=True)
class RememberedNote:
    """What the Prepare tab says above everything else; nothing without a sentence."""

    sentence: str = ""
    level: Literal["info", "warning"] = "info"
    button: str = ""
    """What one click does about it; empty: nothing can be done."""


def note_of(remembered: Remembered, preparation: Preparation) -> RememberedNote:
    """Say how far a scan is prepared as remembered, and offer the contrary."""
    name = f"“{remembered.name}”"
    if not in_use(remembered, preparation):
        return RememberedNote(f"Not as remembered for {name}.", button=TAKE_UP)
    if taken_up(preparation, remembered) == preparation:
        return RememberedNote(f"As remembered for {name}.", button=LEAVE_OFF)
    return RememberedNote(f"As remembered for {name}, then changed.", button=LEAVE_OFF)


def in_use(remembered: Remembered, preparation: Preparation) -> bool:
    """Tell whether a preparation has anything of what is remembered."""
    return left_off(preparation, remembered) != preparation


def marked(
    rows: Sequence[ReadingRow], raw: RawScan, chosen: Reading, remembered: Remembered
) -> list[ReadingRow]:
    """Mark the rows of what the user chose for all such files; that one contradicts the file is shown."""
    return [_marked(row, raw, remembered) if _is_remembered(row, chosen, remembered) else row for row in rows]


def _is_remembered(row: ReadingRow, chosen: Reading, remembered: Remembered) -> bool:
    value = getattr(remembered.reading, row.field)
    return value is not None and value == getattr(chosen, row.field)


def _marked(row: ReadingRow, raw: RawScan, remembered: Remembered) -> ReadingRow:
    contradicts = getattr(raw.stated, row.field) not in (None, getattr(remembered.reading, row.field))
    line = "not as the file" if contradicts else "remembered"
    why = f"Remembered for “{remembered.name}”. {row.why}"
    return replace(row, origin="remembered", line=line, why=why, doubtful=contradicts)


def lines_of(preparation: Preparation, unit: PositionUnit) -> list[str]:
    """Say what was chosen, a line each.

    Parameters
    ----------
    preparation : Preparation
    unit : 'm' or 'px'
        Of the scan's positions.
    """
    return [*_reading_lines(preparation.reading), *(words(step, unit) for step in preparation.steps)]


def _reading_lines(reading: Reading) -> list[str]:
    lines = []
    for entry in ENTRIES:
        value = getattr(reading, entry.name)
        if value is not None:
            said = turns_words(value) if entry.kind == "turns" else entry.words(value)
            lines.append(f"{entry.label[0].upper()}{entry.label[1:]}: {said}")
    if reading.window_px is not None:
        lines.append(f"Window around the beam: {reading.window_px[0]} × {reading.window_px[1]} px")
    return lines
