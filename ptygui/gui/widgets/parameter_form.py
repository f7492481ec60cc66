"""A form made from the description of a configuration: one row a field, nothing written twice."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QSpinBox,
    QWidget,
)

from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.form_fields import FormField, convert, form_fields

T = TypeVar("T", bound=msgspec.Struct)
Control = QCheckBox | QComboBox | QSpinBox | QDoubleSpinBox
_DECIMALS = 6


class ParameterForm(QWidget, Generic[T]):
    """Shows a configuration and lets it be changed; fields of a kind without a control stay as they came."""

    def __init__(self, config: T, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = config
        self.controls: dict[str, Control] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, field in enumerate(form_fields(type(config))):
            self.controls[field.name] = _control(field)
            label = text_label(field.label, "muted")
            label.setToolTip(field.description)
            grid.addWidget(label, row, 0)
            grid.addWidget(self.controls[field.name], row, 1)
        self.set_config(config)

    def set_config(self, config: T) -> None:
        """Show another configuration of the same type."""
        self._config = config
        for name, control in self.controls.items():
            _show(control, getattr(config, name))

    def values(self) -> dict[str, Any]:
        """Return what is chosen now, by name, as plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self._config)
        return plain | {name: _value(control) for name, control in self.controls.items()}

    def config(self) -> tuple[T | None, str]:
        """Return the configuration that is chosen now; or None, and which value is wrong in a sentence."""
        return convert(self.values(), type(self._config))


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


def _control(field: FormField) -> Control:
    control = _new_control(field)
    control.setToolTip(field.description)
    control.setAccessibleName(field.label)
    return control


def _new_control(field: FormField) -> Control:
    if field.kind == "switch":
        return QCheckBox()
    if field.kind == "choice":
        combo = QComboBox()
        combo.addItems(field.choices)
        return combo
    box: QSpinBox | NumberBox
    if field.kind == "whole":
        box = QSpinBox()
        box.setRange(int(field.least), int(field.most))
    else:
        box = NumberBox()
        box.setRange(field.least, field.most)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    return box


def _show(control: Control, value: Any) -> None:
    if isinstance(control, QCheckBox):
        control.setChecked(value)
    elif isinstance(control, QComboBox):
        control.setCurrentText(str(value))
    else:
        control.setValue(value)


def _value(control: Control) -> bool | str | float:
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, QComboBox):
        return control.currentText()
    return control.value()
