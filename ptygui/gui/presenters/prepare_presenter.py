"""The preparation of the open scan: how its file is read, the steps after it, undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ptygui.core.preparation import (
    MaskPainted,
    Preparation,
    Step,
    Stroke,
    Window,
)
from ptygui.core.preparation_words import name
from ptygui.core.reading import PositionColumns, Reading, StoredUnit
from ptygui.core.scan import PositionUnit
from ptygui.core.turned import with_reading
from ptygui.gui.presenters import lasso
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.entry import EntryError
from ptygui.gui.presenters.history import History
from ptygui.gui.presenters.overview_rows import figures
from ptygui.gui.presenters.prepare_screen import Frame, PrepareScreen, StepForm
from ptygui.gui.presenters.reading_rows import lead_in, overruled, reading_rows
from ptygui.gui.presenters.remember_presenter import RememberPresenter, RememberView
from ptygui.gui.presenters.remembered_here import RememberedHere
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.scan_presenter import Opened, ScanPresenter
from ptygui.gui.presenters.step_entries import (
    Carried,
    Offer,
    carried,
    entries_of,
    filled,
    refusals,
    texts_of,
)
from ptygui.gui.presenters.step_rows import step_rows

if TYPE_CHECKING:
    from ptygui.gui.overview import Overview

Steps = tuple[Step, ...]


class PreparePresenter:
    """Decides about the Prepare tab; every change goes through the scan presenter, which interprets anew."""

    def __init__(
        self,
        view: PrepareScreen,
        runner: Runner,
        backend: Backend,
        scan: ScanPresenter,
        may_change: Callable[[], bool],
        note: Callable[[str], None],
        complain: Complain,
    ) -> None:
        self._view, self._runner, self._backend, self._scan = view, runner, backend, scan
        self._may_change, self._note, self._complain = may_change, note, complain
        self._path: Path | None = None
        self._history = History(Preparation())
        self._here = RememberedHere(runner, backend.remembered, note, self._show_latest)
        self._selected: int | None = None
        self._in_front = False
        self._seen: tuple[Opened, int] | None = None
        """Of what the pictures are."""
        self._overview: Overview | None = None
        self._show_no_scan()
        self._show_history()

    @property
    def preparation(self) -> Preparation:
        """What the user wishes now."""
        return self._history.present

    def told(self) -> None:
        """Follow what became of the scan: it is there, it lacks something, or a change was refused."""
        latest = self._scan.latest
        if latest is None:
            self._show_no_scan()
            return
        if latest.path != self._path or self._scan.outcome == "opened":
            self._here.opened(latest.recalled)
        if latest.path != self._path:
            self._path, self._selected = latest.path, None
            self._history = History(latest.preparation)
        elif self._scan.outcome == "refused":
            self._history.fall_back(latest.preparation)
        elif self._scan.outcome == "opened":
            self._history.do(latest.preparation)
        self._show(latest)
        if self._scan.outcome == "again" and latest.preparation != self.preparation:
            self._scan.change(self.preparation)  # chosen while the file was being read

    def set_front(self, in_front: bool) -> None:
        """Compute the pictures only while they are looked at."""
        self._in_front = in_front
        latest = self._scan.latest
        if latest is not None:
            self._look(latest)

    # How the file is read.

    def overrule(self, field: str, text: str) -> None:
        """Let the user decide a field of the reading."""
        try:
            reading = overruled(self.preparation.reading, field, text)
        except EntryError as error:
            self._view.show_reading_problem(str(error))
            return
        self._view.show_reading_problem("")
        self._take_reading(reading)

    def follow_file(self, field: str) -> None:
        """Return to what the file says, or to what is found."""
        with_it = ("position_unit", "mismatch") if field == "positions_file" else ()  # of that file
        self.take_reading(**dict.fromkeys((field, *with_it)))

    def take_reading(self, **fields: object) -> None:
        """Choose several fields at once."""
        self._view.show_reading_problem("")
        self._take_reading(msgspec.structs.replace(self.preparation.reading, **fields))

    def _take_reading(self, reading: Reading) -> None:
        latest = self._scan.latest
        if latest is None or latest.scan is None:
            self._take(msgspec.structs.replace(self.preparation, reading=reading))
        else:
            read = latest.scan.metadata.reading
            self._take(with_reading(latest.raw, read, self.preparation, reading))

    # The steps.

    def select(self, index: int | None) -> None:
        """Look at a step: a crop shows its window on what is before it."""
        self._selected = index
        latest = self._scan.latest
        if latest is not None:
            self._look(latest)

    def add(self, offer: Offer) -> None:
        """Add a step of the menu; one that must be told something opens its form first."""
        draft = offer.draft
        if isinstance(draft, Window):
            draft = msgspec.structs.replace(draft, size_px=self._shape())
        if offer.asks:
            self._ask(draft, self._append)
        else:
            self._append(draft)

    def edit(self, index: int) -> None:
        """Open the form of a step, if it has one."""
        step = self._steps[index]
        if entries_of(step, self._carried):
            self._ask(step, partial(self._replace, index))

    def switch(self, index: int, on: bool) -> None:
        """Switch a step on or off."""
        if self._steps[index].on != on:
            self._replace(index, msgspec.structs.replace(self._steps[index], on=on))

    def move(self, index: int, by: int) -> None:
        """Move a step earlier (-1) or later (+1)."""
        steps, to = list(self._steps), index + by
        if 0 <= to < len(steps):
            steps[index], steps[to] = steps[to], steps[index]
            self._selected = to
            self._take_steps(tuple(steps))

    def remove(self, index: int) -> None:
        """Remove a step."""
        self._selected = None
        self._take_steps(self._steps[:index] + self._steps[index + 1 :])

    def undo(self) -> None:
        """Take the last change back."""
        self._go(self._history.undo)

    def redo(self) -> None:
        """Make the change again that was taken back."""
        self._go(self._history.redo)

    # What is done on the pictures.

    def paint(self, strokes: tuple[Stroke, ...]) -> None:
        """Mark pixels as bad, or good again: in the selected painted mask, else in one at the end."""
        index = self._painted()
        if index is None:
            self._append(MaskPainted(strokes=strokes))
            return
        step = self._steps[index]
        assert isinstance(step, MaskPainted)
        self._replace(index, msgspec.structs.replace(step, strokes=step.strokes + strokes, on=True))

    def crop(self, centre: tuple[int, int], size: tuple[int, int]) -> None:
        """Move or size the window of the selected crop."""
        if self._selected is not None and isinstance(self._steps[self._selected], Window):
            step = msgspec.structs.replace(self._steps[self._selected], centre_px=centre, size_px=size)
            self._replace(self._selected, step)

    def want_crop(self, wanted: bool) -> None:
        """Select the crop to be dragged, or add one that keeps everything; or put it out of the hand."""
        if not wanted:
            self.select(None)
            self._show_steps()
            return
        crops = [index for index, step in enumerate(self._steps) if isinstance(step, Window)]
        if crops:
            self.select(crops[-1])
            self._show_steps()
        elif self._scan.scan is not None:
            self._append(Window(size_px=self._shape()))

    def lasso(self, polygon_px: lasso.Polygon, keep: bool) -> None:
        """Keep, or drop, the patterns in a polygon on the map, (y, x) in object pixels."""
        scan = self._scan.scan
        if scan is not None and len(polygon_px) > 2:
            self._append(lasso.step(scan, polygon_px, keep))

    # Files.

    def save(self, path: Path) -> None:
        """Write the preparation to a file."""
        work = partial(self._backend.write_preparation, self.preparation, path)
        self._runner.call(
            "file", work, lambda _: self._note(f"Wrote {path}"), self._complain, latest_only=False
        )

    def load(self, path: Path) -> None:
        """Take the preparation of a file."""
        work = partial(self._backend.read_preparation, path)
        self._runner.call("file", work, self._take_loaded, self._complain, latest_only=False)

    def _take_loaded(self, loaded: Preparation) -> None:
        """Keep where things are in this file, if that was told by hand."""
        self._take(msgspec.structs.replace(loaded, mapping=self.preparation.mapping))

    # What other scans share.

    def toggle_remembered(self) -> None:
        """Leave off what is remembered for such files, for this scan; or take it up again."""
        latest = self._scan.latest
        if latest is not None:
            self._take(self._here.toggled(self.preparation, latest.raw, latest.scan))

    def remember_presenter(self, view: RememberView) -> RememberPresenter | None:
        """Make the presenter of the dialog in which this is remembered; None without a scan."""
        latest = self._scan.latest
        unit: PositionUnit = "m" if self._carried.metres else "px"
        return None if latest is None else self._here.presenter(view, latest.raw, self.preparation, unit)

    # Within.

    @property
    def _steps(self) -> Steps:
        return self.preparation.steps

    @property
    def _carried(self) -> Carried:
        latest = self._scan.latest
        return Carried() if latest is None else carried(latest.raw, latest.preparation.reading, latest.scan)

    def _shape(self) -> tuple[int, int]:
        scan = self._scan.scan
        return (64, 64) if scan is None else scan.pattern_shape

    def _painted(self) -> int | None:
        """Return the painted mask that strokes go to; None if there must be a new one at the end."""
        chosen = self._selected
        if chosen is not None and chosen < len(self._steps) and isinstance(self._steps[chosen], MaskPainted):
            return chosen
        last = len(self._steps) - 1
        return last if last >= 0 and isinstance(self._steps[last], MaskPainted) else None

    def _ask(self, draft: Step, then: Callable[[Step], None]) -> None:
        carried = self._carried

        def accept(texts: Mapping[str, str]) -> str:
            try:
                step = filled(draft, texts, carried)
            except EntryError as error:
                return str(error)
            then(step)
            return ""

        self._view.ask(StepForm(_title(draft), texts_of(draft, carried), accept))

    def _append(self, step: Step) -> None:
        self._selected = len(self._steps)
        self._take_steps((*self._steps, step))

    def _replace(self, index: int, step: Step) -> None:
        self._take_steps((*self._steps[:index], step, *self._steps[index + 1 :]))

    def _take_steps(self, steps: Steps) -> None:
        self._take(msgspec.structs.replace(self.preparation, steps=steps))

    def take_positions(self, columns: PositionColumns, unit: StoredUnit | None) -> None:
        """Take the positions of a file of their own; how many of others were used says nothing of them."""
        self.take_reading(positions_file=columns, position_unit=unit, mismatch=None)

    def take_orientation(self, frames: int, positions: int) -> None:
        """Take over what the search for the orientation found."""
        self.take_reading(frames_orientation=frames, positions_orientation=positions)

    def _take(self, preparation: Preparation) -> None:
        if self._scan.latest is None:
            return
        if not self._may_change():
            self._show(self._scan.latest)
            return
        self._history.do(preparation)
        self._apply()

    def _go(self, way: Callable[[], Preparation]) -> None:
        if self._scan.latest is not None and self._may_change():
            way()
            self._selected = None
            self._apply()

    def _apply(self) -> None:
        self._show_history()
        self._show_steps()
        self._scan.change(self.preparation)

    def _show_no_scan(self) -> None:
        self._path = None
        self._view.show_nothing("Open a scan to prepare it.")
        self._view.show_scan(False)

    def _show(self, latest: Opened) -> None:
        lacks = () if latest.lacks is None else latest.lacks.lacks
        rows = reading_rows(latest.raw, self.preparation.reading, latest.scan, lacks)
        self._view.show_scan(True)
        rows = self._here.rows(rows, latest.raw, self.preparation.reading)
        self._view.show_remembered(self._here.note(self.preparation))
        self._view.show_reading(rows, lead_in(rows))
        self._view.allow_search(latest.scan is not None)
        self._view.refuse_steps(refusals(self._carried))
        self._show_history()
        self._show_steps()
        self._look(latest)

    def _show_latest(self) -> None:
        if self._scan.latest is not None:
            self._show(self._scan.latest)

    def _show_history(self) -> None:
        self._view.show_history(self._history.can_undo, self._history.can_redo)

    def _show_steps(self) -> None:
        if self._selected is not None and self._selected >= len(self._steps):
            self._selected = None
        self._view.show_steps(step_rows(self._steps, self._carried, self._scan.scan), self._selected)

    def _look(self, latest: Opened) -> None:
        """Show the pictures as they are before the selected crop, else after all steps."""
        if latest.scan is None:
            self._seen = None
            self._view.show_nothing(f"{latest.raw.name} lacks something: tell it in the scan card.")
            return
        upto = len(latest.preparation.steps)
        if self._frame_step(latest) is not None and self._selected is not None:
            upto = self._selected
        if not self._in_front or self._seen == (latest, upto):
            return
        work = partial(self._backend.overview, latest.raw, latest.preparation, latest.scan, upto)
        self._runner.call("overview", work, partial(self._show_overview, latest, upto), self._complain)

    def _frame_step(self, latest: Opened) -> Window | None:
        steps, index = latest.preparation.steps, self._selected
        step = steps[index] if index is not None and index < len(steps) else None
        return step if isinstance(step, Window) else None

    def _show_overview(self, latest: Opened, upto: int, overview: Overview) -> None:
        self._seen = latest, upto
        step = self._frame_step(latest)
        frame = None
        if step is not None:
            height, width = overview.mean.shape
            frame = Frame(step.centre_px or (height // 2, width // 2), step.size_px)
        seen_at = "before the crop" if frame is not None else ""
        self._view.show_overview(overview, frame, seen_at)
        self._view.show_figures(figures(overview))


def _title(step: Step) -> str:
    text = name(step)
    return f"{text[0].upper()}{text[1:]}"
