"""The curves of the Training tab: two quantities side by side, the names of the runs above them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QSlider,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.panels.controls import fill_combo, narrow_combo
from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import flat_button, text_label
from ptygui.gui.widgets.plot_export import save_plots
from ptygui.gui.widgets.quantity import Quantity, quantities
from ptygui.gui.widgets.run_curve import Scale
from ptygui.gui.widgets.run_legend import RunLegend
from ptygui.gui.widgets.run_plot import RunPlot
from ptygui.gui.widgets.turns import Turns

_DEFAULTS = ("Loss", "Canvas residual")
_EXPORTS = {"csv": "Curves as CSV…", "png": "Plots as PNG…", "svg": "Plots as SVG…"}
_SMOOTHING = 80
_SPARE = 40


class PlotWithChoice(QWidget):
    """A plot below the choice of its quantity."""

    def __init__(self, default: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = RunPlot()
        self.combo = narrow_combo("Quantity")
        self.combo.setMinimumContentsLength(13)
        self.all_button = flat_button("fit-to-screen-outline", "Show the whole curves again")
        self.all_button.hide()
        self.line_words = text_label("", "muted")
        self.line_words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._wanted = default
        self._offered: list[Quantity] = []
        self.combo.activated.connect(self._choose)
        self.all_button.clicked.connect(self.plot.fit)
        self.plot.zoom_changed.connect(self.all_button.setVisible)
        self._lay_out()
        self._offer_none()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(6, 0, 6, 0)
        head.setSpacing(8)
        for widget, share in ((self.combo, 0), (self.line_words, 1), (self.all_button, 0)):
            head.addWidget(widget, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.plot, 1)

    def show_runs(self, runs: Sequence[DrawnRun], offered: list[Quantity], instead: int) -> None:
        """Draw these runs; the quantity that the user chose, or else `instead`."""
        self.plot.set_runs(runs)
        self._offer(offered, instead)

    def _offer(self, offered: list[Quantity], instead: int) -> None:
        names = [quantity.name for quantity in offered]
        if not names:
            self._offer_none()
            return
        at = names.index(self._wanted) if self._wanted in names else min(instead, len(names) - 1)
        if names != [quantity.name for quantity in self._offered] or at != self.combo.currentIndex():
            fill_combo(self.combo, names, at)
        self._offered = offered
        self._draw(offered[at])

    def _offer_none(self) -> None:
        """Say what will be drawn as soon as there is something."""
        fill_combo(self.combo, [self._wanted], 0)
        self.combo.setEnabled(False)
        self._offered = []
        self._draw(None)

    def _choose(self, at: int) -> None:
        self._wanted = self._offered[at].name
        self._draw(self._offered[at])

    def _draw(self, quantity: Quantity | None) -> None:
        self.plot.set_quantity(quantity)
        self.line_words.setText(self.plot.line_words())
        self.line_words.setToolTip(self.plot.line_words())


class TrainingCurves(QWidget):
    """Two plots, one legend, one set of controls."""

    run_hidden = Signal(Path, bool)
    export_wanted = Signal(str)

    def __init__(self, turns: Turns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turns = turns
        self._runs: Sequence[DrawnRun] = ()
        self._colors = DEFAULT_PLOT_COLORS
        self.legend = RunLegend()
        self.parts = tuple(PlotWithChoice(name) for name in _DEFAULTS)
        self.plots = tuple(part.plot for part in self.parts)
        self._make_controls()
        self._lay_out()
        self.legend.run_hidden.connect(self.run_hidden)
        self._rescale()

    def _make_controls(self) -> None:
        self.x_combo = QComboBox()
        self.x_combo.addItems(["by step", "by time"])
        self.x_combo.setAccessibleName("Horizontal axis")
        self.x_combo.activated.connect(self._rescale)
        self.log_button = QToolButton()
        self.log_button.setText("log")
        self.log_button.setCheckable(True)
        self.log_button.setToolTip("Draw the values on a logarithmic axis")
        self.log_button.toggled.connect(self._rescale)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setValue(_SMOOTHING)
        self.smoothing.setFixedWidth(72)
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip("How much the line over a noisy curve is smoothed")
        self.smoothing.valueChanged.connect(self._rescale)
        self.smoothing_words = text_label("", "muted")
        self.export_button = flat_button("export-variant", "Export the curves")
        menu = QMenu(self)
        for kind, words in _EXPORTS.items():
            menu.addAction(words).triggered.connect(lambda _=False, kind=kind: self.export_wanted.emit(kind))
        self.export_button.setMenu(menu)
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _lay_out(self) -> None:
        self._controls = controls = QHBoxLayout()
        controls.setSpacing(8)
        controls.addStretch(1)
        for widget in (
            self.smoothing_words,
            self.smoothing,
            self.x_combo,
            self.log_button,
            self.export_button,
        ):
            controls.addWidget(widget)
        self._head = head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        head.setContentsMargins(8, 2, 6, 0)
        head.setSpacing(4)
        head.addWidget(self.legend, 1)
        head.addLayout(controls)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setChildrenCollapsible(False)
        sides.setHandleWidth(6)
        for part in self.parts:
            sides.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(sides, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt)
        """Put the names above the controls where there is no room beside them."""
        super().resizeEvent(event)
        self._arrange_head()

    def _arrange_head(self) -> None:
        direction = QBoxLayout.Direction
        room = self.width() - self._controls.sizeHint().width() - _SPARE
        is_narrow = self.legend.one_line_width() > room
        self._head.setDirection(direction.TopToBottom if is_narrow else direction.LeftToRight)

    def show_curves(self, runs: Sequence[DrawnRun]) -> None:
        """Draw the curves of these runs over each other, one plot a turn."""
        self._runs = runs
        self.legend.set_runs(runs)
        self._arrange_head()
        offered = quantities(key for run in runs for key in run.series)
        for instead, part in enumerate(self.parts):
            self._turns.put(f"plot {instead}", partial(part.show_runs, runs, offered, instead))

    def save_plots(self, path: Path) -> None:
        """Write both plots as PNG or SVG, by the suffix; raises OSError."""
        self._turns.finish()
        save_plots(path, self.plots, self._runs, self._colors)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self._colors = colors
        self.legend.set_plot_colors(colors)
        for plot in self.plots:
            plot.set_plot_colors(colors)

    def _rescale(self) -> None:
        share = self.smoothing.value() / 100
        self.smoothing_words.setText(f"smoothing {share:.2f}")
        scale = Scale(self.x_combo.currentIndex() == 1, self.log_button.isChecked(), share)
        for plot in self.plots:
            plot.set_scale(scale)
