"""What is remembered for the files that the open scan is like, and whether that is made use of."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.remembered import Recalled, Remembered, kind_of, left_off, taken_up
from ptygui.core.scan import PositionUnit, Scan
from ptygui.core.turned import with_reading
from ptygui.gui.presenters.reading_rows import ReadingRow
from ptygui.gui.presenters.remember_presenter import (
    RememberedBackend,
    RememberPresenter,
    RememberView,
    ToRemember,
)
from ptygui.gui.presenters.remembered_words import RememberedNote, in_use, marked, note_of
from ptygui.gui.presenters.runner import Runner


class RememberedHere:
    """Knows it from the opening of a file to that of the next one; `on_change` shows it otherwise."""

    def __init__(
        self,
        runner: Runner,
        backend: RememberedBackend,
        note: Callable[[str], None],
        on_change: Callable[[], None],
    ) -> None:
        self._runner, self._backend, self._note, self._on_change = runner, backend, note, on_change
        self.remembered: Remembered | None = None
        self._problem = ""

    def opened(self, recalled: Recalled | None) -> None:
        """Follow a file that was opened; None: somebody said how."""
        self.remembered = None if recalled is None else recalled.remembered
        unused = recalled is not None and recalled.remembered is None
        self._problem = " ".join(recalled.sentences) if recalled is not None and unused else ""

    def presenter(
        self, view: RememberView, raw: RawScan, preparation: Preparation, unit: PositionUnit
    ) -> RememberPresenter:
        """Make the presenter of the dialog in which the preparation of a scan is remembered."""
        what = ToRemember(kind_of(raw), preparation, unit)
        return RememberPresenter(view, self._runner, self._backend, what, self._kept, self._forgotten)

    def rows(self, rows: list[ReadingRow], raw: RawScan, chosen: Reading) -> list[ReadingRow]:
        """Mark the rows of what is remembered."""
        return rows if self.remembered is None else marked(rows, raw, chosen, self.remembered)

    def note(self, preparation: Preparation) -> RememberedNote:
        """Say it."""
        if self.remembered is None:
            return RememberedNote(self._problem, "warning")
        return note_of(self.remembered, preparation)

    def toggled(self, preparation: Preparation, raw: RawScan, scan: Scan | None) -> Preparation:
        """Return a preparation without what is remembered, or with it if it was without.

        What else the user drew is turned along with the frames and positions.
        """
        if self.remembered is None:
            return preparation
        change = left_off if in_use(self.remembered, preparation) else taken_up
        toggled = change(preparation, self.remembered)
        if scan is None:
            return toggled
        turned = with_reading(raw, scan.metadata.reading, preparation, toggled.reading)
        known = self.remembered.steps
        pairs = zip(preparation.steps, turned.steps, strict=True)
        own = [now for before, now in pairs if before not in known and now not in known]
        steps = (*(step for step in toggled.steps if step in known), *own)
        return msgspec.structs.replace(toggled, steps=steps)

    def _kept(self, remembered: Remembered) -> None:
        self.remembered, self._problem = remembered, ""
        self._note(f"“{remembered.name}” is remembered for {remembered.kind.words}.")
        self._on_change()

    def _forgotten(self, remembered: Remembered) -> None:
        """Follow; the scan at hand stays as it is prepared."""
        if self.remembered == remembered:
            self.remembered = None
        self._note(f"“{remembered.name}” is forgotten.")
        self._on_change()
