"""Work off the main thread: short calls and jobs, each in a lane, answered in the main thread.

A lane is one thread with a queue: one per device for jobs, one for each kind of short call. Threads never
touch a widget: they post to the `Courier`, a QObject of the main thread, whose queued slot calls back.
Nothing is ever moved to another thread, so no callable runs where it should not.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from ptygui.core.errors import Cancelled
from ptygui.core.events import Event, JobControl, Preview, Progress
from ptygui.gui.mailbox import Mailbox
from ptygui.gui.presenters.runner import JobListener, StartJob

T = TypeVar("T")
Task = Callable[[], None]

log = logging.getLogger(__name__)


class Courier(QObject):
    """Carries calls from any thread into the thread it lives in, in order."""

    _posted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: deque[Task] = deque()
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, task: Task) -> None:
        """Have `task` called in the courier's thread; safe from any thread."""
        self._tasks.append(task)
        self._posted.emit()

    @Slot()
    def _deliver(self) -> None:
        self._tasks.popleft()()


class Lane(QThread):
    """One thread that does one thing after the other."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"lane {name}")
        self._queue: SimpleQueue[Task | None] = SimpleQueue()

    def put(self, task: Task) -> None:
        """Queue a task; the thread starts with its first."""
        self._queue.put(task)
        if not self.isRunning():
            self.start()

    def run(self) -> None:
        """Work until `close`."""
        while (task := self._queue.get()) is not None:
            task()

    def close(self, timeout_ms: int) -> bool:
        """End after the task at hand; False if it did not within the time."""
        self._queue.put(None)
        return self.wait(timeout_ms)


class RunningJob:
    """A job in a lane: drives the iterator there, tells the listener here."""

    def __init__(self, start: StartJob, listener: JobListener, courier: Courier) -> None:
        self._start = start
        self._listener = listener
        self._courier = courier
        self._control = JobControl()
        self._cancelled = self._unwanted = False
        self._previews: Mailbox[Preview] = Mailbox()
        self._progress: Mailbox[Progress] = Mailbox()

    def cancel(self) -> None:
        """Throw `Cancelled` into the iterator at its next yield; no event arrives any more."""
        self._unwanted = True
        self.close()

    def close(self) -> None:
        """Close the iterator at its next yield: what it keeps for the next start stays."""
        self._cancelled = True
        self._control.go_on()  # a job that is held yields nothing

    def stop_and_keep(self) -> None:
        """Ask the job to finish with what it has."""
        self._control.stop_and_keep()

    def pause(self) -> None:
        """Ask the job to hold where it is."""
        self._control.pause()

    def go_on(self) -> None:
        """End a pause."""
        self._control.go_on()

    def drive(self) -> None:
        """Run to the end (in the lane's thread)."""
        error: Exception | None = None
        try:
            if not self._cancelled:
                self._exhaust()
        except Exception as caught:  # noqa: BLE001 whatever it is, the listener has to be told
            error = caught
        self._courier.post(partial(self._tell_end, error))

    def _exhaust(self) -> None:
        with closing(_as_generator(self._start(self._control))) as events:
            for event in events:
                if self._cancelled:
                    if self._unwanted:
                        events.throw(Cancelled())  # `drive` catches what comes back
                    return
                self._send(event)

    def _send(self, event: Event) -> None:
        if isinstance(event, Preview):
            self._send_latest(self._previews, event)
        elif isinstance(event, Progress):
            self._send_latest(self._progress, event)
        else:
            self._courier.post(partial(self._tell, event))

    def _send_latest(self, box: Mailbox[Any], event: Event) -> None:
        if box.put(event):
            self._courier.post(lambda: self._tell(box.take()))

    def _tell(self, event: Event | None) -> None:
        if event is not None and not self._cancelled:
            self._listener.on_event(event)

    def _tell_end(self, error: Exception | None) -> None:
        self._listener.on_end(None if self._cancelled else error, self._cancelled)


def _as_generator(events: Iterator[Event]) -> Any:
    """Give any iterator the `close` and `throw` that a generator has."""
    return events if hasattr(events, "throw") else (event for event in events)


class Workers(QObject):
    """The runner of the window (presenters.runner.Runner)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._courier = Courier(self)
        self._lanes: dict[str, Lane] = {}
        self._jobs: list[RunningJob] = []
        self._generations = itertools.count(1)
        self._latest: dict[str, int] = {}
        self._closed = False

    def call(
        self,
        lane: str,
        work: Callable[[], T],
        on_result: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        latest_only: bool = True,
    ) -> None:
        """See `presenters.runner.Runner.call`; does nothing once closed."""
        if self._closed:
            return
        generation = next(self._generations)
        if latest_only:
            self._latest[lane] = generation

        def is_stale() -> bool:
            return self._closed or (latest_only and self._latest[lane] != generation)

        def answer(reply: Callable[[], None]) -> None:
            if not is_stale():
                reply()

        def task() -> None:
            if is_stale():
                return
            try:
                reply = partial(on_result, work())
            except Exception as error:  # noqa: BLE001 told to the caller, in its thread
                reply = partial(on_error, error)
            self._courier.post(partial(answer, reply))

        self._lane(lane).put(task)

    def start_job(self, lane: str, start: StartJob, listener: JobListener) -> RunningJob:
        """See `presenters.runner.Runner.start_job`; once closed the job never begins."""
        job = RunningJob(start, listener, self._courier)
        if not self._closed:
            self._jobs.append(job)
            self._lane(lane).put(partial(self._drive, job))
        return job

    def _drive(self, job: RunningJob) -> None:
        job.drive()
        self._jobs.remove(job)

    def _lane(self, name: str) -> Lane:
        if name not in self._lanes:
            self._lanes[name] = Lane(name, self)
        return self._lanes[name]

    def close(self, timeout_ms: int = 10_000) -> bool:
        """Close every job and join the threads; False if one did not end in time."""
        self._closed = True
        for job in list(self._jobs):
            job.close()
        ended = [lane.close(timeout_ms) for lane in self._lanes.values()]
        self._lanes.clear()
        return all(ended)
