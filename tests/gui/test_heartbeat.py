"""The window lives while a worker computes: a 10 ms timer in the main thread is never held up for long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gui.fakes import FakeBackend, make_image, make_result
from PySide6.QtCore import QObject, Qt, QTimer

from ptygui.core.events import Event, Finished, JobControl, Preview, Progress
from ptygui.gui.presenters.run_presenter import RunState
from ptygui.jobs.api import ReconstructRequest


class Heartbeat(QObject):
    """Measures how long the event loop is held up."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(10)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now

    def stop(self) -> None:
        self._timer.stop()


class BusyBackend(FakeBackend):
    """Computes for real, as long as a reconstruction would."""

    steps = 25
    seconds = 0.0

    def reconstruct(self, request: ReconstructRequest, control: JobControl) -> Iterator[Event]:
        began = time.perf_counter()
        field = np.random.default_rng(0).normal(size=(8, 256, 256))
        for step in range(1, self.steps + 1):
            field = np.fft.ifft2(np.fft.fft2(field)).real
            yield Progress("Reconstructing", step, self.steps)
            yield Preview(make_image(step / self.steps, 256, 256), "raw", step / self.steps)
        self.seconds = time.perf_counter() - began
        yield Finished(make_result())


def test_the_event_loop_goes_on_during_a_reconstruction(qtbot, make_window):
    backend = BusyBackend()
    window = make_window(backend)
    window.presenter.open_file(Path("/data/star.npz"))
    qtbot.waitUntil(lambda: window.presenter.run.can_start)
    heart = Heartbeat()
    window.path.go.start_button.click()
    qtbot.waitUntil(lambda: window.presenter.run.state is RunState.IDLE, timeout=60_000)
    heart.stop()
    # The same work in the main thread would be one single gap as long as all of it.
    assert max(heart.gaps) < 0.5 * backend.seconds
    assert len(heart.gaps) > backend.steps / 4
