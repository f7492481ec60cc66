"""Real mouse events on pyqtgraph views."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot


class Mouse:
    """Moves, clicks, drags and scrolls; points are pixels of a canvas."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot

    def point(self, canvas: Any, view: Any, x: float, y: float) -> QPoint:
        """Return where the coordinates of a view lie on its canvas, once the layout has settled."""
        self._qtbot.wait(1)
        return canvas.mapFromScene(view.mapViewToScene(QPointF(x, y)))  # type: ignore[no-any-return]

    def move(self, canvas: Any, point: QPoint) -> None:
        self._qtbot.wait(15)  # pyqtgraph passes on 100 moves a second at most
        self._qtbot.mouseMove(canvas.viewport(), point)
        self._qtbot.wait(1)

    def leave(self, canvas: Any) -> None:
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))

    def click(self, canvas: Any, point: QPoint) -> None:
        self.move(canvas, point)
        self._qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=point)

    def double_click(self, canvas: Any, point: QPoint) -> None:
        self.click(canvas, point)
        self._qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=point)
        self._qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=point)

    def drag(self, canvas: Any, start: QPoint, end: QPoint) -> None:
        self.move(canvas, start)
        self._qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
        for step in range(1, 6):
            self.move(canvas, start + (end - start) * step / 5)
        self._qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=end)
        self._qtbot.wait(1)

    def wheel(self, canvas: Any, point: QPoint, clicks: int) -> None:
        self.move(canvas, point)
        event = QWheelEvent(
            QPointF(point),
            QPointF(canvas.viewport().mapToGlobal(point)),
            QPoint(),
            QPoint(0, 120 * clicks),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas.viewport(), event)
        self._qtbot.wait(1)


@pytest.fixture
def mouse(qtbot: QtBot) -> Mouse:
    return Mouse(qtbot)
