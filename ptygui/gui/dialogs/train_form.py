"""The few settings of a training that matter most, from its name to where it runs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from ptygui.gui.presenters.train_offer import KINDS, TrainOffer
from ptygui.gui.presenters.train_words import at_most_words
from ptygui.gui.presenters.training_backend import SIZES, Size
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.form_controls import NumberBox
from ptygui.train.config import ENOUGH_STEPS, TrainConfig

NAMES = ("name", "generator", "neighbourhood", "minutes", "steps", "device")
"""The fields that have their controls here."""
_MINUTES, _EPOCHS, _STEPS = "minutes", "epochs", "steps"
_OWN_SIZE = "as loaded"


class TrainForm(QWidget):
    """Shows these fields of a configuration, and hands back what they are now."""

    changed = Signal()

    def __init__(self, offer: TrainOffer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offer, self._config = offer, offer.config
        self._named_after = offer.config.generator
        self.name = QLineEdit()
        self.kind, self.generator = QComboBox(), QComboBox()
        self.sizes, self.device = QComboBox(), QComboBox()
        self.neighbourhood = QSpinBox()
        self.neighbourhood.setRange(1, 10_000)
        self.budget, self.unit = NumberBox(), QComboBox()
        self.budget.setRange(0, ENOUGH_STEPS)
        for box in (self.neighbourhood, self.budget):
            box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.at_most = text_label("", "muted")
        self._fill()
        self._arrange()
        self._connect()

    def set_config(self, config: TrainConfig) -> None:
        """Show other settings, as one change."""
        self.blockSignals(True)
        self._config = config
        self.name.setText(config.name)
        self.kind.setCurrentText(
            next((words for words, one in KINDS.items() if isinstance(config.data, one)), "")
        )
        _choose(self.generator, config.generator)
        self._choose_size(self._offer.size_of(config))
        self.neighbourhood.setValue(config.neighbourhood)
        _choose(self.device, config.device)
        self.unit.setCurrentText(_STEPS if config.minutes is None else _MINUTES)
        self.budget.setValue(config.steps if config.minutes is None else config.minutes)
        self._show_at_most(at_most_words(config))
        self.blockSignals(False)

    @property
    def chosen_size(self) -> Size | None:
        """The size that is chosen, None if the configuration has another one."""
        return next((size for size in SIZES if size == self.sizes.currentText()), None)

    def values(self, others: dict[str, Any]) -> dict[str, Any]:
        """Return a configuration of plain values with what is chosen here put in."""
        generator, size = self.generator.currentText(), self.chosen_size
        own = others["generator_config"] if generator == self._config.generator else {}
        chosen = others | {
            "name": self.name.text().strip(),
            "generator": generator,
            "generator_config": own if size is None else self._offer.changes(generator, size),
            "neighbourhood": self.neighbourhood.value(),
            "device": self.device.currentText(),
        }
        return chosen | self._budget(chosen)

    def _budget(self, chosen: dict[str, Any]) -> dict[str, Any]:
        value, unit = self.budget.value(), self.unit.currentText()
        if unit == _MINUTES:
            kept = self._config.minutes is not None
            return {"minutes": value, "steps": self._config.steps if kept else ENOUGH_STEPS}
        if unit == _EPOCHS:
            per_step = chosen["neighbourhood"] * chosen["neighbourhoods_per_step"] * chosen["accumulate"]
            return {"minutes": None, "steps": self._offer.steps_in(value, per_step)}
        return {"minutes": None, "steps": round(value)}

    def _show_at_most(self, words: str) -> None:
        self.at_most.setText(words)
        self.at_most.setVisible(bool(words))

    def _fill(self) -> None:
        for one in self._offer.architectures:
            self.generator.addItem(one.name)
            self.generator.setItemData(
                self.generator.count() - 1, one.description, Qt.ItemDataRole.ToolTipRole
            )
        self.sizes.addItems(SIZES)
        self.device.addItems(list(self._offer.devices))
        self.kind.addItems(list(KINDS))
        self.unit.addItems([_MINUTES, _EPOCHS, _STEPS] if self._offer.patterns else [_MINUTES, _STEPS])
        self.set_config(self._offer.config)

    def _choose_size(self, size: Size | None) -> None:
        _choose(self.sizes, size or _OWN_SIZE)

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = (
            ("simulate", self.kind, "What the scans are made of"),
            ("name", self.name, "What the generator will be called"),
            ("architecture", self.generator, "Which kind of network is trained"),
            ("size", self.sizes, "A larger one may learn more, and takes longer"),
            ("neighbourhood", self.neighbourhood, "Overlapping patterns that have to agree on one picture"),
            ("budget", self._budget_row(), "When the training ends by itself; it can be stopped before"),
            ("device", self.device, "Where is computed"),
        )
        for row, (label, control, tip) in enumerate(rows[0 if self._offer.is_simulated else 1 :]):
            words = text_label(label, "muted")
            for widget in (words, control):
                widget.setToolTip(tip)
            control.setAccessibleName(label)
            grid.addWidget(words, row, 0)
            grid.addWidget(control, row, 1)

    def _budget_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.budget, 1)
        row.addWidget(self.unit, 1)
        row.addWidget(self.at_most)
        return holder

    def _connect(self) -> None:
        self.name.textChanged.connect(self.changed)
        self.generator.currentTextChanged.connect(self._rename)
        for combo in (self.generator, self.sizes, self.device):
            combo.currentTextChanged.connect(self.changed)
        self.neighbourhood.valueChanged.connect(self.changed)
        self.budget.valueChanged.connect(self.changed)
        self.unit.activated.connect(self._suggest_budget)

    def _rename(self, generator: str) -> None:
        """Let a name that begins with the architecture follow it."""
        before, self._named_after = self._named_after, generator
        name = self.name.text()
        if name.startswith(before) and not self.signalsBlocked():
            self.name.setText(generator + name.removeprefix(before))

    def _suggest_budget(self) -> None:
        """Put in a number that makes sense in the unit that was chosen."""
        before = self.budget.value()
        self.budget.setValue(_USUAL[self.unit.currentText()])
        self._show_at_most("")
        if self.budget.value() == before:
            self.changed.emit()


_USUAL = {_MINUTES: 5.0, _EPOCHS: 20.0, _STEPS: 2000.0}


def _choose(combo: QComboBox, text: str) -> None:
    """Choose an item; one that is not offered is offered from now on."""
    if combo.findText(text) < 0:
        combo.addItem(text)
    combo.setCurrentText(text)
