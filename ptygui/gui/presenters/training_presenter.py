"""The Training tab: which runs there are, which are drawn, and what is done with the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters import training_words as words
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.study_pictures import StudyPictures, arms_of
from ptygui.gui.presenters.study_table import StudyTableReader
from ptygui.gui.presenters.training_backend import TrainingBackend
from ptygui.gui.presenters.training_overlay import MOST_DRAWN, Overlay
from ptygui.gui.presenters.training_preview import PreviewFollower
from ptygui.gui.presenters.training_rows import actions_of, drawn, first_seeds, row_of, signature, steps_of
from ptygui.gui.presenters.training_screen import DrawnRun, RunLevel, RunRow, TrainingScreen
from ptygui.gui.widgets import numbers

if TYPE_CHECKING:
    from ptygui.jobs.training_runs import RunCurves, RunSummary, WatchUpdate

T = TypeVar("T")

SLOW_TICKS = 6
"""Between two looks while nothing moves and nobody watches."""
TABLE_TICKS = 10
"""Between two looks at the table of the chosen run's study."""
_LANE = "runs"
_NO_PREVIEW = "No picture yet: the first comes with the first look at the canvas."
_FULL = f"{MOST_DRAWN} runs are drawn already: take one out first."


class TrainingPresenter:
    """Watches runs while time ticks; `on_ended` is told of each that ended meanwhile."""

    def __init__(
        self,
        view: TrainingScreen,
        runner: Runner,
        backend: TrainingBackend,
        memory: Memory,
        on_ended: Callable[[RunSummary, bool], None],
        use: Callable[[Path], None],
        tell: Callable[[str], None],
        complain: Complain,
    ) -> None:
        self._view, self._runner, self._backend, self._memory = view, runner, backend, memory
        self._on_ended, self._use, self._tell, self._complain = on_ended, use, tell, complain
        self._runs: dict[Path, RunSummary] = {}
        self._curves: dict[Path, RunCurves] = {}
        self._overlay, self._hidden = Overlay(), set[Path]()
        self._chosen: Path | None = None
        self._passing: set[Path] = set()
        """Drawn because of what is chosen, not because the user wants to compare."""
        self._started: set[Path] = set()
        self._wanted: Path | None = None
        """A folder that is watched from now on: its first run is to be chosen."""
        self._note = ""
        self._in_front = False
        self._ticks = 0
        self._polling = self._poll_again = self._has_complained = False
        self._pictures = PreviewFollower(runner, backend.read_preview, self._show_picture)
        self._arms = StudyPictures(runner, backend.read_preview, view.show_arms)
        self._table = StudyTableReader(runner, backend.read_table, view.show_table, complain)
        self._shown: dict[str, object] = {}
        """What the view was told last, so that it is told changes only."""

    # Time.

    def begin(self) -> None:
        """Find the runs of earlier days, and those of the folders that are watched besides."""
        for folder in self._memory.training_folders:
            self._do(partial(self._backend.watch, folder), partial(self._missing_folder, folder))
        self._poll()

    def tick(self) -> None:
        """Look again if it is time: often while somebody watches or a run is alive."""
        self._ticks += 1
        if self._in_front or self._is_any_alive() or self._ticks % SLOW_TICKS == 0:
            self._poll()
        if (
            self._in_front
            and self._ticks % TABLE_TICKS == 0
            and self.chosen is not None
            and self.chosen.study
        ):
            self._table.look(self.chosen)

    def set_front(self, in_front: bool) -> None:
        """Learn whether somebody looks."""
        self._in_front = in_front
        if in_front:
            self._show()
            self._look_now()

    # What the user wants.

    @property
    def chosen(self) -> RunSummary | None:
        """The chosen run."""
        return None if self._chosen is None else self._runs.get(self._chosen)

    @property
    def runs(self) -> Sequence[RunSummary]:
        """Every run that is known, the newest first."""
        return list(self._runs.values())

    @property
    def drawn(self) -> list[DrawnRun]:
        """What is drawn."""
        return drawn(self._curves, self._overlay, self._hidden)

    @property
    def folders(self) -> Sequence[Path]:
        """What is watched besides the own runs."""
        return self._memory.training_folders

    def choose(self, run: Path) -> None:
        """Show a run: its picture and its curves, and those of its study."""
        if run == self._chosen:
            return
        self._note = ""
        self._choose(run)
        self._look_now()

    def overlay(self, run: Path, wanted: bool) -> None:
        """Draw the curves of a run too, or no longer."""
        self._passing.discard(run)
        self._note = ""
        if not wanted:
            self._overlay.remove(run)
        elif not self._overlay.add(run):
            self._note = _FULL
        self._shown.pop("rows", None)  # the view has switched its mark by itself
        self._look_now()

    def hide(self, run: Path, hidden: bool) -> None:
        """Do not draw a run that the legend names, or draw it again."""
        (self._hidden.add if hidden else self._hidden.discard)(run)
        self._show()

    def show_preview(self, index: int) -> None:
        """Show a picture of the chosen run; the last one is followed."""
        self._pictures.choose(index)
        self._show_slider()

    def follow_new(self, run: Path) -> None:
        """Choose and draw a run that was just started, and tell when it ends."""
        self._started.add(run)
        self._note = ""
        self._overlay.add(run)
        self._choose(run)
        self._look_now()

    def use(self) -> None:
        """Reconstruct with the generator of the chosen run, the best so far if it still trains."""
        if self.chosen is not None and self.chosen.bundle is not None:
            self._use(self.chosen.bundle)

    def stop(self) -> None:
        """Ask the chosen run to save and end."""
        if (run := self.chosen) is not None:
            self._act(partial(self._backend.stop, run.path))

    def resume(self) -> None:
        """Go on with the chosen run."""
        if (run := self.chosen) is not None:
            self._started.add(run.path)
            self._act(partial(self._backend.resume, run.path))

    def rename(self, run: Path, name: str) -> None:
        """Give a run another name: another one may be chosen by the time it is typed."""
        known = self._runs.get(run)
        if known is not None and name.strip() not in ("", known.name):
            self._act(partial(self._backend.rename, run, name.strip()))

    def bin(self) -> None:
        """Put the chosen run into the bin."""
        if (run := self.chosen) is not None:
            self._do(partial(self._backend.bin, run.path), self._complain, partial(self._binned, run))

    def watch(self, folder: Path) -> None:
        """Watch another directory, from now on."""
        self._do(partial(self._backend.watch, folder), self._complain, lambda _: self._watched(folder))

    def unwatch(self, folder: Path) -> None:
        """Watch it no longer; what lies there stays."""
        self._memory.training_folders = [other for other in self.folders if other != folder]
        self._act(partial(self._backend.unwatch, folder))

    def write_curves(self, path: Path) -> None:
        """Write what is drawn as a table."""
        work = partial(self._backend.write_curves, self.drawn, path)
        self._runner.call(
            "export", work, lambda _: self._tell(f"Wrote {path}"), self._complain, latest_only=False
        )

    # What comes back.

    def _watched(self, folder: Path) -> None:
        self._memory.training_folders = [*(other for other in self.folders if other != folder), folder]
        self._wanted = folder
        self._tell(f"Watching {folder}")
        self._look_now()

    def _missing_folder(self, folder: Path, error: Exception) -> None:
        """Remember it all the same: it may be on a disk that is not there today."""
        self._tell(f"{folder} is not watched: {error}")

    def _binned(self, run: RunSummary, place: Path) -> None:
        self._overlay.remove(run.path)
        self._passing.discard(run.path)
        if self._chosen == run.path:
            self._chosen = None
        self._note = words.binned_words(run.name, place)
        self._tell(self._note)
        self._look_now()

    def _act(self, work: Callable[[], object]) -> None:
        self._note = ""
        self._do(work, self._complain, lambda _: self._look_now())

    def _do(
        self,
        work: Callable[[], T],
        on_error: Callable[[Exception], None],
        on_result: Callable[[T], None] = lambda _: None,
    ) -> None:
        self._runner.call(_LANE, work, on_result, on_error, latest_only=False)

    # Looking.

    def _is_any_alive(self) -> bool:
        return any(run.condition in words.ALIVE for run in self._runs.values())

    def _look_now(self) -> None:
        """Show what is known, and look at once."""
        self._show()
        self._poll_again = self._polling
        self._poll()

    def _poll(self) -> None:
        if self._polling:
            return
        self._polling = True
        chosen = () if self._chosen is None or self._chosen in self._overlay.paths else (self._chosen,)
        self._do(partial(self._backend.poll, (*self._overlay.paths, *chosen)), self._blind, self._take)

    def _blind(self, error: Exception) -> None:
        self._polling = False
        if not self._has_complained:
            self._complain(error)
        self._has_complained = True

    def _take(self, update: WatchUpdate) -> None:
        self._polling = False
        before, self._runs = self._runs, {run.path: run for run in update.runs}
        self._curves = {curves.path: curves for curves in update.followed}
        self._forget_vanished()
        self._choose_wanted()
        self._tell_ended(before)
        self._show()
        if self._poll_again:
            self._poll_again = False
            self._poll()

    def _forget_vanished(self) -> None:
        vanished = {*self._overlay.paths, self._chosen} - set(self._runs) - self._started - {None}
        for run in filter(None, vanished):
            self._overlay.remove(run)
            self._hidden.discard(run)
        if (self._chosen is None or self._chosen in vanished) and self._runs:
            self._choose(next(iter(self._runs)))
            self._poll_again = True
        elif self._chosen in vanished:
            self._chosen = None

    def _choose_wanted(self) -> None:
        folder, self._wanted = self._wanted, None
        runs = (run for run in self._runs if folder is not None and run.is_relative_to(folder))
        if (first := next(runs, None)) is not None:
            self._choose(first)
            self._poll_again = True

    def _tell_ended(self, before: dict[Path, RunSummary]) -> None:
        for path, run in self._runs.items():
            was_alive = path in before and before[path].condition in words.ALIVE
            if run.condition in words.ENDED and (was_alive or (path in self._started and path not in before)):
                was_mine = path in self._started
                self._started.discard(path)
                self._tell(words.ended_words(run))
                self._on_ended(run, was_mine)

    def _choose(self, run: Path) -> None:
        self._chosen = run
        self._pictures.begin()
        found = self._runs.get(run)
        wanted = [run]
        if found is not None and found.study:
            wanted += first_seeds(found.study, self._runs.values())
        for other in self._passing - set(wanted):
            self._overlay.remove(other)
        new = [path for path in wanted if path not in self._overlay.paths]
        self._passing = {path for path in new if self._overlay.add(path)} | (self._passing & set(wanted))
        self._table.look(self.chosen)

    # Showing.

    def _show(self) -> None:
        rows = [row_of(run, self._overlay) for run in self._runs.values()]
        self._tell_view("rows", (rows, self._chosen), partial(self._show_runs, rows))
        actions = actions_of(self.chosen)
        self._tell_view("actions", actions, partial(self._view.show_actions, actions))
        self._show_state()
        self._offer_pictures()
        if self._in_front:
            runs = self.drawn
            self._tell_view("curves", signature(runs), partial(self._view.show_curves, runs))
            study = self.chosen.study if self.chosen is not None else ""
            self._arms.offer(arms_of(study, self._runs, self._curves, self._overlay, self._chosen))

    def _show_runs(self, rows: Sequence[RunRow]) -> None:
        self._view.show_runs(rows, self._chosen)
        self._shown.pop("state", None)  # a view without a chosen run says nothing of one

    def _tell_view(self, what: str, value: object, tell: Callable[[], None]) -> None:
        if what not in self._shown or self._shown[what] != value:
            self._shown[what] = value
            tell()

    def _show_state(self) -> None:
        run = self.chosen
        level: RunLevel
        if self._note:
            level, text = "warning", self._note
        elif run is None:
            level, text = "ok", ""
        else:
            curves = self._curves.get(run.path)
            level, text = words.sentence(run, () if curves is None else curves.events)
        self._tell_view("state", (text, level), partial(self._view.show_state, text, level))

    def _offer_pictures(self) -> None:
        curves = None if self._chosen is None else self._curves.get(self._chosen)
        self._pictures.offer(() if curves is None else curves.previews)
        self._show_slider()
        if not self._pictures.files:
            self._tell_view("picture", _NO_PREVIEW, partial(self._view.show_preview, None, _NO_PREVIEW))

    def _show_slider(self) -> None:
        steps = steps_of(self._pictures.files)
        index = self._pictures.index if steps else None
        following = self._pictures.following
        self._tell_view(
            "slider", (steps, index, following), partial(self._view.show_previews, steps, index, following)
        )

    def _show_picture(self, path: Path, image: ObjectImage) -> None:
        step = steps_of([path])[0]
        name = self.chosen.name if self.chosen is not None else path.parent.parent.name
        self._shown["picture"] = path
        self._view.show_preview(image, f"{name} · step {numbers.grouped(step)}")
