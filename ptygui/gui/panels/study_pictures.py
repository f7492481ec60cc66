"""The newest pictures of all arms of a study beside each other, as large as the room allows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QSizePolicy, QWidget

from ptygui.gui.presenters.training_screen import ArmLevels, ArmPicture, Thumbnail
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.field_item import color_indices, color_table
from ptygui.gui.widgets.levels import FULL_CIRCLE, Levels
from ptygui.gui.widgets.map_menu import AMPLITUDE_MAPS, PHASE_MAPS

_MAPS = tuple(next(iter(maps.values())) for maps in (AMPLITUDE_MAPS, PHASE_MAPS))
_PAD, _GAP, _ROUND = 5, 6, 5
_LEAST, _MOST = 56, 260
"""Sides of a picture, in pixels."""
_NONE_YET = "no picture yet"
_TIP = (
    "Amplitude and phase at the last look; the levels are the same for all arms.\n"
    "A click chooses the run, a double click shows it in large."
)


class ArmTile(QAbstractButton):
    """Amplitude and phase of one arm in a frame of the colour of its curve."""

    double_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.arm: ArmPicture | None = None
        self._levels: ArmLevels = ((0.0, 1.0), FULL_CIRCLE)
        self._colors = DEFAULT_PLOT_COLORS
        self.pictures: tuple[QImage, ...] = ()

    def show_arm(self, arm: ArmPicture, levels: ArmLevels) -> None:
        """Show this arm; its pictures are coloured anew only where they or the levels changed."""
        before = None if self.arm is None else self.arm.thumbnail
        if arm.thumbnail is not before or levels != self._levels:
            self.pictures = () if arm.thumbnail is None else _pictures(arm.thumbnail, levels)
        self.arm, self._levels = arm, levels
        self.setAccessibleName(f"{arm.name} {arm.figure}".rstrip())
        self.setToolTip(f"{self.accessibleName()}\n{_TIP}")
        self.update()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self._colors = colors
        self.update()

    def label_height(self) -> int:
        """Return what the line of words takes."""
        return self.fontMetrics().height() + 4

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 (Qt)
        """Draw frame, words and pictures."""
        if self.arm is None:
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_frame(painter, self.arm)
        inside = QRectF(self.rect()).adjusted(_PAD, _PAD - 1, -_PAD, -_PAD)
        words = QRectF(inside.left() + 2, inside.top(), inside.width() - 4, self.label_height())
        self._paint_words(painter, words, self.arm)
        self._paint_pictures(painter, inside.adjusted(0, words.height(), 0, 0))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt)
        """Tell, so that the picture is shown in large."""
        super().mouseDoubleClickEvent(event)
        self.double_clicked.emit()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 (Qt)
        """Show that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def _paint_frame(self, painter: QPainter, arm: ArmPicture) -> None:
        color = QColor(self._colors.run(arm.color))
        width = 2.5 if arm.chosen else 1.0
        ground = QColor(color)
        ground.setAlphaF(0.16 if arm.chosen else 0.08 if self.underMouse() or self.hasFocus() else 0.0)
        painter.setPen(QPen(color, width, Qt.PenStyle.DashLine if self.hasFocus() else Qt.PenStyle.SolidLine))
        painter.setBrush(ground)
        half = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), _ROUND, _ROUND)

    def _paint_words(self, painter: QPainter, at: QRectF, arm: ArmPicture) -> None:
        font = self.font()
        painter.setFont(font)
        painter.setPen(QColor(self._colors.text))
        side = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(at, side | Qt.AlignmentFlag.AlignRight, arm.figure)
        room = at.width() - QFontMetricsF(font).horizontalAdvance(arm.figure) - 2 * _PAD
        font.setBold(arm.chosen)
        painter.setFont(font)
        name = QFontMetricsF(font).elidedText(arm.name, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(QColor(self._colors.run(arm.color)))
        painter.drawText(at, side | Qt.AlignmentFlag.AlignLeft, name)

    def _paint_pictures(self, painter: QPainter, room: QRectF) -> None:
        if not self.pictures:
            painter.setPen(QColor(self._colors.axis))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, _NONE_YET)
            return
        width = (room.width() - _PAD) / 2
        for place, picture in enumerate(self.pictures):
            part = QRectF(
                room.left() + place * (width + _PAD / 2), room.top(), width - _PAD / 2, room.height()
            )
            painter.drawImage(_fitted(picture.size(), part), picture)


class ArmPictures(QScrollArea):
    """Tiles in as many columns as make them largest; scrolled where there is no room for all."""

    run_chosen = Signal(Path)
    run_opened = Signal(Path)
    """Double click: its picture is to be seen in large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._content = QWidget()
        self.setWidget(self._content)
        self.tiles: list[ArmTile] = []
        self._colors = DEFAULT_PLOT_COLORS

    def show_arms(self, arms: Sequence[ArmPicture], levels: ArmLevels) -> None:
        """Show these arms; a tile stays where its arm stays."""
        while len(self.tiles) > len(arms):
            tile = self.tiles.pop()
            tile.hide()
            tile.deleteLater()
        while len(self.tiles) < len(arms):
            self.tiles.append(self._new_tile())
        for tile, arm in zip(self.tiles, arms, strict=True):
            tile.show_arm(arm, levels)
        self._place()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self._colors = colors
        for tile in self.tiles:
            tile.set_plot_colors(colors)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt)
        """Use the room."""
        super().resizeEvent(event)
        self._place()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt)
        """Ask for a row of small pictures."""
        return QSize(2 * _LEAST, _LEAST)

    def _new_tile(self) -> ArmTile:
        tile = ArmTile(self._content)
        tile.set_plot_colors(self._colors)
        tile.clicked.connect(lambda: self._tell(tile, self.run_chosen))
        tile.double_clicked.connect(lambda: self._tell(tile, self.run_opened))
        tile.show()
        return tile

    def _tell(self, tile: ArmTile, signal: SignalInstance) -> None:
        if tile.arm is not None:
            signal.emit(tile.arm.key)

    def _place(self) -> None:
        if not self.tiles:
            return
        room, beside = self.viewport().size(), _GAP
        head = self.tiles[0].label_height() + 2 * _PAD
        columns = best_columns(len(self.tiles), room, head)
        rows = -(-len(self.tiles) // columns)
        width = (room.width() - beside * (columns - 1)) // columns
        side = max(_LEAST, min(_MOST, (width - 3 * _PAD) // 2))
        height = max(head + _LEAST, min(head + side, (room.height() - _GAP * (rows - 1)) // rows))
        for index, tile in enumerate(self.tiles):
            row, column = divmod(index, columns)
            tile.setGeometry(column * (width + _GAP), row * (height + _GAP), width, height)
        self._content.resize(room.width(), rows * (height + _GAP) - _GAP)


def best_columns(count: int, room: QSize, head: int) -> int:
    """Return the number of columns that makes square pictures, two in a tile, largest in a room.

    Parameters
    ----------
    count : int
        Tiles, at least one.
    room : QSize
    head : int
        Height of a tile beside its pictures, in pixels.
    """

    def side(columns: int) -> float:
        rows = -(-count // columns)
        width = (room.width() - _GAP * (columns - 1)) / columns
        height = (room.height() - _GAP * (rows - 1)) / rows
        return min((width - 3 * _PAD) / 2, max(height - head, _LEAST))

    return max(range(1, count + 1), key=lambda columns: (side(columns), columns))


def _pictures(thumbnail: Thumbnail, levels: ArmLevels) -> tuple[QImage, ...]:
    fields = (thumbnail.amplitude, thumbnail.phase)
    return tuple(
        _picture(values, span, name) for values, span, name in zip(fields, levels, _MAPS, strict=True)
    )


def _picture(values: NDArray[np.float32], levels: Levels, colormap: str) -> QImage:
    """Colour an array; what is NaN stays transparent."""
    indices = color_indices(values, np.isfinite(values), levels)
    rows, cols = indices.shape
    image = QImage(indices.data, cols, rows, cols, QImage.Format.Format_Indexed8)
    image.setColorTable([0, *color_table(colormap)])
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # owns its bytes, scales smoothly


def _fitted(size: QSize, room: QRectF) -> QRectF:
    """Return where a picture of this size stands in a room, as large as it can be, in the middle."""
    scale = min(room.width() / max(size.width(), 1), room.height() / max(size.height(), 1))
    width, height = scale * size.width(), scale * size.height()
    return QRectF(room.center().x() - width / 2, room.center().y() - height / 2, width, height)
