"""Driving a job from the command line: bars, notices, and Ctrl-C that stops and keeps."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import FrameType

from ptygui.cli.group import Bars
from ptygui.core.errors import PtyguiError
from ptygui.core.events import (
    DeviceUsed,
    Epoch,
    Event,
    Finished,
    JobControl,
    Notice,
    Progress,
    Reconstruction,
)


@dataclass
class Outcome:
    """How a reconstruction ended."""

    result: Reconstruction
    stopped_early: bool
    device: str
    """Where the tensors really were."""
    failure: PtyguiError | None = None
    """What went wrong after the result, or a part of it, was there."""


def follow(events: Generator[Event], control: JobControl, *, quiet: bool) -> Outcome:
    """Run a job to its end; the first Ctrl-C stops it and keeps what there is, the second one cancels."""
    bars, device = Bars(quiet=quiet), ""
    outcome: Outcome | None = None

    def stop() -> None:
        bars.say(Notice("Stopping; Ctrl-C again to keep nothing."))
        control.stop_and_keep()

    with closing(events), closing(bars), first_interrupt(stop):
        try:
            for event in events:
                if isinstance(event, Finished):
                    outcome = Outcome(event.result, event.stopped_early, device)
                elif isinstance(event, DeviceUsed):
                    device = event.text
                _show(event, bars)
        except (PtyguiError, RuntimeError, MemoryError, OSError) as error:
            if outcome is None:
                raise
            outcome.failure = _in_a_sentence(error)
    if outcome is None:
        raise AssertionError("a job ends with Finished")
    return outcome


def _in_a_sentence(error: Exception) -> PtyguiError:
    if isinstance(error, PtyguiError):
        return error
    kind, said = type(error).__name__, str(error).strip()
    return PtyguiError(f"Only a part was done, and is kept: then came {kind}{': ' + said if said else ''}.")


def _show(event: Event, bars: Bars) -> None:
    if isinstance(event, Progress):
        bars.show(event)
    elif isinstance(event, Epoch):
        bars.annotate(f"epoch {event.number} of {event.total}, R1 {event.residual.r1:.4f}")
    elif isinstance(event, Notice):
        bars.say(event)
    elif isinstance(event, DeviceUsed):
        bars.say(Notice(f"Computing on {event.text}."))


@contextmanager
def first_interrupt(answer: Callable[[], None]) -> Iterator[None]:
    """Answer the first Ctrl-C inside the block by calling `answer`; the second one interrupts as ever."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        answer()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def endings(answer: Callable[[], None]) -> Iterator[None]:
    """Answer each SIGTERM and SIGHUP inside the block (scancel, timeout, a closed shell) by calling `answer`.

    Each, not only the first: `timeout` and shells that close send theirs twice. What is ignored outside
    (nohup) stays ignored.
    """
    names = ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heard = [number for number in numbers if before[number] != signal.SIG_IGN]
    for number in heard:
        signal.signal(number, lambda _signal, _frame: answer())
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
