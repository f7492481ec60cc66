"""What to train, on what, how large and for how long; the training starts from here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgspec
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.dialogs.train_form import NAMES, TrainForm
from ptygui.gui.presenters.train_dialog_presenter import TrainDialogPresenter
from ptygui.gui.presenters.train_offer import KINDS, TrainOffer
from ptygui.gui.widgets.cards import StatusSentence, WrappingLabel, primary_button, secondary_button
from ptygui.gui.widgets.form_fields import convert
from ptygui.gui.widgets.parameter_form import ParameterForm
from ptygui.train.config import MeasuredScan, SimulatedFamily, SimulatedLines, TrainConfig

_WIDTH, _HIGH = 500, 760
_FILES = "Training settings (*.toml)"
Simulation = SimulatedLines | SimulatedFamily


class TrainDialog(QDialog):
    """Edits a training configuration (presenters.train_dialog_presenter.TrainDialogView)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_WIDTH, self.height())
        self.subject, self.summary, self.problem = WrappingLabel(), StatusSentence(), StatusSentence()
        self.subject.setProperty("role", "heading")
        self.summary.setMinimumHeight(2 * self.fontMetrics().lineSpacing())  # what comes late moves nothing
        self.all_button = QToolButton()
        self.all_button.setText("All settings")
        self.all_button.setCheckable(True)
        self.all_button.setAutoRaise(True)
        self.all_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.all_button.setArrowType(Qt.ArrowType.RightArrow)
        self.all_button.toggled.connect(self._show_all)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.hide()
        self._make_buttons()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt)
        """Be as high as it takes, now that the width is known."""
        super().showEvent(event)
        self._fit()

    def present(self, make: Callable[[TrainDialog], TrainDialogPresenter]) -> None:
        """Let a presenter, made for this view, decide; it shows an offer at once."""
        self._presenter = make(self)
        self.finished.connect(self._presenter.close)
        self._look()

    # What the presenter shows.

    def show_offer(self, offer: TrainOffer) -> None:
        """Show what there is to choose, and the settings to begin with."""
        self.setWindowTitle("Train on simulated objects" if offer.is_simulated else "Train on this scan")
        self.subject.setText(offer.subject)
        self.form = TrainForm(offer)
        self._make_forms(offer.config)
        self.form.kind.textActivated.connect(self._simulate)
        self.form.changed.connect(self._look)
        self._arrange()

    def show_config(self, config: TrainConfig) -> None:
        """Show other settings."""
        self.form.set_config(config)
        self._make_forms(config)
        self._look()

    def show_summary(self, words: str, is_warning: bool, how: str = "") -> None:
        """Say what would be trained and how long it takes, and how that was found."""
        self.summary.set("warning" if is_warning else "info", words, how)

    def show_problem(self, words: str) -> None:
        """Say what is wrong; empty for nothing."""
        self.problem.set("error", words)

    def allow_start(self, allowed: bool) -> None:
        """Enable the button that starts, or not."""
        self.start_button.setEnabled(allowed)
        self.save_button.setEnabled(allowed)

    def leave(self) -> None:
        """Close: the training has started."""
        self.accept()

    # What the user does.

    @Slot()
    def ask_for_settings(self) -> None:
        """Let the user choose a file with settings."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Load settings", str(Path.home()), _FILES)
        if chosen:
            self._presenter.load(Path(chosen))

    @Slot()
    def ask_where_to_save(self) -> None:
        """Let the user choose where the settings are written; Qt asks before a file is replaced."""
        proposed = str(Path.home() / f"{self.form.name.text().strip() or 'training'}.toml")
        chosen, _ = QFileDialog.getSaveFileName(self, "Save settings", proposed, _FILES)
        if chosen:
            self._presenter.save(Path(chosen))

    @Slot()
    def _look(self) -> None:
        self._presenter.look(*convert(self._values(), TrainConfig))

    def _values(self) -> dict[str, Any]:
        values = self.form.values(self.settings.values())
        if self.simulation is not None:
            values["data"] = self.simulation.values()
        return values

    @Slot(str)
    def _simulate(self, words: str) -> None:
        """Take another kind of simulation, as it comes."""
        self._make_forms(_with_data(self._values(), KINDS[words]()))
        self._look()

    @Slot(bool)
    def _show_all(self, shown: bool) -> None:
        self.area.setVisible(shown)
        self.all_button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self._fit()

    def _fit(self) -> None:
        """Be as high as what is shown needs; the layout itself asks for more when sentences get longer."""
        cast("QVBoxLayout", self.layout()).activate()
        high = min(_HIGH, self.screen().availableGeometry().height())
        self.resize(self.width(), high if self.area.isVisibleTo(self) else 0)

    def _make_forms(self, config: TrainConfig) -> None:
        """Make the forms of all other settings, and of what is simulated."""
        self.settings = ParameterForm(config, without=NAMES)
        self.simulation = _form_of(config)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for form in (self.settings, self.simulation):
            if form is not None:
                form.changed.connect(self._look)
                column.addWidget(form)
        column.addStretch(1)
        self.area.setWidget(holder)

    def _make_buttons(self) -> None:
        role = QDialogButtonBox.ButtonRole
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = primary_button("Start training")
        self.load_button, self.save_button = (
            secondary_button("Load settings…"),
            secondary_button("Save settings…"),
        )
        self.buttons.addButton(self.load_button, role.ResetRole)
        self.buttons.addButton(self.save_button, role.ResetRole)
        self.buttons.addButton(self.start_button, role.ActionRole)
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(lambda: self._presenter.start())
        self.load_button.clicked.connect(self.ask_for_settings)
        self.save_button.clicked.connect(self.ask_where_to_save)
        self.buttons.rejected.connect(self.reject)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(12)
        for widget in (self.subject, self.form, self.summary, self.all_button):
            column.addWidget(widget)
        column.addWidget(self.area, 1)
        column.addWidget(self.problem)
        column.addStretch(0)
        column.addWidget(self.buttons)


def _form_of(config: TrainConfig) -> ParameterForm[Any] | None:
    return None if isinstance(config.data, MeasuredScan) else ParameterForm(config.data)


def _with_data(values: dict[str, Any], data: Simulation) -> TrainConfig:
    """Return the settings with other data; of values that are wrong the usual ones are taken."""
    config, _ = convert(values | {"data": msgspec.to_builtins(data)}, TrainConfig)
    if config is not None:
        return config
    return TrainConfig(name=values["name"] or "lines", generator=values["generator"], data=data)
