"""How a presenter has work done elsewhere: the contract that `gui.workers` fulfils and tests fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from ptygui.core.events import Event, JobControl

T = TypeVar("T")

StartJob = Callable[[JobControl], Iterator[Event]]


class JobListener(Protocol):
    """Who is told about a job; always called in the main thread, and never after `on_end`."""

    def on_event(self, event: Event) -> None:
        """Receive an event; of previews and progress only the latest is sure to arrive."""

    def on_end(self, error: Exception | None, cancelled: bool) -> None:
        """Learn that the job is over: done, failed with `error`, or cancelled."""


class JobHandle(Protocol):
    """The hand on a job that was started."""

    def cancel(self) -> None:
        """End it within a batch and keep nothing."""

    def stop_and_keep(self) -> None:
        """Let it finish early with what it has."""

    def pause(self) -> None:
        """Hold it where it is, at the next place where it can be held."""

    def go_on(self) -> None:
        """End a pause."""


class Runner(Protocol):
    """Runs work off the main thread, in named lanes; work of one lane runs one after the other."""

    def call(
        self,
        lane: str,
        work: Callable[[], T],
        on_result: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        latest_only: bool = True,
    ) -> None:
        """Run a short piece of work and answer in the main thread.

        With `latest_only` a newer call in the same lane makes this one stale: its answer is dropped, and
        if it has not begun it is not done at all.
        """

    def start_job(self, lane: str, start: StartJob, listener: JobListener) -> JobHandle:
        """Drive an iterator of events; it begins when the lane is free."""
