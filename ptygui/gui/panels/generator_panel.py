"""Card 2: the generator, what it is and how it fits the scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ptygui.generators.contract import BundleCard, FitSentence
from ptygui.gui.icons import icon
from ptygui.gui.panels.controls import fill_combo, narrow_combo, square_button
from ptygui.gui.presenters.card_facts import card_facts, fit_summary
from ptygui.gui.widgets.cards import (
    Card,
    FactRows,
    StatusLevel,
    StatusSentence,
    secondary_button,
    text_label,
)

_LEVELS: dict[Literal["ok", "warning", "problem"], StatusLevel] = {
    "ok": "ok",
    "warning": "warning",
    "problem": "error",
}


class GeneratorPanel(Card):
    """The generator card (presenters.generator_presenter.GeneratorView)."""

    chosen = Signal(int)
    open_requested = Signal()
    train_requested = Signal()
    can_train_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Generator", 2, parent)
        self.combo = narrow_combo("Trained generators")
        self.combo.activated.connect(self.chosen)
        self.open_button = square_button("folder-open-outline", "Open a trained generator (Ctrl+G)")
        self.open_button.clicked.connect(self.open_requested)
        self.train_button = secondary_button("Train on this scan…", icon("school-outline"))
        self.train_button.clicked.connect(self.train_requested)
        self._may_choose = True
        self.facts = FactRows()
        self.none = text_label(
            "No trained generator is installed: open one from a file, or train one.", "muted"
        )
        self.none.setWordWrap(True)
        self._fit = QVBoxLayout()
        self._fit.setSpacing(4)
        self.fit_sentences: list[StatusSentence] = []
        self.caution, self.advice = StatusSentence(), StatusSentence()
        self._arrange()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.combo, 1)
        row.addWidget(self.open_button)
        self.body.addLayout(row)
        self.add(self.none)
        self.add(self.facts)
        self.body.addLayout(self._fit)
        self.add(self.caution)
        self.add(self.advice)
        self.add(self.train_button)
        self.show_searching()
        self.allow_training(False, "Open a scan to train a generator on it")

    def allow_choice(self, allowed: bool) -> None:
        """Allow or forbid choosing another generator."""
        self._may_choose = allowed
        self.combo.setEnabled(allowed and self.combo.count() > 0)
        self.open_button.setEnabled(allowed)

    def allow_training(self, allowed: bool, why: str) -> None:
        """Allow training on the open scan, or not; `why` says what the button does, or what is missing."""
        self.train_button.setEnabled(allowed)
        self.train_button.setToolTip(why)
        self.can_train_changed.emit(allowed)

    def show_searching(self) -> None:
        """Say that generators are being looked for."""
        self.show_generators(["looking for generators…"], 0)
        self.combo.setEnabled(False)
        self.facts.hide()

    def show_generators(self, names: Sequence[str], chosen: int | None) -> None:
        """Offer generators."""
        fill_combo(self.combo, names, chosen)
        self.combo.setEnabled(self._may_choose and bool(names))
        self.none.setVisible(not names)
        if not names:
            self.show_card(None)

    def show_card(self, card: BundleCard | None) -> None:
        """Show what the chosen one is."""
        self.facts.setVisible(card is not None)
        if card is not None:
            self.facts.set_rows(card_facts(card))

    def show_fit(self, sentences: Sequence[FitSentence]) -> None:
        """Say how it fits; nothing without a scan."""
        for old in self.fit_sentences:
            self._fit.removeWidget(old)
            old.hide()
            old.deleteLater()
        everything = "\n".join(sentence.text for sentence in sentences)
        self.fit_sentences = [
            self._add_fit_sentence(sentence, everything) for sentence in fit_summary(sentences)
        ]

    def show_caution(self, words: str, why: str) -> None:
        """Say quietly what a good fit does not promise; empty for nothing."""
        self.caution.set("info", words, why)

    def show_advice(self, words: str) -> None:
        """Say why this one was chosen, or that another one fits; empty for nothing."""
        self.advice.set("info", words)

    def _add_fit_sentence(self, sentence: FitSentence, tip: str) -> StatusSentence:
        widget = StatusSentence()
        self._fit.addWidget(widget)  # first of all: shown alone it would flash as a window of its own
        widget.set(_LEVELS[sentence.level], sentence.text, tip)
        return widget
