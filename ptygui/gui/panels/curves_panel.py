"""The Curves tab: how a refinement goes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QToolButton, QWidget

from ptygui.gui.presenters.curves_presenter import Curves
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.residual_plot import ResidualPlot, epoch_readout

_NONE_YET = "No curves yet: press Refine."


class CurvesPanel(QWidget):
    """Residuals by epoch (presenters.curves_presenter.CurvesScreen)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = ResidualPlot()
        self.empty = text_label(_NONE_YET, "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._last = ""
        self.corner = self._make_corner()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.plot)
        self.plot.readout_changed.connect(self._read_out)

    def _make_corner(self) -> QWidget:
        self.words = text_label("", "muted")
        self.log_button = QToolButton()
        self.log_button.setText("log axis")
        self.log_button.setCheckable(True)
        self.log_button.setToolTip("Draw the residuals on a logarithmic axis")
        self.log_button.toggled.connect(self.plot.set_log)
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(14)
        for widget in (self.words, self.log_button):
            row.addWidget(widget)
        return corner

    def show_curves(self, curves: Curves | None) -> None:
        """Draw the curves so far; None says that there are none yet."""
        self._stack.setCurrentWidget(self.empty if curves is None else self.plot)
        if curves is None:
            return
        self.plot.plot.set_title(curves.title)
        self.plot.set_epochs(curves.epochs, None if curves.start is None else curves.start.r1)
        self._last = epoch_readout(curves.epochs[-1]) if curves.epochs else ""
        self._read_out("")

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.plot.set_plot_colors(colors)

    def _read_out(self, words: str) -> None:
        """Say what is under the cursor, or else how the last epoch ended."""
        self.words.setText(words or self._last)
