"""The steps of a preparation in rows: what each does, what it did, and of what it leaves too little."""

from __future__ import annotations

from collections.abc import Sequence

from ptygui.core.preparation import Step
from ptygui.core.preparation_words import words
from ptygui.core.scan import Scan
from ptygui.gui.presenters.prepare_screen import StepRow
from ptygui.gui.presenters.step_entries import Carried, entries_of


def step_rows(steps: Sequence[Step], carried: Carried, scan: Scan | None) -> list[StepRow]:
    """Say it; what steps did is known only where the scan at hand is made by just these steps."""
    if scan is not None and scan.metadata.preparation.steps != tuple(steps):
        scan = None
    done = iter(() if scan is None else _sentences(steps, scan))
    cautions = ("",) * len(steps) if scan is None else scan.metadata.cautions
    return [
        _row(step, carried, next(done, "") if step.on else "", caution)
        for step, caution in zip(steps, cautions, strict=True)
    ]


def _sentences(steps: Sequence[Step], scan: Scan) -> tuple[str, ...]:
    """Return what each step that is on did: the last notes of the scan."""
    notes = scan.metadata.notes
    return notes[len(notes) - sum(step.on for step in steps) :]


def _row(step: Step, carried: Carried, sentence: str, caution: str) -> StepRow:
    text = words(step, "m" if carried.metres else "px").removesuffix(" (off)")
    return StepRow(text, step.on, bool(entries_of(step, carried)), sentence, caution)
