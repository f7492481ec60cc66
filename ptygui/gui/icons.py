"""Crisp icons that follow the theme by themselves.

Glyphs come from the fonts that qtawesome ships. An icon asks the application's palette for its colour
each time it is painted, so switching the theme needs no new icons.
"""

from __future__ import annotations

import qtawesome
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap

_ROLES = {"text": QPalette.ColorRole.ButtonText, "on_accent": QPalette.ColorRole.HighlightedText}
_FONT = "mdi6"


def icon(name: str, role: str = "text") -> QIcon:
    """Return a Material Design icon, e.g. icon('folder-open-outline').

    Parameters
    ----------
    name : str
        Name in Material Design Icons 6, without a prefix.
    role : {'text', 'on_accent'}
        'on_accent' for icons on a primary button.

    Raises
    ------
    KeyError
        If there is no such icon.
    """
    return QIcon(_GlyphEngine(qtawesome.charmap(f"{_FONT}.{name}"), role))


class _GlyphEngine(QIconEngine):
    def __init__(self, glyph: str, role: str) -> None:
        super().__init__()
        self._glyph = glyph
        self._role = role

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._glyph, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        painter.setPen(self._color(mode))
        font = qtawesome.font(_FONT, max(1, round(0.9 * rect.height())))
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def _color(self, mode: QIcon.Mode) -> QColor:
        group = QPalette.ColorGroup
        disabled = mode == QIcon.Mode.Disabled
        role = _ROLES["text"] if disabled else _ROLES[self._role]
        return QGuiApplication.palette().color(group.Disabled if disabled else group.Active, role)
