"""A run of a study that is trained elsewhere: its runner was killed, or is on another machine."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from pathlib import Path

from ptygui.runs.layout import RunState, Status, request_stop
from ptygui.runs.pulse import Health, Pulse
from ptygui.train.study import StudyRun
from ptygui.train.study_results import RunResult


@dataclass
class ElsewhereRun:
    """A run that is waited for; looked at now and then until it has ended.

    What it costs is not known. It may be asked to stop, but is never ended by force: it is not ours.
    """

    run: StudyRun
    path: Path
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.pulse = Pulse(self.path)
        self.pulse.poll()

    @property
    def status(self) -> Status | None:
        """What it says of itself."""
        return self.pulse.status

    @property
    def here(self) -> bool:
        """True if it takes its share of this machine."""
        return self.status is None or self.status.host == platform.node()

    @property
    def progress(self) -> float:
        """Share of its training that is done, 0..1."""
        return 0.0 if self.status is None else self.status.progress or 0.0

    @property
    def message(self) -> str:
        """What it says of itself, and that it was not started here."""
        return f"{'' if self.status is None else self.status.message} (started elsewhere)".lstrip()

    def look(self) -> bool:
        """See how far it is; True if it has ended, by its own word or not."""
        return self.pulse.poll() in (Health.ENDED, Health.LOST, Health.GONE)

    def stop(self) -> None:
        """Ask it to finish its step, save and end; raises RunError."""
        request_stop(self.path)

    def terminate(self) -> None:
        """Leave it alone."""

    def close(self) -> None:
        """Leave it alone."""

    def ending(self, result: RunResult) -> str:
        """Say how it ended."""
        if result.state is RunState.FAILED and result.status is not None:
            return f"failed elsewhere: {result.status.message}"
        if result.state is RunState.DONE:
            return "done elsewhere, but dead." if result.dead else "done elsewhere."
        return "stopped." if result.state is RunState.STOPPED else "was lost elsewhere; it goes on here."
