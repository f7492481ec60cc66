"""The probe: amplitude and phase of one of its modes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.complex_panes import ComplexPanes
from ptygui.gui.widgets.lengths import LengthScale, PixelSize, length_scale
from ptygui.gui.widgets.level_control import view_action
from ptygui.gui.widgets.levels import FULL_CIRCLE, valid_samples
from ptygui.gui.widgets.numbers import SPACE, fixed, percent, significant
from ptygui.gui.widgets.quiet_line import QuietLine, stack_tightly

_DIM = 0.05
"""Share of the largest amplitude below which a phase means nothing and is left out."""


class ProbeView(QWidget):
    """Shows one mode of a probe, centred on 0; its phase only where there is light."""

    cursor_text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes, self.line = ComplexPanes(), QuietLine()
        self._probe: NDArray[np.complex64] = np.zeros((0, 0, 0), np.complex64)
        self._scale: LengthScale = length_scale(None)
        self.action_fit = view_action(self, "fit-to-screen-outline", "Show the whole probe", "F")
        self.action_fit.triggered.connect(self.panes.fit)
        self.modes = self._make_chooser()
        self.line.add(self.modes)
        self.line.readout_changed.connect(self.cursor_text_changed)
        self.panes.cursor_changed.connect(self._read_out)
        stack_tightly(self, self.panes, self.line)
        self._list_modes()
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
        self._read_out()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.panes.set_plot_colors(colors)

    def _make_chooser(self) -> QComboBox:
        modes = QComboBox()
        modes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        modes.activated.connect(self._show_mode)
        return modes

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
        self._read_out()

    def _read_out(self) -> None:
        mode, element = self._mode(), self.panes.hovered_element()
        if mode is None or element is None:
            self.line.set_readout("")
            return
        centred = (index - size // 2 for index, size in zip(element, mode.shape, strict=True))
        y, x = self._scale.place(centred)
        amplitude = significant(float(np.abs(mode[element])))
        phase = f"{fixed(float(np.angle(mode[element])), 2)}{SPACE}rad"
        self.line.set_readout(f"x {x}\u2002y {y}\u2003amplitude {amplitude}\u2002phase {phase}")
