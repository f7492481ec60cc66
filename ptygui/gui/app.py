"""Starting the window. Nothing slow is imported here: torch loads behind the window that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ptygui import resources
from ptygui.gui.backend import LocalBackend
from ptygui.gui.excepthook import ExceptionHook
from ptygui.gui.main_window import MainWindow
from ptygui.gui.settings import Settings, default_settings_path


def main(argv: Sequence[str] = ()) -> int:
    """Show the window until it is closed.

    Parameters
    ----------
    argv : sequence of str
        Files to open: a scan, a generator or both.

    Returns
    -------
    int
        Exit code: 0 when the window was closed.
    """
    app = make_application()
    window = make_window(Settings(default_settings_path()))
    app.styleHints().colorSchemeChanged.connect(window.follow_theme)
    hook = ExceptionHook(window)
    hook.install()
    window.show()
    QTimer.singleShot(0, window, lambda: _begin(window, argv))
    code = app.exec()
    hook.remove()
    return code


def make_application() -> QApplication:
    """Return the application, made if there is none yet."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["ptygui"])
    app.setApplicationName("ptygui")
    app.setDesktopFileName("ptygui")
    return app


def make_window(settings: Settings) -> MainWindow:
    """Make the window on the real backend."""
    return MainWindow(LocalBackend(), settings, resources.demo_scan_path)


def _begin(window: MainWindow, files: Sequence[str]) -> None:
    window.begin()
    for name in files:
        window.presenter.open_file(Path(name))
