"""What the window shows of a run: picture, progress, curves, log, status line."""

from __future__ import annotations

from collections.abc import Callable

from ptygui.core.events import DeviceUsed, Epoch, Notice, Preview, Progress, Reconstruction
from ptygui.gui.presenters.curves_presenter import CurvesPresenter
from ptygui.gui.presenters.device_presenter import DevicePresenter
from ptygui.gui.presenters.object_presenter import STAGE_WORDS
from ptygui.gui.presenters.results_presenter import ResultsPresenter
from ptygui.gui.presenters.run_job import Job, Outcome
from ptygui.gui.presenters.run_words import result_words, stopped_words
from ptygui.gui.presenters.shell import Shell


class RunFollower:
    """Follows a run (presenters.run_presenter.RunScreen)."""

    def __init__(
        self,
        shell: Shell,
        results: ResultsPresenter,
        device: DevicePresenter,
        on_end: Callable[[Job, Outcome], None] = lambda *_: None,
    ) -> None:
        self._shell, self._results, self._device, self._on_end = shell, results, device, on_end
        self.curves = CurvesPresenter(shell.curves_view)
        self._job: Job | None = None
        self._activity = ""

    def run_started(self, job: Job) -> None:
        """Prepare for a new run."""
        self._job = job
        self._shell.hide_complaint()
        self._shell.show_running(True)
        if job.refines:
            self._begin_curves(job)
        self._results.run_started(job)
        self._activity = f"{job.activity} on {job.device_id}"
        self._shell.show_activity(self._activity)
        self._shell.write_log(self._activity, "info")

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self._shell.progress_view.show_progress(progress)

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far."""
        self._results.show_preview(preview)

    def show_epoch(self, epoch: Epoch) -> None:
        """Show where a refinement stands."""
        self._results.object.show_epoch(epoch)
        self.curves.add(epoch)

    def show_notice(self, notice: Notice) -> None:
        """Write a sentence into the log; of a run that follows another one only what deserves a look."""
        if notice.level != "info" or not self._repeats:
            self._shell.write_log(notice.text, notice.level)

    def show_device_used(self, used: DeviceUsed) -> None:
        """Show where tensors really are."""
        self._device.show_used(used.text)
        self._shell.show_device(used.text)
        if not self._repeats:
            self._shell.write_log(f"The tensors are on {used.text}", "info")

    def show_held(self, held: bool) -> None:
        """Say that the run is held, or goes on."""
        self._shell.show_activity(f"{self._activity} · paused" if held else self._activity)
        self._shell.write_log("Paused" if held else "Going on", "info")

    def show_result(self, result: Reconstruction, stopped_early: bool) -> None:
        """Keep the finished result and show it."""
        if stopped_early:
            self._shell.write_log(stopped_words(result), "info")
        self._results.add(result)

    def run_ended(self, outcome: Outcome) -> None:
        """Say how the run ended."""
        self._shell.show_running(False)
        self._shell.show_activity(f"Ready · last run {outcome.value}")
        self._shell.progress_view.show_outcome(self._outcome_words(outcome))
        self._shell.write_log(f"Run {outcome.value}", "info")
        if not outcome.left_result:
            self._results.run_without_result(f"Last run {outcome.value}: nothing was kept.")
        if outcome is Outcome.CANCELLED and self._job is not None and self._job.refines:
            self.curves.take_back()
            self._shell.show_curves_tab(False)
        self._device.refresh()
        if self._job is not None:
            self._on_end(self._job, outcome)

    @property
    def _repeats(self) -> bool:
        """Whether it has all been said of the run before."""
        return self._job is not None and self._job.repeats

    def _begin_curves(self, job: Job) -> None:
        start = self._results.start
        origin = "flat" if start is None else STAGE_WORDS[start.stage]
        title = f"{job.scan.metadata.name}, from {origin}"
        self.curves.begin(title, None if start is None else start.residual)
        self._shell.show_curves_tab(True)

    def _outcome_words(self, outcome: Outcome) -> str:
        shown = self._results.shown
        if outcome.left_result and shown is not None:
            return f"Last run {outcome.value}: {result_words(shown)}"
        return f"Last run {outcome.value}."
