"""What nobody caught: logged, and shown honestly; never only in a console."""

from __future__ import annotations

import sys
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot

from ptygui.gui.dialogs.message import show_unexpected
from ptygui.gui.main_window import MainWindow
from ptygui.gui.presenters.complaints import Complaint, complaint_of


class ExceptionHook(QObject):
    """Takes the place of `sys.excepthook` while the window is open; works from any thread."""

    _caught = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._former = sys.excepthook
        self._dialog_open = False
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Begin to listen."""
        self._former, sys.excepthook = sys.excepthook, self._take

    def remove(self) -> None:
        """Give the place back."""
        sys.excepthook = self._former

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._former(kind, error, trace)
            return
        self._caught.emit(complaint_of(error.with_traceback(trace)))

    @Slot(object)
    def _show(self, complaint: Complaint) -> None:
        self._window.write_log(complaint.text, "error")
        if self._dialog_open:
            return  # one fault that repeats must not bury the window under dialogs
        self._dialog_open = True
        dialog = show_unexpected(self._window, complaint)
        dialog.finished.connect(self._closed)

    @Slot()
    def _closed(self) -> None:
        self._dialog_open = False
