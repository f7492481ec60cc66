"""In processes of their own: pytest-qt has a message handler already."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from PySide6.QtCore import qCritical, qDebug, qWarning
from PySide6.QtWidgets import QWidget
from ptygui.gui.app import make_application
app = make_application()
widget = QWidget()
widget.setMinimumSize(100, 100)
widget.show()
app.processEvents()
qDebug("quiet")
qWarning("a pipe is broken")
qCritical("a pipe is gone")
"""


def test_qt_speaks_through_logging_and_the_offscreen_complaint_is_dropped() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["a pipe is broken", "a pipe is gone"]
    assert done.stdout == ""
