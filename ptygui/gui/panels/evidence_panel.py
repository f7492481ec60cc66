"""The tab 'How good?': what speaks for the picture on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ptygui.core.judgement import Judgement, Level
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import StatusLevel, StatusSentence, WrappingLabel
from ptygui.gui.widgets.correlation_plot import CorrelationPlot

if TYPE_CHECKING:
    from ptygui.core.frc import RingCorrelation

_LEVELS: dict[Level, StatusLevel] = {"ok": "ok", "warning": "warning", "problem": "error", "info": "info"}
_INDENT = 18
"""Where the words of a sentence begin, after its dot."""


class EvidencePanel(QWidget):
    """Sentences beside a correlation (presenters.evidence_presenter.EvidenceScreen)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentences: list[StatusSentence] = []
        self.missing = StatusSentence()
        self.plot = CorrelationPlot()
        self.plot.setToolTip("Two halves of the patterns, refined apart: how far into the details they agree")
        self.plot.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(20)
        row.addWidget(self._make_list(), 3)
        row.addWidget(self.plot, 2)

    def _make_list(self) -> QScrollArea:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(5)
        self._list = QVBoxLayout()
        self._list.setSpacing(5)
        column.addLayout(self._list)
        column.addWidget(self.missing)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        return scroll

    def show_judgements(self, judgements: Sequence[Judgement], missing: str) -> None:
        """List what speaks for and against the picture; `missing` says what is not known of it."""
        while item := self._list.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.sentences = [_sentence(judgement) for judgement in judgements]
        for judgement, sentence in zip(judgements, self.sentences, strict=True):
            self._list.addWidget(sentence)
            if judgement.level in ("warning", "problem"):
                self._list.addWidget(_advice(judgement.meaning))
        self.missing.set("info", missing)

    def show_half_scan(self, correlation: RingCorrelation | None) -> None:
        """Show how far into the details two halves of the scan agree, where that is known."""
        self.plot.set_correlation(correlation)
        self.plot.setVisible(correlation is not None)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.plot.set_plot_colors(colors)


def _sentence(judgement: Judgement) -> StatusSentence:
    widget = StatusSentence()
    widget.set(_LEVELS[judgement.level], judgement.words, f"{judgement.what}: {judgement.meaning}")
    return widget


def _advice(words: str) -> WrappingLabel:
    """Say below a sentence that calls for something what that is."""
    label = WrappingLabel(words)
    label.setProperty("role", "muted")
    label.setContentsMargins(_INDENT, 0, 0, 0)
    return label
