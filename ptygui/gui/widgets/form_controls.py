"""The controls of a form: one for each kind of field, shown and read alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from ptygui.gui.widgets.form_fields import FormField

_DECIMALS = 6


class NumberBox(QDoubleSpinBox):
    """Writes a number without idle zeros, and with a point wherever the desktop stands."""

    def __init__(self) -> None:
        super().__init__()
        self.setLocale(QLocale.c())
        self.setDecimals(_DECIMALS)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:  # noqa: N802 (Qt)
        """Write a value (called by Qt)."""
        text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        return text or "0"


class OptionalBox(QWidget):
    """A number that may be left open: a switch, and the number beside it."""

    changed = Signal()

    def __init__(self, box: QSpinBox | NumberBox) -> None:
        super().__init__()
        self.switch, self.box = QCheckBox(), box
        self.switch.toggled.connect(box.setEnabled)
        self.switch.toggled.connect(self.changed)
        box.valueChanged.connect(self.changed)
        box.setEnabled(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.switch)
        row.addWidget(box, 1)

    def set_value(self, value: float | None) -> None:
        """Show a number; None leaves it open."""
        self.switch.setChecked(value is not None)
        if value is not None:
            self.box.setValue(value)  # type: ignore[arg-type]  # whole numbers to the box of whole numbers

    def value(self) -> float | None:
        """Return the number, None if it is left open."""
        return self.box.value() if self.switch.isChecked() else None


Control = QCheckBox | QComboBox | QSpinBox | QDoubleSpinBox | QLineEdit | OptionalBox


def make_control(field: FormField) -> Control:
    """Make the control of a field."""
    control = _new_control(field)
    control.setToolTip(field.description)
    control.setAccessibleName(field.label)
    return control


def show_value(control: Control, value: Any) -> None:
    """Show a value of the control's kind."""
    if isinstance(control, QCheckBox):
        control.setChecked(value)
    elif isinstance(control, QComboBox):
        control.setCurrentText(str(value))
    elif isinstance(control, QLineEdit):
        control.setText(value)
    elif isinstance(control, OptionalBox):
        control.set_value(value)
    else:
        control.setValue(value)


def value_of(control: Control) -> bool | str | float | None:
    """Return what is chosen."""
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, QComboBox):
        return control.currentText()
    if isinstance(control, QLineEdit):
        return control.text().strip()
    return control.value()


def on_change(control: Control, tell: Callable[[], object]) -> None:
    """Call `tell` whenever another value is chosen."""
    signal = _changed(control)
    signal.connect(lambda *_: tell())


def _changed(control: Control) -> Any:
    if isinstance(control, QCheckBox):
        return control.toggled
    if isinstance(control, QComboBox):
        return control.currentTextChanged
    if isinstance(control, QLineEdit):
        return control.textChanged
    return control.changed if isinstance(control, OptionalBox) else control.valueChanged


def _new_control(field: FormField) -> Control:
    if field.kind == "switch":
        return QCheckBox()
    if field.kind == "text":
        return QLineEdit()
    if field.kind == "choice":
        combo = QComboBox()
        combo.addItems(field.choices)
        return combo
    box = _number_box(field)
    return OptionalBox(box) if field.optional else box


def _number_box(field: FormField) -> QSpinBox | NumberBox:
    box: QSpinBox | NumberBox
    if field.kind == "whole":
        box = QSpinBox()
        box.setRange(int(field.least), int(field.most))
    else:
        box = NumberBox()
        box.setRange(field.least, field.most)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    return box
