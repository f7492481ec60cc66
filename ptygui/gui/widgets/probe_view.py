"""The probe: amplitude and phase of one of its modes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.complex_panes import ComplexPanes
from ptygui.gui.widgets.lengths import LengthScale, PixelSize, length_scale
from ptygui.gui.widgets.level_control import view_action
from ptygui.gui.widgets.levels import FULL_CIRCLE, valid_samples
from ptygui.gui.widgets.numbers import SPACE, fixed, percent, significant

_DIM = 0.02
"""Share of the largest amplitude below which a phase means nothing and is left out."""


class ProbeView(QWidget):
    """Shows one mode of a probe, centred on 0; its phase only where there is light."""

    cursor_text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes = ComplexPanes()
        self._probe: NDArray[np.complex64] = np.zeros((0, 0, 0), np.complex64)
        self._scale: LengthScale = length_scale(None)
        self.action_fit = view_action(self, "fit-to-screen-outline", "Show the whole probe", "F")
        self.action_fit.triggered.connect(self.panes.fit)
        self._make_lines()
        self.panes.cursor_at.connect(self._read_out)
        self.panes.cursor_left.connect(lambda: self._set_readout(""))
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_probe(self, probe: NDArray[np.complex64], pixel_size_m: PixelSize = None) -> None:
        """Show a probe (modes, H, W); the mode chosen before stays chosen if it exists."""
        self._probe, self._scale = probe, length_scale(pixel_size_m)
        chosen = min(max(self.modes.currentIndex(), 0), len(probe) - 1)
        self._list_modes()
        self.modes.setCurrentIndex(chosen)
        self.panes.set_axis_labels(f"x ({self._scale.unit})", f"y ({self._scale.unit})")
        self._show_mode()

    def clear(self) -> None:
        """Show nothing."""
        self._probe = self._probe[:0]
        self._list_modes()
        self.panes.set_field(np.zeros((0, 0), np.complex64), QRectF())
        self._set_readout("")

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.panes.set_plot_colors(colors)

    def _make_lines(self) -> None:
        self.modes, self.readout = QComboBox(), text_label("", "muted")
        self.modes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.modes.activated.connect(self._show_mode)
        line = QHBoxLayout()
        line.setContentsMargins(8, 2, 8, 6)
        line.addWidget(self.readout, 1)
        line.addWidget(self.modes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.panes, 1)
        column.addLayout(line)
        self._list_modes()

    def _list_modes(self) -> None:
        """Name the modes with their share of the power: sum |mode|^2 over the sum of all."""
        power = np.square(np.abs(self._probe)).sum(axis=(1, 2))
        total = float(power.sum()) or 1.0
        self.modes.clear()
        for number, part in enumerate(power, start=1):
            self.modes.addItem(f"mode {number} · {percent(float(part) / total, 1)}")
        self.modes.setVisible(len(self._probe) > 1)

    def _mode(self) -> NDArray[np.complex64] | None:
        index = self.modes.currentIndex()
        return self._probe[index] if 0 <= index < len(self._probe) else None

    def _show_mode(self) -> None:
        mode = self._mode()
        if mode is None:
            return
        amplitude = np.abs(mode)
        brightest = float(valid_samples(amplitude).max(initial=0.0))
        (rows, cols), (pixel_y, pixel_x) = mode.shape, self._scale.per_pixel
        left, top = -(cols // 2 + 0.5) * pixel_x, -(rows // 2 + 0.5) * pixel_y
        rect = QRectF(left, top, cols * pixel_x, rows * pixel_y)
        self.panes.set_levels((0.0, brightest or 1.0), FULL_CIRCLE)
        self.panes.set_field(mode, rect, phase_valid=amplitude > _DIM * brightest)
        self.panes.set_extent(rect)

    def _read_out(self, point: QPointF) -> None:
        mode, element = self._mode(), self.panes.amplitude.item.element_at(point.x(), point.y())
        if mode is None or element is None:
            self._set_readout("")
            return
        y, x = (
            self._length((index - size // 2) * pixel)
            for index, size, pixel in zip(element, mode.shape, self._scale.per_pixel, strict=True)
        )
        value: Any = mode[element]
        phase = f"{fixed(float(np.angle(value)), 2)}{SPACE}rad"
        self._set_readout(
            f"x {x}\u2002y {y}\u2003amplitude {significant(float(abs(value)))}\u2002phase {phase}"
        )

    def _length(self, value: float) -> str:
        return f"{fixed(value, self._scale.decimals)}{SPACE}{self._scale.unit}"

    def _set_readout(self, text: str) -> None:
        if text != self.readout.text():
            self.readout.setText(text)
            self.cursor_text_changed.emit(text)
