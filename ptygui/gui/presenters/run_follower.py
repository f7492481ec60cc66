"""What the window shows of a run: picture, progress, log, status line."""

from __future__ import annotations

from ptygui.core.events import DeviceUsed, Notice, Preview, Progress, Reconstruction
from ptygui.core.scan import Scan
from ptygui.gui.presenters.device_presenter import DevicePresenter
from ptygui.gui.presenters.results_presenter import ResultsPresenter
from ptygui.gui.presenters.run_presenter import Outcome
from ptygui.gui.presenters.run_words import result_words
from ptygui.gui.presenters.shell import Shell
from ptygui.gui.widgets.numbers import percent


class RunFollower:
    """Follows a run (presenters.run_presenter.RunScreen)."""

    def __init__(self, shell: Shell, results: ResultsPresenter, device: DevicePresenter) -> None:
        self._shell, self._results, self._device = shell, results, device

    def run_started(self, scan: Scan) -> None:
        """Prepare for a new run."""
        self._shell.hide_complaint()
        self._shell.show_running(True)
        self._results.run_started(scan)
        place = self._device.device
        words = f"Reconstructing {scan.metadata.name}" + (f" on {place.id}" if place else "")
        self._shell.show_activity(words)
        self._shell.write_log(words, "info")

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self._shell.progress_view.show_progress(progress)

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far."""
        self._results.show_preview(preview)

    def show_notice(self, notice: Notice) -> None:
        """Write a sentence into the log."""
        self._shell.write_log(notice.text, notice.level)

    def show_device_used(self, used: DeviceUsed) -> None:
        """Show where tensors really are."""
        self._device.show_used(used.text)
        self._shell.show_device(used.text)
        self._shell.write_log(f"The tensors are on {used.text}", "info")

    def show_result(self, result: Reconstruction, stopped_early: bool) -> None:
        """Keep the finished result and show it."""
        if stopped_early:
            share = percent(result.coverage)
            self._shell.write_log(f"Stopped early: {share} of the patterns are in the picture.", "info")
        self._results.add(result)

    def run_ended(self, outcome: Outcome) -> None:
        """Say how the run ended."""
        self._shell.show_running(False)
        self._shell.show_activity(f"Ready · last run {outcome.value}")
        self._shell.progress_view.show_outcome(self._outcome_words(outcome))
        self._shell.write_log(f"Run {outcome.value}", "info")
        if not outcome.left_result:
            self._results.run_without_result(f"Last run {outcome.value}: nothing was kept.")
        self._device.refresh()

    def _outcome_words(self, outcome: Outcome) -> str:
        shown = self._results.shown
        if outcome.left_result and shown is not None:
            return f"Last run {outcome.value}: {result_words(shown)}"
        return f"Last run {outcome.value}."
