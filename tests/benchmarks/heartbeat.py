"""How long the window stands still while it loads, reconstructs, exports and watches: offscreen, in a fresh
process.

A 10 ms timer of the main thread measures the time between two of its beats; what is more than 10 ms is a
stall. It also measures how long the main thread computed between them, which tells as much on a machine that
others load: that is what the window itself does to its user. The window is the real one on the demo scan with
the first shipped generator. Watched are two runs of 50,000 steps that another process goes on writing, curves
and pictures in front, while it reconstructs.

python tests/benchmarks/heartbeat.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ptygui.gui.main_window import MainWindow
    from ptygui.gui.presenters.training_screen import DrawnRun

BEAT_MS = 10
REPEATS = 3
WRITTEN_STEPS = 50_000
WATCHED_S = 10.0
Gap = tuple[float, float]
"""Milliseconds between two beats, and how many of them the main thread computed."""


class Heartbeat:
    """Gaps between beats, by what went on."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gaps_ms: dict[str, list[Gap]] = {}
        self.doing = "start"
        self._last = time.perf_counter(), time.thread_time()
        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self._beat)
        self.timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        gap = 1e3 * (now[0] - self._last[0]), 1e3 * (now[1] - self._last[1])
        self.gaps_ms.setdefault(self.doing, []).append(gap)
        self._last = now


def wait(until: Callable[[], bool]) -> None:
    """Let the event loop run as it does in the application."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: loop.quit() if until() else None)
    timer.start(20)
    loop.exec()


def measure(folder: Path) -> None:
    """Go through a whole session; print the gaps of each part."""
    from ptygui import resources
    from ptygui.gui.app import make_application, make_window
    from ptygui.gui.dialogs.export_dialog import ExportDialog
    from ptygui.gui.presenters.run_presenter import RunState
    from ptygui.gui.settings import Settings
    from ptygui.threads import sleep_while_waiting

    sleep_while_waiting()
    make_application()
    window = make_window(Settings(folder / "window.ini"))
    window.resize(1440, 900)
    window.show()
    wait(lambda: True)
    presenter, heart = window.presenter, Heartbeat()
    window.begin()
    presenter.open_file(resources.demo_scan_path())
    wait(lambda: presenter.run.can_start)
    for name in ("first run", "second run"):
        heart.doing = name
        window.reconstruct()
        wait(lambda: presenter.run.state is RunState.IDLE)
    for name in ("first export", "second export"):
        window.open_export()
        dialog = window.findChildren(ExportDialog)[-1]
        dialog.folder.setText(str(folder / name))
        for box in dialog.formats.values():
            box.setChecked(True)
        (folder / name).mkdir()
        heart.doing = name
        dialog.export_button.click()
        wait(lambda shown=dialog: "Wrote" in shown.outcome.text)
        dialog.close()
    _watch(window, heart, folder)
    heart.timer.stop()
    for name, gaps in heart.gaps_ms.items():
        print(name, *(f"{wall:.1f} {busy:.1f}" for wall, busy in gaps), sep="\t")
    sys.stdout.flush()
    os._exit(0)  # closing is not what is measured


def _watch(window: MainWindow, heart: Heartbeat, home: Path) -> None:
    """Watch two runs that grow, and reconstruct again and again meanwhile."""
    from ptygui.gui.presenters.run_presenter import RunState
    from ptygui.jobs.catalogue import runs_folder

    writer = subprocess.Popen([sys.executable, __file__, "--write", str(runs_folder())])
    wait(lambda: (home / "written").exists())
    training, heart.doing = window.presenter.training, "first look"
    window.show_training_tab()
    wait(lambda: len(training.runs) == 2)
    for run in training.runs:
        training.overlay(run.path, True)
    wait(lambda: len(training.drawn) == 2 and all(_points(run) >= WRITTEN_STEPS for run in training.drawn))
    heart.doing, began = "watching", time.perf_counter()
    while time.perf_counter() - began < WATCHED_S:
        window.reconstruct()
        window.show_training_tab()
        wait(lambda: window.presenter.run.state is RunState.IDLE)
    writer.kill()
    writer.wait()


def _points(run: DrawnRun) -> int:
    return len(run.series["train", "loss"].step) if ("train", "loss") in run.series else 0


def write(runs: Path) -> None:
    """Write two runs, as quickly as small trainings would, until killed."""
    import numpy as np

    from ptygui.core.scan import ObjectImage
    from ptygui.runs.layout import RunInfo, RunState
    from ptygui.runs.writer import RunWriter

    writers = []
    for name in ("first", "second"):
        (runs / name).mkdir(parents=True)
        info = RunInfo.now(kind="training", name=name, generator="cnn")
        writers.append(RunWriter.create(runs / name, info, ""))
    noise = np.random.default_rng(0)
    picture = ObjectImage(noise.normal(size=(512, 512)).astype(np.complex64), np.ones((512, 512), bool))
    step = 0
    while True:
        step += 1
        for writer in writers:
            values = {"loss": 1 / step + 0.1 * noise.random(), "gradient_norm": noise.random(), "rate": 1e-3}
            writer.metrics(step, "train", values)
            if step > WRITTEN_STEPS and step % 20 == 0:
                writer.metrics(step, "val", {"raw.r1": 0.1 + 1 / step})
                writer.preview(step, picture)
                writer.update(RunState.RUNNING, step=step, message=f"Step {step}")
        if step == WRITTEN_STEPS:
            for writer in writers:
                writer.update(RunState.RUNNING, step=step)
            Path(os.environ["HOME"], "written").touch()
        if step > WRITTEN_STEPS:
            time.sleep(0.05)


def main() -> None:
    """Measure in fresh processes; print 99th percentiles and maxima of each part."""
    gaps_ms: dict[str, list[Gap]] = {}
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as home:
            places = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
            done = subprocess.run(
                [sys.executable, __file__, "--one", home],
                env=os.environ | places | {"QT_QPA_PLATFORM": "offscreen"},
                check=True, capture_output=True, text=True,
            )  # fmt: skip
        for line in done.stdout.splitlines():
            name, *values = line.split("\t")
            gaps_ms.setdefault(name, []).extend(_gap(value) for value in values)
    print(f"{'':16}{'beats':>8}{'p99 ms':>8}{'max ms':>8}{'CPU p99':>9}{'CPU max':>9}{'CPU share':>11}")
    everything = [gap for gaps in gaps_ms.values() for gap in gaps]
    for name, gaps in [*gaps_ms.items(), ("all", everything)]:
        wall, busy = (sorted(column) for column in zip(*gaps, strict=True))
        at = int(0.99 * (len(gaps) - 1))
        share = f"{sum(busy) / sum(wall):.0%}"
        print(
            f"{name:16}{len(gaps):8}{wall[at]:8.0f}{wall[-1]:8.0f}{busy[at]:9.0f}{busy[-1]:9.0f}{share:>11}"
        )


def _gap(words: str) -> Gap:
    wall, busy = words.split()
    return float(wall), float(busy)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--write"]:
        write(Path(sys.argv[2]))
    else:
        main()
