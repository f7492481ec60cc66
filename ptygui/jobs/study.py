"""Running a study: its runs as processes, so many side by side, and its table written anew after each."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ptygui.core.errors import PtyguiError
from ptygui.jobs.study_elsewhere import ElsewhereRun
from ptygui.jobs.study_process import StudyProcess
from ptygui.jobs.study_report import write_report
from ptygui.jobs.training import POLL_S, check_config
from ptygui.runs.alive import StillRunningError
from ptygui.runs.layout import RunState
from ptygui.train.study import StudyConfig, StudyRun, load_study, plan
from ptygui.train.study_results import RunResult, read_result

STUDY = "study.toml"


class StudyError(PtyguiError):
    """A study cannot be run; the message says why and what to do."""


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is."""

    over: int
    """Runs of which nothing is left to do."""
    total: int
    share: float
    """Of all the training, 0..1."""
    running: tuple[str, ...]
    """What each run that trains says of itself."""
    left_s: float | None
    """Seconds that are left; None while nothing can be told."""
    news: tuple[str, ...] = ()
    """Sentences about what ended since the last time."""


def check_study(study: StudyConfig, source: str) -> None:
    """Refuse a study with an arm that cannot be trained here, before anything is made of it.

    Raises
    ------
    ConfigError, DeviceError, ScanError
        Says file and arm.
    """
    for run in plan(study)[: len(study.arms)]:
        try:
            check_config(run.config)
        except PtyguiError as error:
            raise type(error)(f"{source}: arm '{run.arm}': {error}") from error


def open_study(file: Path, studies: Path) -> tuple[StudyConfig, Path]:
    """Read and check a study, and make its folder, or find it again.

    Parameters
    ----------
    file : Path
        TOML (train.study).
    studies : Path
        The folder of studies; the study lies in the folder of its name in it.

    Raises
    ------
    ConfigError, DeviceError, ScanError
        If the file is no study that can be run.
    StudyError
        If the folder cannot be made, or holds another study of that name.
    """
    study = load_study(file)
    check_study(study, str(file))
    folder = studies / study.name
    kept = folder / STUDY
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            kept.write_bytes(file.read_bytes())
    except OSError as error:
        raise StudyError(f"{folder}: no study can be kept here ({error.strerror}).") from error
    if _compared(load_study(kept)) != _compared(study):
        raise StudyError(
            f"{folder} holds another study called '{study.name}' (its {STUDY} differs from {file}): give "
            "this one another name, or another --folder."
        )
    return study, folder


def _compared(study: StudyConfig) -> StudyConfig:
    """Take off what changes no run."""
    return msgspec.structs.replace(study, title="", at_once=1, seeds=study.all_seeds)


class StudyRunner:
    """Trains what is left of a study.

    Parameters
    ----------
    study : StudyConfig
    folder : Path
        The study's, from `open_study`.
    at_once : int or None
        Runs side by side; None: as the study says.
    retry_failed : bool
        True: runs that failed go on from their last checkpoint; False: they count as failed.
    """

    def __init__(
        self, study: StudyConfig, folder: Path, *, at_once: int | None = None, retry_failed: bool = False
    ) -> None:
        self.study, self.folder = study, folder
        self.at_once = at_once or study.at_once
        self.stopping = False
        self._results = {run.folder: read_result(run, folder) for run in plan(study)}
        self._waiting = deque(
            result.run
            for result in self._results.values()
            if not result.over or (retry_failed and result.failed)
        )
        self._running: list[StudyProcess | ElsewhereRun] = []
        self.mishaps: list[str] = []
        """Sentences about the runs of this sitting that neither came to their end nor broke down."""
        self._pace = _Pace()

    @property
    def results(self) -> list[RunResult]:
        """How each run went, in the order of the plan; of those that train: before this sitting."""
        return list(self._results.values())

    def follow(self) -> Generator[StudyProgress]:
        """Train and yield, a few times a second, how far it is; closing the iterator ends what it started.

        Runs that somebody else trains are waited for; one that is lost meanwhile goes on here.

        Raises
        ------
        StudyError
            If a run cannot be started, or the table cannot be written.
        """
        try:
            if not self._waiting:
                self._report()
            yield self._progress([])
            while self._running or (self._waiting and not self.stopping):
                self._start_some()
                time.sleep(POLL_S)
                yield self._progress(self._look())
        except OSError as error:
            raise StudyError(f"{self.folder}: the study cannot go on: {error}.") from error
        finally:
            self._end_all()

    def stop(self) -> None:
        """Ask all runs to finish their step, save and end; starts no further one. Raises RunError."""
        self.stopping = True
        for process in self._running:
            process.stop()

    def _start_some(self) -> None:
        while self._waiting and sum(run.here for run in self._running) < self.at_once and not self.stopping:
            self._running.append(self._start(self._waiting.popleft()))

    def _start(self, run: StudyRun) -> StudyProcess | ElsewhereRun:
        threads = self.study.threads or (1 if self.at_once > 1 else None)
        try:
            return StudyProcess.start(run, self.folder, threads)
        except StillRunningError:  # a runner that was killed has left it behind, or another one trains it
            return ElsewhereRun(run, self.folder / run.folder)

    def _look(self) -> list[str]:
        """Look at every process; return sentences about those that ended."""
        ended = [process for process in self._running if process.look()]
        self._running = [process for process in self._running if process not in ended]
        news = [self._file_away(process) for process in ended]
        if ended:
            self._report()
        return news

    def _file_away(self, process: StudyProcess | ElsewhereRun) -> str:
        result = read_result(process.run, self.folder)
        self._results[process.run.folder] = result
        sentence = f"{process.run.config.name}: {process.ending(result)}"
        if isinstance(process, ElsewhereRun) and not (result.over or result.state is RunState.STOPPED):
            self._waiting.appendleft(process.run)
        elif not (result.over or result.state is RunState.STOPPED) or result.failed:
            self.mishaps.append(sentence)
        return sentence

    def _report(self) -> None:
        last = not self._running and not self._waiting
        write_report(self.study, self.results, self.folder, last=last)

    def _progress(self, news: list[str]) -> StudyProgress:
        running = {process.run.folder: process for process in self._running}
        share = sum(
            running[name].progress if name in running else float(result.over)
            for name, result in self._results.items()
        ) / len(self._results)
        return StudyProgress(
            over=sum(result.over and name not in running for name, result in self._results.items()),
            total=len(self._results),
            share=share,
            running=tuple(f"{p.run.config.name}: {p.message}" for p in running.values()),
            left_s=self._pace.left_s(share),
            news=tuple(news),
        )

    def _end_all(self) -> None:
        """End what still runs, all at the same time; it can go on from its last checkpoint."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.close()
        self._running = []


class _Pace:
    """Estimates the time that is left from what this sitting did."""

    LEAST_SHARE = 0.002

    def __init__(self) -> None:
        self._begun: tuple[float, float] | None = None

    def left_s(self, share: float) -> float | None:
        now_s = time.monotonic()
        if self._begun is None:
            self._begun = (now_s, share)
        began_s, before = self._begun
        gained = share - before
        return (now_s - began_s) * (1 - share) / gained if gained > self.LEAST_SHARE else None
