"""How long the window takes to show, and how much memory it holds: offscreen, in fresh processes.

python tests/benchmarks/start.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

REPEATS, IDLE_S = 3, 10


def show_once(settings_path: str) -> None:
    """Show the window in this process; print seconds since its start, memory then, and memory at idle."""
    from pathlib import Path

    import psutil

    from ptygui.gui.app import make_application, make_window
    from ptygui.gui.settings import Settings

    process = psutil.Process()
    app = make_application()
    window = make_window(Settings(Path(settings_path)))
    window.show()
    app.processEvents()
    shown_s, shown_mb = time.time() - process.create_time(), process.memory_info().rss / 2**20
    window.begin()
    end = time.monotonic() + IDLE_S
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)
    print(f"{shown_s:.3f} {shown_mb:.0f} {process.memory_info().rss / 2**20:.0f}", flush=True)
    os._exit(0)  # closing is not what is measured


def main() -> None:
    """Start a few times; print medians."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": home, "XDG_CONFIG_HOME": home}
        command = [sys.executable, __file__, "--one", f"{home}/settings.json"]
        runs = [
            subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            ).stdout.split()
            for _ in range(REPEATS)
        ]
    seconds, shown_mb, idle_mb = (median(float(run[column]) for run in runs) for column in range(3))
    print(f"window shown after {seconds:.2f} s; {shown_mb:.0f} MB then, {idle_mb:.0f} MB {IDLE_S} s later")


if __name__ == "__main__":
    show_once(sys.argv[2]) if sys.argv[1:2] == ["--one"] else main()
