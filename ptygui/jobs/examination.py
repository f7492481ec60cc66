"""Before the window opens an HDF5 file, a process that may die of it has done so: no crash, no hang."""

from __future__ import annotations

import logging
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from ptygui.core.errors import Cancelled, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.io.examiner import Request
from ptygui.jobs.examiner_process import POLL_S, ExaminerDiedError, ExaminerHangsError, ExaminerProcess

COMMAND = (sys.executable, "-m", "ptygui.io.examiner")
CLOSING_S = 1.0
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_FIRST_BLOCK = 512
_FINE, _CRASH, _HANG = "", "crash", "hang"

Stamp = tuple[int, int]

log = logging.getLogger(__name__)


class Examiner:
    """Keeps one examiner warm from the first HDF5 file on; safe to be called from several threads.

    It ends with `close`, with this object, or with the program.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._processes: list[ExaminerProcess] = []
        self._seen: dict[bytes, tuple[Stamp, str]] = {}
        self._able = True
        weakref.finalize(self, _end, self._processes)

    def examine(self, request: Request, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Return if `request` can be done here without harm; other than HDF5 files always can.

        The same request for an unchanged file is tried once. It may take long, as opening the file does.

        Raises
        ------
        ScanError
            If the HDF5 library crashes or hangs on the file.
        Cancelled
            Soon after `cancelled` returned True, or `close` was called.
        """
        path = Path(request.path)
        if not is_hdf5(path) or (stamp := _stamp(path)) is None:
            return
        line = msgspec.json.encode(msgspec.structs.replace(request, path=str(path.absolute())))
        with self._my_turn(lambda: self._closed.is_set() or cancelled()) as give_up:
            if not self._able:
                return
            before, harm = self._seen.get(line, (None, _FINE))
            if before != stamp:
                harm = self._harm(line, give_up)
                self._seen[line] = stamp, harm
        if harm:
            raise ScanError(
                f"{path.name} makes the HDF5 library {harm}: it is damaged; copy it again from where it was "
                "measured."
            )

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

    def _harm(self, line: bytes, give_up: Callable[[], bool]) -> str:
        """Say what comes of a request; a process may have died of something else, so dying counts twice."""
        for _ in range(2):
            try:
                self._process().ask(line, give_up)
            except ExaminerHangsError:
                return _HANG
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
        log.warning("HDF5 files are opened without being examined first, for no examiner starts: %s", reason)
        return _FINE


def step_requests(raw: RawScan, preparation: Preparation) -> Iterator[Request]:
    """Tell what files the steps of a preparation read, and how."""
    folder = Path(raw.path) if Path(raw.path).is_dir() else Path(raw.path).parent
    for step in preparation.steps:
        named = getattr(step, "path", None)
        if named is not None and step.on:
            yield Request(str(folder / named), "values", key=getattr(step, "key", ""))


def is_hdf5(path: Path) -> bool:
    """Tell whether HDF5's signature is where the library looks for it: at byte 0, 512, 1024, 2048, ...

    MATLAB files of version 7.3 have it at 512. Never raises. Source: HDF5 File Format Specification 3.0,
    II.A, Disk Format: Level 0A.
    """
    with suppress(OSError), path.open("rb") as file:
        at, size = 0, path.stat().st_size
        while at < size:
            file.seek(at)
            if file.read(len(_SIGNATURE)) == _SIGNATURE:
                return True
            at = max(_FIRST_BLOCK, 2 * at)
    return False


def _stamp(path: Path) -> Stamp | None:
    with suppress(OSError):
        status = path.stat()
        return status.st_mtime_ns, status.st_size
    return None


def _end(processes: list[ExaminerProcess]) -> None:
    for process in processes:
        process.end()
    processes.clear()
