"""Two pictures and their difference, linked, on common levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QTimer, Slot
from PySide6.QtWidgets import QWidget

from ptygui.core.scan import ObjectImage
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.lengths import image_extent
from ptygui.gui.widgets.level_control import LevelControl, view_action
from ptygui.gui.widgets.levels import Levels, common_phase, phase_levels, robust_levels, valid_samples
from ptygui.gui.widgets.linked_panes import LinkedPanes
from ptygui.gui.widgets.map_menu import AMPLITUDE_MAPS, PHASE_MAPS
from ptygui.gui.widgets.numbers import fixed
from ptygui.gui.widgets.quiet_line import QuietLine, stack_tightly

if TYPE_CHECKING:
    from ptygui.gui.comparison import Comparison

DIFFERENCE_MAP = "crameri:vik"
"""Diverging: its middle is no difference."""
_LEAST_SHARE = 0.01
"""Share of the span of A and B that a difference has levels for at least: rounding errors are none."""
_IN_GAUGE = "B in the gauge of A"
_BLINK_MS = 600
_MAPS = (next(iter(AMPLITUDE_MAPS.values())), next(iter(PHASE_MAPS.values())))


class CompareView(QWidget):
    """Amplitude or phase of A, of B, and B − A."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Comparison | None = None
        self._is_phase, self._turn = False, 0.0
        self.panes, self.line = LinkedPanes(), QuietLine()
        self.first, self.second = (self.panes.add_pane(name, np.abs, _MAPS[0]) for name in ("A", _IN_GAUGE))
        self.line.widen_caption()
        self.difference = self.panes.add_pane("B − A", lambda values: values, DIFFERENCE_MAP)
        self._levels = LevelControl(self, self.panes.panes, self._wanted_levels, linked=2)
        self.action_fit = view_action(self, "fit-to-screen-outline", "Show the whole area", "F")
        self.action_fit.triggered.connect(self.panes.fit)
        self.action_lock_levels, self.action_reset_levels = self._levels.lock, self._levels.reset
        self._timer = QTimer(self)
        self._timer.setInterval(_BLINK_MS)
        self._timer.timeout.connect(self.swap)
        self._swapped = False
        self.panes.cursor_changed.connect(self._read_out)
        stack_tightly(self, self.panes, self.line)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_comparison(self, comparison: Comparison) -> None:
        """Show another pair; the quantity stays."""
        self._shown = comparison
        self._turn = common_phase(valid_samples(comparison.first.values, comparison.first.covered))
        self._levels.start_afresh()
        self._draw()

    def show_phase(self, on: bool) -> None:
        """Show phases instead of amplitudes, or the other way round."""
        self._is_phase = on
        for pane in (self.first, self.second):
            pane.set_colormap(_MAPS[on])
        self._levels.start_afresh()
        self._draw()

    def blink(self, on: bool) -> None:
        """Show A and B in turn in the place of A: the eye sees small changes better than side by side."""
        if on:
            self._timer.start()
            return
        self._timer.stop()
        if self._swapped:
            self.swap()

    @Slot()
    def swap(self) -> None:
        """Show B in the place of A, or A again."""
        self._swapped = not self._swapped
        self._draw()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.panes.set_plot_colors(colors)

    def _draw(self) -> None:
        if self._shown is None:
            return
        shown, extent = self._shown, image_extent(self._shown.first)
        left = shown.second if self._swapped else shown.first
        self.first.set_title(_IN_GAUGE if self._swapped else "A")
        for pane, image in ((self.first, left), (self.second, shown.second)):
            pane.item.set_quantity(self._quantity)
            pane.item.set_field(image.values, extent.rect, image.covered)
        self.difference.item.set_field(self._difference(shown), extent.rect, shown.first.covered)
        self.panes.set_axis_labels(f"x ({extent.scale.unit})", f"y ({extent.scale.unit})")
        self.panes.set_extent(QRectF(extent.rect))

    def _quantity(self, values: NDArray[Any]) -> NDArray[Any]:
        if not self._is_phase:
            return np.asarray(np.abs(values))
        return np.asarray(np.angle(values * np.complex64(np.exp(-1j * self._turn))))

    def _difference(self, comparison: Comparison) -> NDArray[np.float32]:
        return comparison.phase_difference if self._is_phase else comparison.amplitude_difference

    def _wanted_levels(self) -> tuple[Levels, Levels, Levels] | None:
        if self._shown is None:
            return None
        covered = self._shown.first.covered
        both = np.concatenate([self._samples(image) for image in (self._shown.first, self._shown.second)])
        common = phase_levels(both) if self._is_phase else robust_levels(both)
        low, high = robust_levels(valid_samples(self._difference(self._shown), covered))
        most = max(abs(low), abs(high), _LEAST_SHARE * (common[1] - common[0]))
        return common, common, (-most, most)

    def _samples(self, image: ObjectImage) -> NDArray[Any]:
        return self._quantity(valid_samples(image.values, image.covered))

    def _read_out(self) -> None:
        element = self.first.item.element_at(self.panes.cursor)
        if self._shown is None or element is None or not self._shown.first.covered[element]:
            self.line.set_readout("")
            return
        values = (self._shown.first.values, self._shown.second.values)
        a, b = (fixed(float(self._quantity(value[element])), 3) for value in values)
        difference = fixed(float(self._difference(self._shown)[element]), 3)
        unit = " rad" if self._is_phase else ""
        self.line.set_readout(f"A {a}\u2002B {b}\u2002B − A {difference}{unit}")
