"""How a run looks in the list: a chip in the colour of its curves, its name, a line on how it fares."""

from __future__ import annotations

from typing import Any

import qtawesome
from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ptygui.gui.presenters.training_screen import RunRow
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.run_model import ROW

AnyIndex = QModelIndex | QPersistentModelIndex
_MARGIN, _CHIP, _GAP = 8, 12, 9
_GLYPHS = {
    "ok": "check-circle-outline",
    "running": "play-circle-outline",
    "warning": "alert-outline",
    "problem": "close-octagon-outline",
}


class RunDelegate(QStyledItemDelegate):
    """Paints two lines a run; a click on the chip draws its curves or takes them away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.colors: PlotColors = DEFAULT_PLOT_COLORS

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: N802 (Qt)
        """Ask for two lines."""
        return QSize(120, 2 * QFontMetrics(_font(option)).height() + 15)

    def chip_rect(self, item: QRect) -> QRect:
        """Return where the chip of an item lies."""
        height = (item.height() - 12) // 2
        return QRect(item.left() + _MARGIN, item.top() + 5 + (height - _CHIP) // 2, _CHIP, _CHIP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint an item."""
        row: RunRow = index.data(ROW)
        item, palette, font = _rect(option), _palette(option), _font(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, item)
        self._paint_chip(painter, self.chip_rect(item), row)
        left = item.left() + _MARGIN + _CHIP + _GAP
        upper = QRect(left, item.top() + 5, item.right() - left - _MARGIN, (item.height() - 12) // 2)
        _write(painter, upper, row.age, font, QColor(self.colors.axis), right=True)
        room = QFontMetrics(font).horizontalAdvance(row.age) + 8
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        name, text = upper.adjusted(0, 0, -room, 0), palette.color(QPalette.ColorRole.Text)
        _write(painter, name, row.name, bold, text, cut=Qt.TextElideMode.ElideMiddle)
        self._paint_lower(painter, upper.translated(0, upper.height() + 2), row, font)
        painter.restore()

    def editorEvent(  # noqa: N802 (Qt)
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> bool:
        """Take clicks on the chip; the rest chooses the run."""
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            around = self.chip_rect(_rect(option)).adjusted(-_MARGIN, -8, 5, 8)
            if around.contains(event.position().toPoint()):
                if event.type() == QEvent.Type.MouseButtonRelease:
                    toggle(model, index)
                return True
        return False

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:  # noqa: N802 (Qt)
        """Begin with the present name; what the user writes is not lost when the row changes meanwhile."""
        if not editor.property("begun"):
            super().setEditorData(editor, index)
            editor.setProperty("begun", True)

    def updateEditorGeometry(  # noqa: N802 (Qt)
        self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        """Edit the name where it stands."""
        item = _rect(option)
        left = item.left() + _MARGIN + _CHIP + 2
        editor.setGeometry(QRect(left, item.top() + 1, item.right() - left - 2, item.height() - 4))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, item: QRect) -> None:
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if not chosen and not state & QStyle.StateFlag.State_MouseOver:
            return
        ground = QColor(self.colors.accent if chosen else self.colors.axis)
        ground.setAlpha(52 if chosen else 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(item.adjusted(1, 1, -1, -1), 5, 5)
        if chosen:
            painter.setBrush(QColor(self.colors.accent))
            painter.drawRoundedRect(QRect(item.left() + 1, item.top() + 6, 3, item.height() - 12), 1, 1)

    def _paint_chip(self, painter: QPainter, chip: QRect, row: RunRow) -> None:
        if row.color is None:
            painter.setPen(QPen(QColor(self.colors.axis), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.colors.run(row.color)))
        painter.drawRoundedRect(chip, 3, 3)

    def _paint_lower(self, painter: QPainter, line: QRect, row: RunRow, font: QFont) -> None:
        color = QColor(self._level_color(row))
        glyph = qtawesome.font("mdi6", round(0.9 * line.height()))
        mark = QRect(line.left(), line.top(), line.height(), line.height())
        _write(painter, mark, qtawesome.charmap(f"mdi6.{_GLYPHS[row.level]}"), glyph, color)
        _write(painter, line, row.best, font, QColor(self.colors.text), right=True)
        room = QFontMetrics(font).horizontalAdvance(row.best) + 8
        words = line.adjusted(line.height() + 3, 0, -room, 0)
        _write(painter, words, row.state, font, color)
        taken = QFontMetrics(font).horizontalAdvance(row.state)
        rest = "".join(f" · {part}" for part in (row.generator, row.group) if part)
        _write(painter, words.adjusted(taken, 0, 0, 0), rest, font, QColor(self.colors.axis))

    def _level_color(self, row: RunRow) -> str:
        colors = self.colors
        by_level = {"ok": colors.ok, "running": colors.accent, "warning": colors.warning}
        return by_level.get(row.level, colors.error)


def toggle(model: QAbstractItemModel, index: AnyIndex) -> None:
    """Draw the curves of a run, or take them away."""
    role = Qt.ItemDataRole.CheckStateRole
    checked = Qt.CheckState(index.data(role)) == Qt.CheckState.Checked
    model.setData(index, Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked, role)


def _write(
    painter: QPainter,
    place: QRect,
    words: str,
    font: QFont,
    color: QColor,
    *,
    right: bool = False,
    cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """Write a line; what does not fit is cut out at one end, or where both ends matter in the middle."""
    if not words or place.width() <= 4:
        return
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.setFont(font)
    painter.setPen(color)
    shown = QFontMetrics(font).elidedText(words, cut, place.width())
    painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, shown)


# The stubs of PySide6 do not know the fields of style options.
def _rect(option: Any) -> QRect:
    return QRect(option.rect)


def _palette(option: Any) -> QPalette:
    return QPalette(option.palette)


def _font(option: Any) -> QFont:
    return QFont(option.font)
