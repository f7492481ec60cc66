"""The object: amplitude and phase, as large as the window allows, on the axes of the scan."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from superqt import QElidingLabel

from ptygui.core.scan import ObjectImage
from ptygui.gui.icons import icon
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.complex_panes import ComplexPanes
from ptygui.gui.widgets.lengths import Extent, image_extent
from ptygui.gui.widgets.levels import (
    Levels,
    common_phase,
    phase_levels,
    robust_levels,
    steady,
    valid_samples,
)
from ptygui.gui.widgets.numbers import SPACE, fixed

_NOTE = {True: "display: one global phase removed", False: "display: phase as saved"}


class ObjectView(QWidget):
    """Shows an `ObjectImage`; never changes it.

    Levels follow the data (0.5 to 99.5 percentiles of what is covered), steadily, until the user drags
    one; then they are locked. One global phase is removed for display only, and the view says so.
    """

    cursor_text_changed = Signal(str)
    """The readout under the cursor, empty when it is elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes = ComplexPanes()
        self._image: ObjectImage | None = None
        self._extent: Extent | None = None
        self._levels: tuple[Levels, Levels] | None = None
        self._make_actions()
        self._make_lines()
        self.panes.cursor_at.connect(self._read_out)
        self.panes.cursor_left.connect(lambda: self._set_readout(""))
        for pane in self.panes.panes:
            pane.bar.levels_dragged.connect(self._take_dragged_levels)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)
        self.clear()

    def set_image(self, image: ObjectImage) -> None:
        """Show an image or a strided preview; zoom stays, levels stay if locked or nearly right."""
        self._image = image
        self._extent = extent = image_extent(image)
        self._update_display(exact=False)
        self.panes.set_field(
            image.values, QRectF(extent.x, extent.y, extent.width, extent.height), image.covered
        )
        unit = extent.scale.unit
        self.panes.set_axis_labels(f"x ({unit})", f"y ({unit})")

    def clear(self) -> None:
        """Show nothing, and forget zoom and levels: the next image starts afresh."""
        self._image = self._extent = self._levels = None
        self.action_lock_levels.setChecked(False)
        self.panes.set_field(np.zeros((0, 0), np.complex64), QRectF())
        self.panes.fit()
        self.set_caption("")
        self._set_readout("")

    def set_caption(self, text: str) -> None:
        """Say what the picture is: 'raw network pass', 'polished, 3 steps'."""
        self._caption.setText(text)

    def view_actions(self) -> list[QAction]:
        """Return the actions worth a button beside the picture."""
        return [
            self.action_fit,
            self.action_lock_levels,
            self.action_reset_levels,
            self.action_remove_phase,
        ]

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.panes.set_plot_colors(colors)

    def _make_actions(self) -> None:
        self.action_fit = QAction(icon("fit-to-screen-outline"), "Show whole object", self)
        self.action_fit.setShortcut(QKeySequence("F"))
        self.action_fit.triggered.connect(self.panes.fit)
        self.action_lock_levels = QAction(icon("lock-outline"), "Lock colour levels", self)
        self.action_lock_levels.setCheckable(True)
        self.action_lock_levels.setShortcut(QKeySequence("L"))
        self.action_reset_levels = QAction(icon("contrast-circle"), "Reset colour levels", self)
        self.action_reset_levels.setShortcut(QKeySequence("Shift+L"))
        self.action_reset_levels.triggered.connect(self._reset_levels)
        self.action_remove_phase = QAction(icon("angle-acute"), "Remove one global phase for display", self)
        self.action_remove_phase.setCheckable(True)
        self.action_remove_phase.setChecked(True)
        self.action_remove_phase.toggled.connect(self._phase_toggled)
        for action in self.view_actions():
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)

    def _make_lines(self) -> None:
        self._readout, self._note = text_label("", "muted"), text_label(_NOTE[True], "muted")
        self._caption = QElidingLabel()
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout()
        line.setContentsMargins(8, 2, 8, 6)
        line.setSpacing(16)
        line.addWidget(self._readout)
        line.addWidget(self._caption, 1)
        line.addWidget(self._note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.panes, 1)
        column.addLayout(line)

    def _update_display(self, *, exact: bool) -> None:
        """Recompute the removed phase and, unless locked, the levels; `exact` takes them as they come."""
        if self._image is None:
            return
        samples = valid_samples(self._image.values, self._image.covered)
        turn = common_phase(samples) if self.action_remove_phase.isChecked() else 0.0
        self.panes.set_phase_turn(turn)
        if self.action_lock_levels.isChecked():
            return
        wanted = robust_levels(np.abs(samples)), phase_levels(np.angle(samples * np.exp(-1j * turn)))
        if self._levels is not None and not exact:
            wanted = steady(self._levels[0], wanted[0]), steady(self._levels[1], wanted[1])
        self._levels = wanted
        for pane, levels in zip(self.panes.panes, wanted, strict=True):
            pane.set_levels(levels)

    def _reset_levels(self) -> None:
        self.action_lock_levels.setChecked(False)
        self._update_display(exact=True)

    def _phase_toggled(self, removed: bool) -> None:
        self._note.setText(_NOTE[removed])
        self._update_display(exact=True)

    def _take_dragged_levels(self) -> None:
        self.action_lock_levels.setChecked(True)
        for pane in self.panes.panes:
            pane.item.set_levels(pane.bar.levels)

    def _read_out(self, point: QPointF) -> None:
        image, extent = self._image, self._extent
        element = self.panes.amplitude.item.element_at(point.x(), point.y())
        if image is None or extent is None or element is None:
            self._set_readout("")
            return
        row, col = (
            origin + index * image.stride for origin, index in zip(image.origin_px, element, strict=True)
        )
        scale = extent.scale
        y, x = (
            f"{fixed(n * size, scale.decimals)}{SPACE}{scale.unit}"
            for n, size in zip((row, col), scale.per_pixel, strict=True)
        )
        place = f"x {x}\u2002y {y}"
        self._set_readout(f"{place}\u2003{self._value_text(complex(image.values[element]), element)}")

    def _value_text(self, value: complex, element: tuple[int, int]) -> str:
        assert self._image is not None
        if not (self._image.covered[element] and math.isfinite(abs(value))):
            return "not covered"
        phase = self.panes.shown_phase(value)
        return f"amplitude {fixed(abs(value), 3)}\u2002phase {fixed(phase, 2)}{SPACE}rad"

    def _set_readout(self, text: str) -> None:
        if text != self._readout.text():
            self._readout.setText(text)
            self.cursor_text_changed.emit(text)
