"""What Qt has to say goes through Python's logging, like everything else."""

from __future__ import annotations

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger("ptygui.qt")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_EXPECTED = "This plugin does not support propagateSizeHints()"
"""Said by the offscreen platform for every window, where there is no screen to propagate anything to."""


def log_qt_messages() -> None:
    """Let Qt speak through the logger `ptygui.qt` from now on."""
    qInstallMessageHandler(_log)


def _log(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    if message != _EXPECTED:
        log.log(_LEVELS[kind], "%s", message)
