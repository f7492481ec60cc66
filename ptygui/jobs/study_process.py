"""One run of a study as a process of its own, and what it costs."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ptygui.jobs.training import TrainingProcess, lay_out_training
from ptygui.runs.layout import RunError, RunPaths, RunState, Status
from ptygui.runs.logs import last_lines
from ptygui.runs.records import read_status
from ptygui.train.study import StudyRun
from ptygui.train.study_results import RunResult, add_cost


@dataclass
class StudyProcess:
    """A run that trains; made with `start`, looked at now and then until it has ended."""

    run: StudyRun
    training: TrainingProcess
    began_s: float = field(default_factory=time.monotonic)
    cpu_s: float = 0.0
    """CPU-seconds of this sitting, as of the last look."""
    status: Status | None = None

    @classmethod
    def start(cls, run: StudyRun, study_folder: Path, threads: int | None) -> StudyProcess:
        """Start, or continue, a run of a study; `threads` None: as many as the environment says.

        Raises
        ------
        StillRunningError
            If another process trains it.
        RunError
            If its directory holds no run.
        OSError
            If its directory cannot be made or the process not be started.
        """
        path = study_folder / run.folder
        path.mkdir(exist_ok=True)
        if not RunPaths(path).info.exists():
            lay_out_training(path, run.config)
        environment = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
        return cls(run, TrainingProcess.start(path, environment))

    @property
    def here(self) -> bool:
        """True: it takes its share of this machine."""
        return True

    @property
    def progress(self) -> float:
        """Share of its training that is done, 0..1."""
        return 0.0 if self.status is None else self.status.progress or 0.0

    @property
    def message(self) -> str:
        """What it says of itself."""
        return "starting" if self.status is None else self.status.message

    def look(self) -> bool:
        """See how far it is; True if it has ended, whose costs are then written to its directory."""
        self._measure()
        ended = self.training.process.poll() is not None
        with suppress(RunError):  # it has not written any yet
            self.status = read_status(self.training.run)
        if ended:
            self._close()
        elif self.training.stopping and not (self.status and self.status.state.ended):
            self.stop()  # again: it may have been forgotten while the process began
        return ended

    def stop(self) -> None:
        """Ask it to finish its step, save and end; raises RunError."""
        self.training.stop()

    def terminate(self) -> None:
        """Tell the process to end now, if it still runs; to be followed by `close`."""
        self._measure()
        if self.training.process.poll() is None:
            self.training.process.terminate()

    def close(self) -> None:
        """Wait for a process that was told to end; one that will not is killed."""
        self.training.kill()
        self._close()

    def ending(self, result: RunResult) -> str:
        """Say how it ended."""
        code = self.training.process.returncode
        if code < 0:
            return f"was killed from outside (signal {-code}); run the study again, and it goes on."
        if result.state is RunState.STOPPED:
            return "stopped."
        if result.state is RunState.DONE:
            return "done, but dead." if result.dead else "done."
        if result.state is RunState.FAILED and result.status is not None:
            return f"failed: {result.status.message}"
        said = last_lines(RunPaths(self.training.run).log, 1) or ("it said nothing",)
        return f"failed: {said[0]} (exit code {code})"

    def _measure(self) -> None:
        """Read the time that the process and its children took; to be called before it is reaped."""
        with suppress(psutil.Error):
            self.cpu_s = sum(psutil.Process(self.training.process.pid).cpu_times()[:4])

    def _close(self) -> None:
        add_cost(self.training.run, self.cpu_s, time.monotonic() - self.began_s)
