"""What a user does with the window, for tests: clicks, drops, opens, runs to the end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from ptygui.gui.main_window import MainWindow
from ptygui.gui.presenters.run_job import RunState


def click(qtbot, button) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(600, 300), copy, data, left, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(600, 300), copy, data, left, none))


def open_star(qtbot, window: MainWindow) -> None:
    window.presenter.open_file(Path("/data/star.npz"))
    qtbot.waitUntil(lambda: window.presenter.run.can_start)


def run_to_the_end(qtbot, window: MainWindow) -> None:
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: is_idle(window) and window.presenter.results.shown is not None)


def is_idle(window: MainWindow) -> bool:
    return window.presenter.run.state is RunState.IDLE


def refine_to_the_end(qtbot, window: MainWindow) -> None:
    shelf = window.presenter.results.shelf
    before = len(shelf.kept)
    click(qtbot, window.path.go.refine_button)
    qtbot.waitUntil(lambda: is_idle(window) and len(shelf.kept) > before)
