"""Starting, watching, holding, stopping and cancelling a run of either kind."""

from __future__ import annotations

from typing import Protocol

from ptygui.core.events import DeviceUsed, Epoch, Event, Finished, Notice, Preview, Progress, Reconstruction
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.run_job import Job, Missing, Outcome, RunState
from ptygui.gui.presenters.runner import JobHandle, Runner


class RunView(Protocol):
    """The go card."""

    def show_state(self, state: RunState, missing: Missing, can_pause: bool) -> None:
        """Enable what can be done now; `missing` says why a run cannot start."""


class RunScreen(Protocol):
    """Everything that follows a run: picture, progress, curves, log, status line."""

    def run_started(self, job: Job) -> None:
        """Prepare for a new run."""

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far."""

    def show_epoch(self, epoch: Epoch) -> None:
        """Show where a refinement stands."""

    def show_notice(self, notice: Notice) -> None:
        """Write a sentence into the log."""

    def show_device_used(self, used: DeviceUsed) -> None:
        """Show where tensors really are."""

    def show_held(self, held: bool) -> None:
        """Say that the run is held, or goes on."""

    def show_result(self, result: Reconstruction, stopped_early: bool) -> None:
        """Show the finished result."""

    def run_ended(self, outcome: Outcome) -> None:
        """Say how the run ended."""


class RunPresenter:
    """Decides when a run may start and what becomes of its events (a JobListener)."""

    def __init__(self, view: RunView, screen: RunScreen, runner: Runner, complain: Complain) -> None:
        self._view, self._screen, self._runner, self._complain = view, screen, runner, complain
        self._missing = Missing("open a scan", "open a scan")
        self._handle: JobHandle | None = None
        self._outcome = Outcome.EMPTY
        self.job: Job | None = None
        """What runs."""
        self.state = RunState.IDLE
        self._set_state(RunState.IDLE)

    def set_missing(self, missing: Missing) -> None:
        """Learn what the next run still needs."""
        self._missing = missing
        self._set_state(self.state)

    @property
    def can_start(self) -> bool:
        """Whether Reconstruct would do something."""
        return self.state is RunState.IDLE and self._missing.reconstruct is None

    @property
    def can_refine(self) -> bool:
        """Whether Refine would do something."""
        return self.state is RunState.IDLE and self._missing.refine is None

    def start(self, job: Job) -> None:
        """Start a run; does nothing while one runs or something is missing."""
        if not (self.can_refine if job.refines else self.can_start):
            return
        self._outcome, self.job = Outcome.EMPTY, job
        self._set_state(RunState.RUNNING)
        self._screen.run_started(job)
        self._handle = self._runner.start_job(f"job {job.device_id}", job.start, self)

    def toggle_pause(self) -> None:
        """Hold the run where it is, or let it go on."""
        if self._handle is None or not self._can_pause:
            return
        hold = self.state is RunState.RUNNING
        self._set_state(RunState.PAUSED if hold else RunState.RUNNING)
        self._screen.show_held(hold)
        if hold:
            self._handle.pause()
        else:
            self._handle.go_on()

    def stop_and_keep(self) -> None:
        """Finish early with what there is."""
        if self._handle is not None and self.state in (RunState.RUNNING, RunState.PAUSED):
            self._set_state(RunState.STOPPING)
            self._handle.stop_and_keep()

    def cancel(self) -> None:
        """End the run and keep nothing of it."""
        if self._handle is not None and self.state is not RunState.CANCELLING:
            self._set_state(RunState.CANCELLING)
            self._handle.cancel()

    def on_event(self, event: Event) -> None:
        """Pass an event on to the screen."""
        if isinstance(event, Progress):
            self._screen.show_progress(event)
        elif isinstance(event, Preview):
            self._screen.show_preview(event)
        elif isinstance(event, Epoch):
            self._screen.show_epoch(event)
        elif isinstance(event, Notice):
            self._screen.show_notice(event)
        elif isinstance(event, DeviceUsed):
            self._screen.show_device_used(event)
        elif isinstance(event, Finished):
            self._finish(event)

    def _finish(self, event: Finished) -> None:
        self._outcome = Outcome.STOPPED if event.stopped_early else Outcome.DONE
        self._screen.show_result(event.result, event.stopped_early)

    def on_end(self, error: Exception | None, cancelled: bool) -> None:
        """Become idle again, whatever happened."""
        self._handle, self.job = None, None
        self._set_state(RunState.IDLE)
        if error is not None:
            self._complain(error)
        self._screen.run_ended(_outcome_of(self._outcome, error, cancelled))

    @property
    def _can_pause(self) -> bool:
        refines = self.job is not None and self.job.refines
        return refines and self.state in (RunState.RUNNING, RunState.PAUSED)

    def _set_state(self, state: RunState) -> None:
        self.state = state
        refines = self.job is not None and self.job.refines
        self._view.show_state(state, self._missing, refines)


def _outcome_of(told: Outcome, error: Exception | None, cancelled: bool) -> Outcome:
    if told.left_result:
        return told  # the result was on the screen before the job ended; nothing takes it away
    if cancelled:
        return Outcome.CANCELLED
    return told if error is None else Outcome.FAILED
