"""How far the run is, and what it reached."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ptygui.core.events import Progress, StageResult
from ptygui.gui.presenters.run_words import progress_words, result_table
from ptygui.gui.widgets.cards import text_label

_BAR_STEPS = 1000
_AFTER_LAST_COLUMN = 9


class ProgressPanel(QWidget):
    """A bar with words, and a small table of what each stage reached."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = text_label()
        self.pace = text_label("", "muted")
        self.bar = QProgressBar()
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(28)
        self._table.setVerticalSpacing(4)
        self._arrange()
        self.show_outcome("Nothing is running.")

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.words)
        row.addWidget(self.bar, 1)
        row.addWidget(self.pace)
        row.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(10)
        column.addLayout(row)
        column.addLayout(self._table)
        column.addStretch(1)

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is, how fast, and how long it still takes."""
        words, pace = progress_words(progress)
        self.words.setText(words)
        self.pace.setText(pace)
        share = progress.done / progress.total if progress.total else 0.0
        self.bar.setValue(round(_BAR_STEPS * share))
        self.bar.show()
        self.pace.setVisible(bool(pace))

    def show_outcome(self, words: str) -> None:
        """Say how it ended."""
        self.words.setText(words)
        self.bar.reset()
        for part in (self.bar, self.pace):
            part.hide()

    def show_stages(self, stages: Sequence[StageResult]) -> None:
        """Show what each kept picture reached; none empties the table."""
        while item := self._table.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for row, cells in enumerate(result_table(stages)):
            for column, (text, tip) in enumerate(cells):
                self._add_cell(row, column, text, tip)
        self._table.setColumnStretch(_AFTER_LAST_COLUMN, 1)

    def _add_cell(self, row: int, column: int, text: str, tip: str) -> None:
        label = text_label(text, "muted" if row == 0 or column == 0 else None)
        label.setToolTip(tip)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
        self._table.addWidget(label, row, column, side)
