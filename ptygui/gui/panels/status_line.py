"""One quiet line: what is true now."""

from __future__ import annotations

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStatusBar, QWidget

from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.numbers import byte_size

_POLL_MS = 2000


class StatusLine(QStatusBar):
    """Left what goes on, right the device and the memory of this process."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 4)
        self.activity = text_label("")
        self.device = text_label("", "muted")
        self.memory = text_label("", "muted")
        self.memory.setToolTip("Memory that ptygui holds (resident set size)")
        self.addWidget(self.activity, 1)
        self.memory.setContentsMargins(16, 0, 0, 0)
        self.addPermanentWidget(self.device)
        self.addPermanentWidget(self.memory)
        self._process = psutil.Process()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._show_memory)
        self._timer.start()
        self._show_memory()

    def show_activity(self, words: str) -> None:
        """Say what goes on."""
        self.activity.setText(words)

    def show_device(self, words: str) -> None:
        """Say where is, or would be, computed."""
        self.device.setText(words)

    def stop(self) -> None:
        """Look at the memory no more."""
        self._timer.stop()

    def _show_memory(self) -> None:
        self.memory.setText(f"memory {byte_size(self._process.memory_info().rss)}")
