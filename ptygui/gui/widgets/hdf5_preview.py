"""What the selected node of an HDF5 file looks like: a picture, a curve or words, and its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import WrappingLabel
from ptygui.gui.widgets.line_plot import LinePlot
from ptygui.gui.widgets.pattern_view import PatternView

if TYPE_CHECKING:
    from ptygui.io.tree import Node, Preview

_SHOWN_ATTRIBUTES = 6


class Hdf5Preview(QWidget):
    """Shows one node; asks for another frame of a stack."""

    frame_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture, self.curve, self.words = PatternView(), LinePlot("index", "value"), WrappingLabel()
        self.caption = WrappingLabel()
        self.caption.setProperty("role", "muted")
        self._line = self.curve.add_curve("values")
        self.picture.index_changed.connect(self.frame_wanted)
        self._words_page = QWidget()
        page = QVBoxLayout(self._words_page)
        page.setContentsMargins(12, 10, 12, 10)
        page.addWidget(self.words)
        page.addStretch(1)
        self.stack = QStackedWidget()
        for widget in (self._words_page, self.picture, self.curve):
            self.stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.stack, 1)
        column.addWidget(self.caption)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)
        self.show_words("Select a node to look at it.")

    def show_node(self, node: Node) -> None:
        """Say what is known of a node before anything of it is read."""
        lines = [node.path + (f" → {node.target}" if node.target else "")]
        lines += [f"{name} = {text}" for name, text in node.attributes[:_SHOWN_ATTRIBUTES]]
        if len(node.attributes) > _SHOWN_ATTRIBUTES:
            lines.append(f"… {len(node.attributes) - _SHOWN_ATTRIBUTES} more attributes")
        self.caption.setText("\n".join(lines))
        if node.problem:
            self.show_words(node.problem)
        elif node.kind == "group":
            self.show_words("A group: open it to see what is in it.")

    def show_preview(self, preview: Preview) -> None:
        """Show what was read."""
        if preview.picture is not None:
            self.picture.set_pattern(preview.picture, preview.index, preview.count)
            self.picture.line.note.setText(f"every {preview.stride}th pixel" if preview.stride > 1 else "")
            self.stack.setCurrentWidget(self.picture)
        elif preview.curve is not None:
            self._show_curve(preview)
        else:
            self.show_words(preview.words)

    def show_words(self, words: str) -> None:
        """Show words instead of a picture."""
        self.words.setText(words)
        self.stack.setCurrentWidget(self._words_page)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.picture.set_plot_colors(colors)
        self.curve.set_plot_colors(colors)
        self.curve.color_curve(self._line, colors.accent)

    def _show_curve(self, preview: Preview) -> None:
        values = preview.curve
        assert values is not None  # held by the caller
        index = np.arange(len(values), dtype=np.float64) * preview.stride
        finite = values[np.isfinite(values)]
        self._line.setData(index, values, connect="finite")
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        self.curve.set_title(preview.words)
        self.curve.show_range((0.0, max(float(index[-1]), 1.0)), (low, high))
        self.stack.setCurrentWidget(self.curve)
