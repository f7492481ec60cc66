"""The demo: the real window opens a scan and presses Reconstruct by itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ptygui.gui.main_window import MainWindow
from ptygui.gui.presenters.run_presenter import RunState

_LOOK_MS = 50


class DemoPilot(QObject):
    """Sits at the controls of a window until a first result is there, or a complaint."""

    ended = Signal()

    def __init__(self, window: MainWindow, scan: Path, generator: Path) -> None:
        super().__init__(window)
        self._window = window
        self._started = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        window.presenter.open_file(scan)
        window.presenter.generator.choose_path(generator)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        run = self._window.presenter.run
        if not self._started and run.can_start:
            self._started = True
            self._window.path.go.start_button.click()
        elif run.state is RunState.IDLE and (self._started or self._window.banner.isVisible()):
            self._timer.stop()
            self.ended.emit()
