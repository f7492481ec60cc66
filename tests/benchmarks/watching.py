"""What watching costs a training: its step rate with and without a window that draws its curves and pictures.

One small training runs all the time, in its own process; the window of this process watches it and looks away
in turns, so that whatever else the machine does meets both alike. Printed is the median of the ratios of
neighbouring turns; 1 means that watching costs nothing.

python tests/benchmarks/watching.py [TURNS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ptygui.runs.layout import RunError, Status
from ptygui.runs.records import read_status

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

TURN_S = 6.0
TURNS = 10


def wait(until: Callable[[], bool]) -> None:
    """Let the event loop run as it does in the application."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: loop.quit() if until() else None)
    timer.start(20)
    loop.exec()


def rate(run: Path) -> float:
    """Return the steps a second during a turn."""
    before, began = status_of(run).step, time.perf_counter()
    wait(lambda: time.perf_counter() - began > TURN_S)
    return (status_of(run).step - before) / (time.perf_counter() - began)


def status_of(run: Path) -> Status:
    """Read how far a run is; one that has not begun has the first status."""
    try:
        return read_status(run)
    except RunError:
        return Status()


def main() -> None:
    """Measure and print."""
    from ptygui.gui.app import make_application, make_window
    from ptygui.gui.settings import Settings
    from ptygui.jobs.training_runs import start_training, stop_training
    from ptygui.train.config import SimulatedLines, TrainConfig

    turns = int(sys.argv[1]) if sys.argv[1:] else TURNS
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home)
        config = TrainConfig(
            name="watched",
            generator="cnn",
            generator_config={"width": 8},
            steps=1_000_000,
            validate_every=50,
            data=SimulatedLines(pattern_px=32, object_px=160, step_px=9.0),
        )
        run = start_training(config)
        make_application()
        window = make_window(Settings(Path(home) / "window.ini"))
        window.resize(1440, 900)
        window.show()
        window.begin()
        window.show_training_tab()
        wait(lambda: status_of(run).step > 100)
        rates: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(2 * turns):
            watched = turn % 4 in (0, 3)  # watched, not, not, watched: a drift meets both alike
            (window.trainings.begin if watched else window.trainings.stop)()
            rates[watched].append(rate(run))
        stop_training(run)
        pairs = list(zip(rates[True], rates[False], strict=True))
        ratios = [one / other for one, other in pairs]
        print(f"watched   {statistics.median(rates[True]):8.2f} steps/s")
        print(f"unwatched {statistics.median(rates[False]):8.2f} steps/s")
        print(f"ratio     {statistics.median(ratios):8.4f}  (quartiles {statistics.quantiles(ratios, n=4)})")
        sys.stdout.flush()
        window.close_without_asking()
        wait(lambda: status_of(run).state.ended)


if __name__ == "__main__":
    main()
