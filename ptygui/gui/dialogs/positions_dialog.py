"""The dialog for a file with positions: its first rows, columns and unit, and the path drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.presenters.positions_presenter import UNITS, PositionsPresenter, PositionsView
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import StatusLevel, StatusSentence, flat_button, text_label
from ptygui.gui.widgets.position_map import PositionMap

_SIZE = (760, 600)


class PositionsDialog(QDialog):
    """Fulfils presenters.positions_presenter.PositionsView."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Positions")
        self.resize(*_SIZE)
        self._presenter: PositionsPresenter | None = None
        self.name, self.words = text_label("", "heading"), text_label("", "muted")
        self.table, self.map, self.problem = _Table(), PositionMap(), StatusSentence()
        self.map.action_path.setChecked(True)
        self.map.line.hide()
        self.x_combo, self.y_combo, self.unit_combo = QComboBox(), QComboBox(), QComboBox()
        for combo, name in ((self.x_combo, "x"), (self.y_combo, "y"), (self.unit_combo, "unit")):
            combo.setAccessibleName(name)
            combo.activated.connect(self._choose)
        self.unit_combo.addItems([words for _, words in UNITS])
        self.swap_button = flat_button("swap-horizontal", "Exchange x and y")
        self.swap_button.clicked.connect(self._swap)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use_button = QPushButton("Use these positions")
        self.use_button.setProperty("role", "primary")
        self.use_button.setDefault(True)
        self.buttons.addButton(self.use_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.use_button.clicked.connect(self._use)
        self.buttons.rejected.connect(self.reject)
        self._arrange()

    def present(self, make: Callable[[PositionsView], PositionsPresenter]) -> None:
        """Take the presenter that decides."""
        self._presenter = make(self)

    def show_file(self, name: str, words: str) -> None:
        """Say which file it is, and what is in it."""
        self.name.setText(name)
        self.words.setText(words)

    def show_table(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show the first rows."""
        self.table.show_rows(names, rows)
        for combo in (self.x_combo, self.y_combo):
            combo.clear()
            combo.addItems(list(names))

    def show_choice(self, x: int, y: int, unit: int) -> None:
        """Show the columns and the unit that are chosen."""
        for combo, index in ((self.x_combo, x), (self.y_combo, y), (self.unit_combo, unit)):
            with QSignalBlocker(combo):
                combo.setCurrentIndex(index)

    def show_path(self, positions: NDArray[np.float64]) -> None:
        """Draw the path, in the unit of the file."""
        self.map.set_positions(_spread(positions))
        self.map.set_axis_labels("x (% of the path)", "y (% of the path)")
        self.map.set_selected(0 if len(positions) else None)

    def show_problem(self, words: str, level: str) -> None:
        """Say what is wrong, or odd."""
        self.problem.set(cast("StatusLevel", level), words)

    def allow_use(self, allowed: bool) -> None:
        """Enable the button that uses it."""
        self.use_button.setEnabled(allowed)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.map.set_plot_colors(colors)

    def _arrange(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(8)
        for label, combo, share in (("x", self.x_combo, 1), ("y", self.y_combo, 1)):
            choices.addWidget(text_label(label, "muted"))
            choices.addWidget(combo, share)
        choices.addWidget(self.swap_button)
        choices.addSpacing(8)
        choices.addWidget(text_label("unit", "muted"))
        choices.addWidget(self.unit_combo, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(10)
        for widget in (self.name, self.words, self.table):
            column.addWidget(widget)
        column.addLayout(choices)
        column.addWidget(self.map, 1)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)

    @Slot()
    def _choose(self) -> None:
        if self._presenter is not None:
            self._presenter.choose(
                self.x_combo.currentIndex(), self.y_combo.currentIndex(), self.unit_combo.currentIndex()
            )

    @Slot()
    def _swap(self) -> None:
        if self._presenter is not None:
            self._presenter.swap()

    @Slot()
    def _use(self) -> None:
        if self._presenter is not None:
            self._presenter.use()
            self.accept()


class _Table(QTableWidget):
    """A few rows to read."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setFixedHeight(140)

    def show_rows(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these."""
        self.setColumnCount(len(names))
        self.setRowCount(len(rows))
        self.setHorizontalHeaderLabels(list(names))
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                item = QTableWidgetItem(value)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)


def _spread(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale positions in any unit to numbers that an axis writes well: only the shape of the path counts."""
    extent = float(np.ptp(positions, axis=0).max()) if len(positions) else 0.0
    if extent == 0:
        return positions - positions.mean(axis=0) if len(positions) else positions
    return np.asarray((positions - positions.min(axis=0)) * (100 / extent), np.float64)
