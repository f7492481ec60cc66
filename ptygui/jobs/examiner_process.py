"""The examiner (io.examiner) as a process of its own: one request at a time, one answer or its end."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

import msgspec
import psutil

from ptygui.core.errors import Cancelled
from ptygui.io.examiner import Answer

POLL_S = 0.1
PATIENCE_S = 2.0
"""A process in the midst of a system call cannot even be killed; nobody waits longer for it."""


@dataclass(frozen=True)
class Grant:
    """What a request may take before it counts as harmful."""

    cpu_s: float
    """Computed without a sign of life. A slow disk lets wait, but computes nothing."""
    memory_bytes: int
    """Beyond what the process has before."""


class ExaminerDiedError(Exception):
    """The process ended instead of answering."""


class ExaminerHangsError(Exception):
    """The process computed and computed, and said nothing."""


class ExaminerSwellsError(Exception):
    """The process took more memory than it was granted."""


class ExaminerProcess:
    """Runs until `end`, or until a request was its end: `running` tells.

    Raises
    ------
    OSError
        If it cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name == "posix",  # so that Ctrl-C in the terminal does not reach it
        )
        self.running = True
        self.able = False
        """Whether it ever said anything: one that did not cannot be used here."""

    def ask(self, request: bytes, grant: Grant, cancelled: Callable[[], bool]) -> None:
        """Return once a request (a line of JSON) is done; after any error the process is ended.

        Its memory is watched instead of being limited by the system (RLIMIT_DATA): libraries that are refused
        memory say all sorts of things, so that nobody knew whether to open the file where nothing is limited.

        Raises
        ------
        ExaminerDiedError, ExaminerHangsError, ExaminerSwellsError
        Cancelled
            Soon after `cancelled` returned True.
        """
        answers: SimpleQueue[Answer | None] = SimpleQueue()
        listener = Thread(target=self._listen, args=(answers,), name="examiner", daemon=True)
        listener.start()
        try:
            self._send(request)
            self._await_done(answers, grant, cancelled)
        except BaseException:
            self.end()
            raise
        finally:
            listener.join(PATIENCE_S)

    def end(self) -> None:
        """End the process; nothing of it is left, unless the system does not let go of it."""
        self.running = False
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not sent will not be
                if pipe is not None:
                    pipe.close()

    def _send(self, request: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ExaminerDiedError from error

    def _listen(self, answers: SimpleQueue[Answer | None]) -> None:
        """Pass on what it says until it is done or has ended (None)."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = msgspec.json.decode(line, type=Answer)
            answers.put(answer)
            if answer.state == "done":
                return
        answers.put(None)

    def _await_done(
        self, answers: SimpleQueue[Answer | None], grant: Grant, cancelled: Callable[[], bool]
    ) -> None:
        most_bytes, most_s = self._memory_bytes() + grant.memory_bytes, self._cpu_s() + grant.cpu_s
        while True:
            try:
                answer = answers.get(timeout=POLL_S)
            except Empty:
                if cancelled():
                    raise Cancelled from None
                if self._cpu_s() > most_s:
                    raise ExaminerHangsError from None
                if self._memory_bytes() > most_bytes:
                    raise ExaminerSwellsError from None
                continue
            if answer is None:
                raise ExaminerDiedError
            self.able = True
            if answer.state == "done":
                return
            most_s = self._cpu_s() + grant.cpu_s

    def _memory_bytes(self) -> int:
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0  # as in `_cpu_s`

    def _cpu_s(self) -> float:
        try:
            return float(sum(psutil.Process(self._process.pid).cpu_times()[:2]))
        except psutil.Error:
            return 0.0  # it has just ended, which is told by what it says
