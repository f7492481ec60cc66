"""Card 3: where to compute."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ptygui.gui.panels.controls import fill_combo, narrow_combo
from ptygui.gui.widgets.cards import Card, StatusSentence, text_label
from ptygui.gui.widgets.numbers import byte_size
from ptygui.jobs.devices import Device


class DevicePanel(Card):
    """The device card (presenters.device_presenter.DeviceView)."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Device", 3, parent)
        self.combo = narrow_combo("Devices")
        self.combo.activated.connect(self.chosen)
        self.combo.currentIndexChanged.connect(self._show_memory)
        self.memory = text_label("", "muted")
        self._devices: Sequence[Device] = ()
        self.used = StatusSentence()
        self.add_to_head(self.memory)
        self.add(self.combo)
        self.add(self.used)
        self.show_searching()

    def allow_choice(self, allowed: bool) -> None:
        """Allow or forbid choosing another device."""
        self.combo.setEnabled(allowed and bool(self._devices))

    def show_searching(self) -> None:
        """Say that devices are being looked for."""
        fill_combo(self.combo, ["looking for devices…"], 0)
        self.combo.setEnabled(False)

    def show_devices(self, devices: Sequence[Device], chosen: int | None) -> None:
        """Offer devices."""
        self._devices = devices
        fill_combo(self.combo, [f"{device.id} · {device.name}" for device in devices], chosen)
        self._show_memory()

    def show_used(self, text: str) -> None:
        """Say where the last run really computed."""
        self.used.set("ok", f"computed on {text}", "Read from the tensors of the last run")

    def _show_memory(self) -> None:
        index = self.combo.currentIndex()
        words = memory_words(self._devices[index]) if 0 <= index < len(self._devices) else ""
        self.memory.setText(words)
        self.memory.setVisible(bool(words))
        self.combo.setToolTip(self.combo.currentText())


def memory_words(device: Device) -> str:
    """Say how much memory is free: '76.0 GiB of 80.0 GiB free'; nothing where it is unknown."""
    if device.free_bytes is None or device.total_bytes is None:
        return ""
    return f"{byte_size(device.free_bytes)} of {byte_size(device.total_bytes)} free"
