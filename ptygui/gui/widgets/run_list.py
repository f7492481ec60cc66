"""The list of runs: choose one, draw the curves of any, and do what can be done with the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelection, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QWidget

from ptygui.gui.presenters.training_screen import RunRow
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.run_delegate import RunDelegate, toggle
from ptygui.gui.widgets.run_model import RunModel


class RunList(QListView):
    """Keeps choice and place while its rows change.

    Space draws the curves of the chosen run or takes them away; `menu` opens over a run.
    """

    run_chosen = Signal(Path)
    run_overlaid = Signal(Path, bool)
    renamed = Signal(Path, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunModel(self)
        self.delegate = RunDelegate(self)
        self.setModel(self.runs)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName("Training runs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.menu = QMenu(self)
        self.runs.overlaid.connect(self.run_overlaid)
        self.runs.renamed.connect(self.renamed)

    def set_rows(self, rows: Sequence[RunRow], chosen: Path | None) -> None:
        """Show these runs; nothing is told, and an open editor stays open."""
        self.selectionModel().blockSignals(True)
        self.runs.set_rows(rows)
        at = self.runs.position(chosen)
        if at is None:
            self.clearSelection()
            self.viewport().update()
        elif self.currentIndex().row() != at or not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.runs.index(at))
            self.viewport().update()  # which the selection, silent here, does not ask for
        self.selectionModel().blockSignals(False)

    def rename_chosen(self) -> None:
        """Let the user write another name in the place of the present one."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.delegate.colors = colors
        self.viewport().update()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:  # noqa: N802
        """Tell which run the user chose (called by Qt)."""
        super().selectionChanged(selected, deselected)
        for index in selected.indexes():
            self.run_chosen.emit(self.runs.rows[index.row()].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt)
        """Space draws a run or takes it away."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            toggle(self.runs, self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open_menu(self, place: QPoint) -> None:
        if self.indexAt(place).isValid():
            self.menu.popup(self.viewport().mapToGlobal(place))
