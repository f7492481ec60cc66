"""Starting the window. Nothing slow is imported here: torch loads behind the window that is shown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from ptygui import resources
from ptygui.core.errors import PtyguiError
from ptygui.core.events import Reconstruction
from ptygui.gui.backend import LocalBackend
from ptygui.gui.demo import DemoPilot
from ptygui.gui.excepthook import ExceptionHook
from ptygui.gui.garbage import postpone_full_collections
from ptygui.gui.main_window import MainWindow
from ptygui.gui.qt_messages import log_qt_messages
from ptygui.gui.settings import Settings, default_settings_path

_DEMO_SIZE = QSize(1440, 900)


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
    window.show()
    QTimer.singleShot(0, window, lambda: _begin(window, argv))
    return _exec(app, window)


def run_demo(scan_path: Path, generator_path: Path, out_folder: Path | None = None) -> Reconstruction | None:
    """Reconstruct and refine a scan in the real window, which opens it and presses the buttons by itself.

    Parameters
    ----------
    scan_path, generator_path : Path
    out_folder : Path, optional
        Write `window.png` there as soon as the result is on the screen and close the window; without it
        the window stays until the user closes it.

    Returns
    -------
    Reconstruction or None
        The result on the screen at the end; None if the user closed the window before.

    Raises
    ------
    PtyguiError
        With `out_folder`: if the window complained instead of showing a result.
    """
    if out_folder is None:
        return _demo_to_watch(scan_path, generator_path)
    with TemporaryDirectory() as folder:
        return _demo_unseen(scan_path, generator_path, out_folder, Settings(Path(folder) / "window.ini"))


def _demo_to_watch(scan: Path, generator: Path) -> Reconstruction | None:
    app = make_application()
    window = make_window(Settings(default_settings_path()))
    window.show()
    window.begin()
    DemoPilot(window, scan, generator)
    _exec(app, window)
    return window.presenter.results.shown


def _demo_unseen(scan: Path, generator: Path, out_folder: Path, settings: Settings) -> Reconstruction:
    app = make_application()
    window = make_window(settings)
    window.resize(_DEMO_SIZE)
    window.show()
    window.begin()
    pilot = DemoPilot(window, scan, generator)
    pilot.ended.connect(lambda: _photograph(window, out_folder / "window.png"))
    _exec(app, window)
    if window.presenter.results.shown is None:
        raise PtyguiError(f"The demo ended without a result. {window.banner.message.text}".rstrip())
    return window.presenter.results.shown


def _photograph(window: MainWindow, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    QApplication.processEvents()  # layouts settle
    if not window.grab().save(str(path)):
        window.write_log(f"{path} could not be written.", "error")
    window.close_without_asking()


def _exec(app: QApplication, window: MainWindow) -> int:
    """Run until the window is closed."""
    app.styleHints().colorSchemeChanged.connect(window.follow_theme)
    hook = ExceptionHook(window)
    hook.install()
    code = app.exec()
    hook.remove()
    if not window.all_threads_ended:
        os._exit(code)  # a thread hangs in a file system or a driver; Qt would abort on it
    return code


def make_application() -> QApplication:
    """Return the application, made if there is none yet."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        log_qt_messages()
        postpone_full_collections()
        app = QApplication(["ptygui"])
    app.setApplicationName("ptygui")
    app.setDesktopFileName("ptygui")
    app.setWindowIcon(QIcon(str(resources.resource_path("icons", "ptygui.svg"))))
    return app


def make_window(settings: Settings) -> MainWindow:
    """Make the window on the real backend."""
    return MainWindow(LocalBackend(), settings, resources.demo_scan_path)


def _begin(window: MainWindow, files: Sequence[str]) -> None:
    window.begin()
    for name in files:
        window.presenter.open_file(Path(name))
