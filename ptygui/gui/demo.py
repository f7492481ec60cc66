"""The demo: the real window opens a scan and presses Reconstruct and Refine by itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ptygui.gui.main_window import MainWindow
from ptygui.gui.presenters.run_job import RunState
from ptygui.jobs.api import PRESETS

_LOOK_MS = 50


class DemoPilot(QObject):
    """Sits at the controls of a window until a refined result is there, or a complaint."""

    ended = Signal()

    def __init__(self, window: MainWindow, scan: Path, generator: Path) -> None:
        super().__init__(window)
        self._window = window
        self._pressed = 0
        """How many buttons."""
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        window.presenter.open_file(scan)
        window.presenter.generator.choose_path(generator)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        window = self._window
        run = window.presenter.run
        if run.state is not RunState.IDLE:
            return
        if self._pressed == 0 and run.can_start:
            self._pressed = 1
            window.path.go.start_button.click()
        elif self._pressed == 1 and run.can_refine and window.presenter.results.shown is not None:
            self._pressed = 2
            window.refine(PRESETS["quick"])
        elif self._pressed or window.banner.isVisible():
            self._timer.stop()
            window.bottom.tabs.setCurrentWidget(window.bottom.progress)
            self.ended.emit()
