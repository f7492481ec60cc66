"""A form made from the description of a configuration: one row a field, nothing written twice."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Generic, TypeVar

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.form_controls import Control, make_control, on_change, show_value, value_of
from ptygui.gui.widgets.form_fields import convert, form_fields

T = TypeVar("T", bound=msgspec.Struct)


class ParameterForm(QWidget, Generic[T]):
    """Shows a configuration and lets it be changed; fields of a kind without a control stay as they came.

    Fields named in `without` have their control somewhere else, and stay as they came, too.
    """

    changed = Signal()
    """The user, or `set_config`, changed a value."""

    def __init__(self, config: T, parent: QWidget | None = None, without: Collection[str] = ()) -> None:
        super().__init__(parent)
        self._config = config
        self.controls: dict[str, Control] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        fields = [field for field in form_fields(type(config)) if field.name not in without]
        for row, field in enumerate(fields):
            self.controls[field.name] = make_control(field)
            label = text_label(field.label, "muted")
            label.setToolTip(field.description)
            grid.addWidget(label, row, 0)
            grid.addWidget(self.controls[field.name], row, 1)
        self.set_config(config)
        for control in self.controls.values():
            on_change(control, self.changed.emit)

    def set_config(self, config: T) -> None:
        """Show another configuration of the same type."""
        self._config = config
        for name, control in self.controls.items():
            show_value(control, getattr(config, name))

    def values(self) -> dict[str, Any]:
        """Return what is chosen now, by name, as plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self._config)
        return plain | {name: value_of(control) for name, control in self.controls.items()}

    def config(self) -> tuple[T | None, str]:
        """Return the configuration that is chosen now; or None, and which value is wrong in a sentence."""
        return convert(self.values(), type(self._config))
