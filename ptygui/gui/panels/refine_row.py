"""How and what to refine: one row of the go card."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ptygui.gui.panels.controls import fill_combo, narrow_combo, square_button
from ptygui.gui.widgets.cards import text_label


class RefineRow(QWidget):
    """The presets and the way to all settings (presenters.refine_presenter.RefineView)."""

    way_chosen = Signal(int)
    settings_requested = Signal()
    words_changed = Signal(str)
    """What Refine would do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start_words = text_label("", "muted")
        self.combo = narrow_combo("Ways of refining")
        self.combo.activated.connect(self.way_chosen)
        self.settings_button = square_button("tune-variant", "All settings of the refinement")
        self.settings_button.clicked.connect(self.settings_requested)
        self._start, self._way = "", ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.start_words)
        row.addWidget(self.combo, 1)
        row.addWidget(self.settings_button)

    def show_ways(self, names: Sequence[str], chosen: int, words: str) -> None:
        """Offer ways of refining; `words` says what the chosen one does."""
        fill_combo(self.combo, names, chosen)
        self.combo.setToolTip(words)
        self._way = words
        self._tell()

    def show_start(self, short: str, words: str) -> None:
        """Say what would be refined."""
        self.start_words.setText(short)
        self.start_words.setToolTip(words)
        self._start = words
        self._tell()

    def _tell(self) -> None:
        self.words_changed.emit(f"{self._start} (Ctrl+Shift+R).\n{self._way}")
