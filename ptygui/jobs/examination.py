"""Before the window opens a file with another library, a process that may die of it has done so.

So no crash of a library, no hang, and no hunger for memory reaches the window. What a scan's file leads to
(by links, virtual datasets, the files of a series) is opened with it.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ptygui.core.errors import Cancelled, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.io.examiner import Request, longer_s
from ptygui.io.foreign import is_hdf5, library_of
from ptygui.jobs.examiner_process import (
    POLL_S,
    ExaminerDiedError,
    ExaminerHangsError,
    ExaminerProcess,
    ExaminerSwellsError,
    Grant,
)

COMMAND = (sys.executable, "-m", "ptygui.io.examiner")
CLOSING_S = 1.0
CPU_LIMIT_S = 15.0
"""A small file that is computed with for longer, without a sign of life, makes its library hang."""
MEMORY_BYTES = 4 << 30
"""What a small file may take of memory. A scan of the largest frames (8192 x 8192) was opened with 0.8 GB."""
MEMORY_SIZES = 4
"""So many times its size a file may take besides: all of it may be one compressed piece."""
HARM_KEPT_S = 60.0
"""So long a file that did harm is not tried again: what is damaged may be a file that it leads to, which has
been copied again since."""
_FINE, _CRASH, _HANG = "", "crash", "hang"

Stamp = tuple[int, int]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Verdict:
    """What came of a request when the file was as `stamp` says."""

    stamp: Stamp
    harm: str
    at_s: float

    def holds(self, stamp: Stamp) -> bool:
        return self.stamp == stamp and (not self.harm or time.monotonic() < self.at_s + HARM_KEPT_S)


class Examiner:
    """Keeps one examiner warm from the first file on that needs it; safe to be called from several threads.

    It ends with `close`, with this object, or with the program.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._processes: list[ExaminerProcess] = []
        self._verdicts: dict[bytes, _Verdict] = {}
        self._able = True
        weakref.finalize(self, _end, self._processes)

    def examine(self, request: Request, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Return if `request` can be done here without harm; what ptygui reads itself always can.

        The same request for an unchanged file is tried once. It may take long, as opening the file does.

        Raises
        ------
        ScanError
            If a library (io.foreign) crashes or hangs on the file, or takes memory far beyond it.
        Cancelled
            Soon after `cancelled` returned True, or `close` was called.
        """
        path = Path(request.path)
        library, stamp = library_of(path), _stamp(path)
        if not library or stamp is None:
            return
        line = msgspec.json.encode(msgspec.structs.replace(request, path=str(path.absolute())))
        with self._my_turn(lambda: self._closed.is_set() or cancelled()) as give_up:
            if not self._able:
                return
            verdict = self._verdicts.get(line)
            if verdict is None or not verdict.holds(stamp):
                harm = self._harm(line, _grant(path), give_up)
                verdict = self._verdicts[line] = _Verdict(stamp, harm, time.monotonic())
        if verdict.harm:
            raise ScanError(_complaint(path, library, verdict.harm))

    def close(self) -> None:
        """End the process; whoever waits for it is cancelled."""
        self._closed.set()
        free = self._turn.acquire(timeout=CLOSING_S)
        _end(self._processes)
        if free:
            self._turn.release()

    @contextmanager
    def _my_turn(self, give_up: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
        while not self._turn.acquire(timeout=POLL_S):
            if give_up():
                raise Cancelled
        try:
            if give_up():
                raise Cancelled
            yield give_up
        finally:
            self._turn.release()

    def _harm(self, line: bytes, grant: Grant, give_up: Callable[[], bool]) -> str:
        """Say what comes of a request; a process may have died of something else, so dying counts twice."""
        for _ in range(2):
            try:
                self._process().ask(line, grant, give_up)
            except ExaminerHangsError:
                return _HANG
            except ExaminerSwellsError:
                return f"take more than {grant.memory_bytes / 1e9:.1f} GB of memory"
            except ExaminerDiedError:
                continue
            except OSError as error:
                return self._unable(str(error))
            return _FINE
        return _CRASH if self._processes[0].able else self._unable("it ends at once")

    def _process(self) -> ExaminerProcess:
        if not self._processes or not self._processes[0].running:
            self._processes[:] = [ExaminerProcess(COMMAND)]
        return self._processes[0]

    def _unable(self, reason: str) -> str:
        """Do without: a file is not to be called damaged because no process can be started."""
        self._able = False
        log.warning("Files are opened without being examined first, for no examiner starts: %s", reason)
        return _FINE


def step_requests(raw: RawScan, preparation: Preparation) -> Iterator[Request]:
    """Tell what files the steps of a preparation read, and how."""
    folder = Path(raw.path) if Path(raw.path).is_dir() else Path(raw.path).parent
    for step in preparation.steps:
        named = getattr(step, "path", None)
        if named is not None and step.on:
            yield Request(str(folder / named), "values", key=getattr(step, "key", ""))


def _complaint(path: Path, library: str, harm: str) -> str:
    what = f"A file in {path.name}" if path.is_dir() else path.name
    damaged = "it is damaged, or a file that it links to" if is_hdf5(path) else "it is damaged"
    return f"{what} makes {library} {harm}: {damaged}; copy it again from where it was measured."


def _grant(path: Path) -> Grant:
    size = (_stamp(path) or (0, 0))[1]
    return Grant(CPU_LIMIT_S + longer_s(path), MEMORY_BYTES + MEMORY_SIZES * size)


def _stamp(path: Path) -> Stamp | None:
    with suppress(OSError):
        status = path.stat()
        return status.st_mtime_ns, status.st_size
    return None


def _end(processes: list[ExaminerProcess]) -> None:
    for process in processes:
        process.end()
    processes.clear()
