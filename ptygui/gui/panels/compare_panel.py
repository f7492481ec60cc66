"""The Compare tab: which two pictures, and what of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from ptygui.gui.panels.controls import fill_combo, narrow_combo
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import action_buttons, text_label
from ptygui.gui.widgets.compare_view import CompareView

if TYPE_CHECKING:
    from ptygui.gui.comparison import Comparison


class ComparePanel(QWidget):
    """Two choosers above the pictures (presenters.compare_presenter.CompareScreen)."""

    chosen = Signal(int, int)
    looked_at = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = CompareView()
        self.first, self.second = narrow_combo("Picture A"), narrow_combo("Picture B")
        for combo in (self.first, self.second):
            combo.activated.connect(self._choose)
        self.phase_button = _toggle("phase", "Show phases instead of amplitudes")
        self.phase_button.toggled.connect(self.view.show_phase)
        self.blink_button = _toggle("blink", "Show A and B in turn, where A stands")
        self.blink_button.toggled.connect(self.view.blink)
        self.empty = text_label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_head())
        column.addLayout(self._stack, 1)

    def _make_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        for name, combo in (("A", self.first), ("B", self.second)):
            row.addWidget(text_label(name, "heading"))
            row.addWidget(combo, 1)
        row.addWidget(self.phase_button)
        row.addWidget(self.blink_button)
        view = self.view
        row.addWidget(action_buttons([view.action_fit, view.action_lock_levels, view.action_reset_levels]))
        return row

    def show_candidates(self, names: Sequence[str], first: int | None, second: int | None) -> None:
        """Offer pictures, with two chosen."""
        fill_combo(self.first, names, first)
        fill_combo(self.second, names, second)

    def show_comparison(self, comparison: Comparison, words: str, note: str) -> None:
        """Show two pictures and their difference; `note` says what the display removed."""
        self.view.set_comparison(comparison)
        self.view.line.set_caption(words)
        self.view.line.caption.setToolTip(f"{words}\n{note}")
        self._stack.setCurrentWidget(self.view)

    def show_nothing(self, why: str) -> None:
        """Show no pictures and say why."""
        self.empty.setText(why)
        self._stack.setCurrentWidget(self.empty)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.view.set_plot_colors(colors)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt)
        """Say that somebody looks."""
        super().showEvent(event)
        self.looked_at.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt)
        """Say that nobody looks any more, and blink no more."""
        super().hideEvent(event)
        self.blink_button.setChecked(False)
        self.looked_at.emit(False)

    def _choose(self) -> None:
        first, second = self.first.currentIndex(), self.second.currentIndex()
        for combo in (self.first, self.second):
            combo.setToolTip(combo.currentText())
        if min(first, second) >= 0:
            self.chosen.emit(first, second)


def _toggle(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button
