"""Starting, watching, stopping and cancelling a reconstruction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Protocol

from ptygui.core.events import DeviceUsed, Event, Finished, Notice, Preview, Progress, Reconstruction
from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.runner import JobHandle, Runner
from ptygui.jobs.api import ReconstructRequest


class Outcome(Enum):
    """How a run ended, in words."""

    DONE = "done"
    STOPPED = "stopped early, kept"
    CANCELLED = "cancelled"
    FAILED = "failed"
    EMPTY = "ended without a result"

    @property
    def left_result(self) -> bool:
        """Whether there is something to look at."""
        return self in (Outcome.DONE, Outcome.STOPPED)


class RunState(Enum):
    """What the run is doing; it says which buttons act."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping, keeping what there is"
    CANCELLING = "cancelling"


@dataclass(frozen=True)
class Choice:
    """What is chosen on the cards, as far as it is.

    `missing` says in words what is not; it is empty while only a moment has to pass.
    """

    scan: Scan | None
    generator: Path | None
    device_id: str | None
    missing: str | None


class RunView(Protocol):
    """The go card."""

    def show_state(self, state: RunState, missing: str | None) -> None:
        """Enable what can be done now; `missing` says why a run cannot start."""


class RunScreen(Protocol):
    """Everything that follows a run: picture, progress, log, status line."""

    def run_started(self, scan: Scan) -> None:
        """Prepare for a new run."""

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far."""

    def show_notice(self, notice: Notice) -> None:
        """Write a sentence into the log."""

    def show_device_used(self, used: DeviceUsed) -> None:
        """Show where tensors really are."""

    def show_result(self, result: Reconstruction, stopped_early: bool) -> None:
        """Show the finished result."""

    def run_ended(self, outcome: Outcome) -> None:
        """Say how the run ended."""


class RunPresenter:
    """Decides when a run may start and what becomes of its events (a JobListener)."""

    def __init__(
        self,
        view: RunView,
        screen: RunScreen,
        runner: Runner,
        backend: Backend,
        complain: Complain,
    ) -> None:
        self._view, self._screen = view, screen
        self._runner, self._backend, self._complain = runner, backend, complain
        self._choice = Choice(None, None, None, "open a scan")
        self._handle: JobHandle | None = None
        self._outcome = Outcome.EMPTY
        self.state = RunState.IDLE
        self._set_state(RunState.IDLE)

    def set_choice(self, choice: Choice) -> None:
        """Take what is chosen now; it counts from the next run on."""
        self._choice = choice
        self._set_state(self.state)

    @property
    def can_start(self) -> bool:
        """Whether Reconstruct would do something."""
        return self.state is RunState.IDLE and self._choice.missing is None

    def start(self, polish_steps: int | None) -> None:
        """Start a run with what is chosen; does nothing while one runs or something is missing.

        `polish_steps` None leaves their number to the noise of the patterns.
        """
        choice = self._choice
        if not self.can_start or choice.scan is None or choice.generator is None or choice.device_id is None:
            return
        request = ReconstructRequest(
            choice.scan, choice.generator, choice.device_id, polish_steps=polish_steps
        )
        self._outcome = Outcome.EMPTY
        self._set_state(RunState.RUNNING)
        self._screen.run_started(choice.scan)
        start = partial(self._backend.reconstruct, request)
        self._handle = self._runner.start_job(f"job {choice.device_id}", start, self)

    def stop_and_keep(self) -> None:
        """Finish early with what there is."""
        if self._handle is not None and self.state is RunState.RUNNING:
            self._set_state(RunState.STOPPING)
            self._handle.stop_and_keep()

    def cancel(self) -> None:
        """End the run and keep nothing of it."""
        if self._handle is not None and self.state in (RunState.RUNNING, RunState.STOPPING):
            self._set_state(RunState.CANCELLING)
            self._handle.cancel()

    def on_event(self, event: Event) -> None:
        """Pass an event on to the screen."""
        if isinstance(event, Progress):
            self._screen.show_progress(event)
        elif isinstance(event, Preview):
            self._screen.show_preview(event)
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
        self._handle = None
        self._set_state(RunState.IDLE)
        if error is not None:
            self._complain(error)
        self._screen.run_ended(_outcome_of(self._outcome, error, cancelled))

    def _set_state(self, state: RunState) -> None:
        self.state = state
        self._view.show_state(state, self._choice.missing)


def _outcome_of(told: Outcome, error: Exception | None, cancelled: bool) -> Outcome:
    if told.left_result:
        return told  # the result was on the screen before the job ended; nothing takes it away
    if cancelled:
        return Outcome.CANCELLED
    return told if error is None else Outcome.FAILED
