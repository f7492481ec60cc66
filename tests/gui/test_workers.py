"""Work off the main thread: where it runs, what arrives, what is dropped, how it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QThread

from ptygui.core.errors import Cancelled, ScanError
from ptygui.core.events import Event, JobControl, Notice, Preview, Progress
from ptygui.core.scan import ObjectImage
from ptygui.gui.workers import Courier, Workers


@pytest.fixture
def workers(qtbot) -> Iterator[Workers]:
    made = Workers()
    yield made
    assert made.close()


class Listener:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.threads: set[object] = set()
        self.end: tuple[Exception | None, bool] | None = None

    def on_event(self, event: Event) -> None:
        self.events.append(event)
        self.threads.add(QThread.currentThread())

    def on_end(self, error: Exception | None, cancelled: bool) -> None:
        self.end = (error, cancelled)


def preview(value: float) -> Preview:
    image = ObjectImage(np.full((2, 2), value, np.complex64), np.ones((2, 2), bool))
    return Preview(image, "raw", value / 100)


def test_call_works_elsewhere_and_answers_here(qtbot, workers):
    where: list[object] = []
    workers.call("a", lambda: where.append(threading.get_ident()) or 7, where.append, where.append)
    qtbot.waitUntil(lambda: len(where) == 2)
    assert where[0] != threading.get_ident()
    assert where[1] == 7


def test_call_hands_errors_over(qtbot, workers):
    def fail() -> None:
        raise ScanError("no such file")

    errors: list[Exception] = []
    workers.call("a", fail, lambda _: pytest.fail("no answer expected"), errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ScanError)


def test_stale_answers_are_dropped(qtbot, workers):
    gate, answers = threading.Event(), []
    workers.call("a", gate.wait, lambda _: answers.append("first"), answers.append)
    workers.call("a", lambda: None, lambda _: answers.append("second"), answers.append)
    workers.call("a", lambda: None, lambda _: answers.append("third"), answers.append)
    gate.set()
    qtbot.waitUntil(lambda: "third" in answers)
    assert answers == ["third"]


def test_an_answer_already_on_its_way_is_dropped_too(qtbot, workers):
    answers: list[str] = []
    done = threading.Event()
    workers.call("a", done.set, lambda _: answers.append("old"), answers.append)
    assert done.wait(5)  # computed, but the event loop has not delivered it yet
    workers.call("a", lambda: None, lambda _: answers.append("new"), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["new"]


def test_all_answers_arrive_if_asked_for(qtbot, workers):
    answers: list[int] = []
    for number in range(20):
        workers.call("a", lambda n=number: n, answers.append, answers.append, latest_only=False)
    qtbot.waitUntil(lambda: len(answers) == 20)
    assert answers == list(range(20))


def test_job_events_arrive_in_order_in_the_main_thread(qtbot, workers):
    def job(control: JobControl) -> Iterator[Event]:
        for number in range(50):
            yield Notice(str(number))

    listener = Listener()
    workers.start_job("cpu", job, listener)
    qtbot.waitUntil(lambda: listener.end is not None)
    assert [event.text for event in listener.events] == [str(n) for n in range(50)]
    assert listener.threads == {QCoreApplication.instance().thread()}
    assert listener.end == (None, False)


def test_a_slow_painter_misses_frames_but_never_the_last(qtbot, workers):
    finished = threading.Event()

    def job(control: JobControl) -> Iterator[Event]:
        for number in range(1, 101):
            yield preview(number)
            yield Progress("Reconstructing", number, 100)
        finished.set()

    listener = Listener()
    workers.start_job("cpu", job, listener)
    assert finished.wait(5)  # the main thread paints nothing meanwhile
    qtbot.waitUntil(lambda: listener.end is not None)
    previews = [event for event in listener.events if isinstance(event, Preview)]
    progress = [event for event in listener.events if isinstance(event, Progress)]
    assert len(previews) == len(progress) == 1
    assert previews[0].coverage == 1.0
    assert progress[0].done == 100


def test_cancel_closes_the_iterator_and_silences_it(qtbot, workers):
    closed = threading.Event()

    def job(control: JobControl) -> Iterator[Event]:
        try:
            while True:
                yield Notice("on")
        finally:
            closed.set()

    listener = Listener()
    handle = workers.start_job("cpu", job, listener)
    qtbot.waitUntil(lambda: bool(listener.events))
    handle.cancel()
    heard = len(listener.events)
    qtbot.waitUntil(lambda: listener.end is not None)
    assert closed.is_set()
    assert listener.end == (None, True)
    assert len(listener.events) == heard


def test_stop_and_keep_lets_the_job_finish(qtbot, workers):
    def job(control: JobControl) -> Iterator[Event]:
        while not control.stop_requested:
            yield Progress("Reconstructing", 1, 2)
        yield Notice("kept")

    listener = Listener()
    handle = workers.start_job("cpu", job, listener)
    qtbot.waitUntil(lambda: bool(listener.events))
    handle.stop_and_keep()
    qtbot.waitUntil(lambda: listener.end is not None)
    assert listener.events[-1] == Notice("kept")
    assert listener.end == (None, False)


def test_a_failing_job_tells_its_error(qtbot, workers):
    def job(control: JobControl) -> Iterator[Event]:
        yield Notice("so far so good")
        raise ScanError("file cut short")

    listener = Listener()
    workers.start_job("cpu", job, listener)
    qtbot.waitUntil(lambda: listener.end is not None)
    error, cancelled = listener.end
    assert isinstance(error, ScanError)
    assert not cancelled


def test_jobs_of_one_device_queue_and_those_of_two_do_not(qtbot, workers):
    gate, order = threading.Event(), []

    def slow(control: JobControl) -> Iterator[Event]:
        order.append("slow begins")
        gate.wait(5)
        order.append("slow ends")
        yield Notice("")

    def quick(name: str):
        def job(control: JobControl) -> Iterator[Event]:
            order.append(name)
            yield Notice("")

        return job

    slow_end, queued_end, other_end = Listener(), Listener(), Listener()
    workers.start_job("cuda:0", slow, slow_end)
    workers.start_job("cuda:0", quick("queued"), queued_end)
    workers.start_job("cuda:1", quick("other device"), other_end)
    qtbot.waitUntil(lambda: other_end.end is not None)
    assert "queued" not in order
    gate.set()
    qtbot.waitUntil(lambda: queued_end.end is not None)
    assert order.index("slow ends") < order.index("queued")


def test_closing_in_the_middle_of_a_job_joins_its_thread(qtbot):
    workers = Workers()
    running, closed = threading.Event(), threading.Event()

    def job(control: JobControl) -> Iterator[Event]:
        try:
            while True:
                running.set()
                yield Progress("Reconstructing", 1, 2)
        finally:
            closed.set()

    workers.start_job("cpu", job, Listener())
    assert running.wait(5)
    assert workers.close()
    assert closed.is_set()
    workers.call("late", lambda: 1, lambda _: pytest.fail("closed"), lambda _: pytest.fail("closed"))


@pytest.mark.parametrize("cancel", [True, False])
def test_a_job_knows_whether_it_was_cancelled_or_the_window_closes(qtbot, cancel):
    workers, listener, told = Workers(), Listener(), []

    def job(control: JobControl) -> Iterator[Event]:
        try:
            while True:
                yield Notice("on")
        except BaseException as error:
            told.append(type(error))
            raise

    handle = workers.start_job("cpu", job, listener)
    qtbot.waitUntil(lambda: bool(listener.events))
    if cancel:
        handle.cancel()
    assert workers.close()
    assert told == [Cancelled if cancel else GeneratorExit]


def test_starting_and_cancelling_leaves_no_thread(qtbot, workers):
    before = threading.active_count()
    for _ in range(200):
        listener = Listener()

        def job(control: JobControl) -> Iterator[Event]:
            while True:
                yield Progress("Reconstructing", 1, 2)

        workers.start_job("cpu", job, listener).cancel()
        qtbot.waitUntil(lambda: listener.end is not None)  # noqa: B023 called at once
    assert len(workers.findChildren(QThread)) == 1
    assert threading.active_count() <= before + 1


def test_five_thousand_posts_survive(qtbot):
    """PySide6 6.12.0 below Python 3.12 aborts the interpreter after about 570 emits."""
    courier, heard = Courier(), []
    sender = threading.Thread(target=lambda: [courier.post(lambda n=n: heard.append(n)) for n in range(5000)])
    sender.start()
    qtbot.waitUntil(lambda: len(heard) == 5000, timeout=20_000)
    sender.join()
    assert heard == list(range(5000))
