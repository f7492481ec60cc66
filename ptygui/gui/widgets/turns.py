"""What is to be painted, one thing after the other, so that the window answers in between."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Turns(QObject):
    """Does one thing a turn of the event loop.

    A window paints all that changed in one go: three pictures that change in one turn are one long stall,
    in three turns they are three short ones.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[str, Callable[[], object]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def put(self, name: str, do: Callable[[], object]) -> None:
        """Do this when its turn comes; it takes the place of what waits under the same name."""
        self._waiting[name] = do
        if not self._timer.isActive():
            self._timer.start(0)

    def finish(self) -> None:
        """Do now all that waits."""
        self._timer.stop()
        while self._waiting:
            self._do_first()

    def _next(self) -> None:
        self._do_first()
        if self._waiting:
            self._timer.start(0)

    def _do_first(self) -> None:
        self._waiting.pop(next(iter(self._waiting)))()
