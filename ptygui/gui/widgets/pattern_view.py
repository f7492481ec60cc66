"""One diffraction pattern on a logarithmic scale, measured and computed, with a slider through the scan."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QSlider, QSpinBox, QToolButton, QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.level_control import LevelControl, view_action
from ptygui.gui.widgets.levels import Levels, robust_levels, valid_samples
from ptygui.gui.widgets.linked_panes import LinkedPanes
from ptygui.gui.widgets.numbers import SPACE, grouped, significant
from ptygui.gui.widgets.quiet_line import QuietLine, stack_tightly

PATTERN_MAP = "matplotlib:inferno"
"""Perceptually uniform; the many dim pixels stay apart."""
_TITLE = "log₁₀(1 + counts)"


class PatternView(QWidget):
    """Shows log10(1 + I) of one pattern, and beside it what a picture explains of it.

    Bad pixels are grey, a colour that the map does not have.

    Patterns are numbered from 0, as in files and logs.
    """

    index_changed = Signal(int)
    """The user asks for another pattern; not emitted by `set_pattern`. Debounce it before reading."""
    computed_wanted = Signal(bool)
    """The user asks for the computed pattern, or does not want it any more."""
    cursor_text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pattern: NDArray[Any] = np.zeros((0, 0), np.float32)
        self._computed: NDArray[Any] | None = None
        self._good: NDArray[np.bool_] | None = None
        self.panes, self.line = LinkedPanes(), QuietLine()
        self._pane = self.panes.add_pane(_TITLE, log_counts, PATTERN_MAP, (0.0, np.inf))
        self._computed_pane = self.panes.add_pane("computed (log₁₀)", log_counts, PATTERN_MAP, (0.0, np.inf))
        self.panes.set_axis_labels("column (px)", "row (px)")
        self.action_fit = view_action(self, "fit-to-screen-outline", "Show the whole pattern", "F")
        self.action_fit.triggered.connect(self.panes.fit)
        self._levels = LevelControl(self, self.panes.panes, self._wanted_levels, linked=2)
        self.action_lock_levels, self.action_reset_levels = self._levels.lock, self._levels.reset
        self.line.readout_changed.connect(self.cursor_text_changed)
        self.panes.cursor_changed.connect(self._read_out)
        stack_tightly(self, self.panes, self._make_chooser(), self.line)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)
        self.clear()

    def set_pattern(
        self,
        pattern: NDArray[Any],
        index: int,
        n: int,
        bad_pixels: NDArray[np.bool_] | None = None,
        computed: NDArray[Any] | None = None,
    ) -> None:
        """Show a pattern (H, W) of counts, the `index`-th of `n`; bad pixels (H, W) are True.

        `computed`, (H, W) counts too, is shown beside it with the same levels.
        """
        self._pattern, self._computed = pattern, computed
        self._good = None if bad_pixels is None else ~bad_pixels
        bad = 0 if bad_pixels is None else int(bad_pixels.sum())
        self.line.note.setText(f"grey: {grouped(bad)} bad pixels" if bad else "")
        rows, cols = pattern.shape
        rect = QRectF(-0.5, -0.5, cols, rows)
        self._levels.update()
        self._pane.item.set_field(pattern, rect, self._good)
        self._show_computed(rect)
        self.panes.set_extent(rect)
        self._set_index(index, n)
        self._read_out()

    def clear(self) -> None:
        """Show nothing; the next pattern starts with its own levels."""
        self._pattern, self._computed, self._good = np.zeros((0, 0), np.float32), None, None
        self._levels.start_afresh()
        self._pane.item.set_field(self._pattern, QRectF())
        self._show_computed(QRectF())
        self._set_index(0, 0)
        self._read_out()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.panes.set_plot_colors(colors)
        self._pane.item.set_invalid_color(QColor(colors.axis))

    def offer_computed(self, offered: bool) -> None:
        """Say whether there is a picture that explains patterns."""
        self.computed_button.setVisible(offered)

    def _show_computed(self, rect: QRectF) -> None:
        shown = self._computed is not None
        self._computed_pane.set_visible(shown)
        self._pane.set_title("measured (log₁₀)" if shown else _TITLE)
        self._computed_pane.item.set_field(
            self._pattern[:0] if self._computed is None else self._computed, rect
        )

    def _make_chooser(self) -> QWidget:
        self.slider, self.box = QSlider(Qt.Orientation.Horizontal), QSpinBox()
        self.box.setKeyboardTracking(False)
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.setToolTip("Patterns are numbered from 0, as in the file.")
        self._count = text_label("", "muted")
        for control in (self.slider, self.box):
            control.valueChanged.connect(self._ask_for)
        chooser = QWidget()
        row = QHBoxLayout(chooser)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(8)
        row.addWidget(text_label("pattern", "muted"))
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        row.addWidget(self._count)
        row.addWidget(self._make_computed_button())
        return chooser

    def _make_computed_button(self) -> QToolButton:
        self.computed_button = QToolButton()
        self.computed_button.setText("computed")
        self.computed_button.setCheckable(True)
        self.computed_button.setChecked(True)
        self.computed_button.setToolTip("Show beside it the pattern that the picture on the screen explains")
        self.computed_button.toggled.connect(self.computed_wanted)
        self.offer_computed(False)
        return self.computed_button

    def _wanted_levels(self) -> tuple[Levels, Levels] | None:
        if self._pattern.size == 0:
            return None
        low, high = robust_levels(log_counts(valid_samples(self._pattern, self._good)))
        return ((max(low, 0.0), high),) * 2

    def _set_index(self, index: int, n: int) -> None:
        for control in (self.slider, self.box):
            control.blockSignals(True)
            control.setRange(0, max(n - 1, 0))
            control.setValue(index)
            control.setEnabled(n > 1)
            control.blockSignals(False)
        self._count.setText(f"of {grouped(n)}" if n else "")

    def _ask_for(self, index: int) -> None:
        for control in (self.slider, self.box):
            control.blockSignals(True)
            control.setValue(index)
            control.blockSignals(False)
        self.index_changed.emit(index)

    def _read_out(self) -> None:
        element = self._pane.item.element_at(self.panes.cursor)
        if element is None:
            self.line.set_readout("")
            return
        row, col = element
        self.line.set_readout(f"row {row}\u2002column {col}\u2003{self._value_text(element)}")

    def _value_text(self, element: tuple[int, int]) -> str:
        if self._good is not None and not self._good[element]:
            return "bad pixel"
        measured = f"{_number(float(self._pattern[element]))}{SPACE}counts"
        if self._computed is None:
            return measured
        return f"{measured}\u2003computed {_number(float(self._computed[element]))}"


def _number(counts: float) -> str:
    return grouped(counts) if counts % 1 == 0 else significant(counts)


def log_counts(counts: NDArray[Any]) -> NDArray[Any]:
    """Return log10(1 + counts); what is not finite or negative stays visible as nan or 0."""
    with np.errstate(invalid="ignore"):
        shown: NDArray[Any] = np.log10(1 + np.maximum(counts, 0))
    return shown
