"""The object: amplitude and phase, as large as the window allows, on the axes of the scan."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QWidget

from ptygui.core.scan import ObjectImage
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.complex_panes import ComplexPanes
from ptygui.gui.widgets.lengths import covered_rect, image_extent, positions_rect, surrounded
from ptygui.gui.widgets.level_control import LevelControl, view_action
from ptygui.gui.widgets.levels import Levels, common_phase, phase_levels, robust_levels, valid_samples
from ptygui.gui.widgets.map_menu import AMPLITUDE_MAPS, PHASE_MAPS, MapMenu
from ptygui.gui.widgets.numbers import SPACE, fixed
from ptygui.gui.widgets.quiet_line import QuietLine, stack_tightly

_NOTE = {True: "display: one global phase removed", False: "display: phase as saved"}

_NO_POSITIONS: NDArray[np.float64] = np.zeros((0, 2))


class ObjectView(QWidget):
    """Shows an `ObjectImage`; never changes it.

    Levels follow the data (0.5 to 99.5 percentiles of what is covered), steadily, until the user drags
    one; then they are locked. One global phase is removed for display only, and the view says so.
    """

    cursor_text_changed = Signal(str)
    """The readout under the cursor, empty when it is elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes, self.line = ComplexPanes(), QuietLine()
        self._expected_px = _NO_POSITIONS
        self._kept = QRectF()
        self._image: ObjectImage | None = None
        self._make_actions()
        self.line.note.setText(_NOTE[True])
        self.line.readout_changed.connect(self.cursor_text_changed)
        self.panes.cursor_changed.connect(self._read_out)
        stack_tightly(self, self.panes, self.line)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)
        self.clear()

    def set_image(self, image: ObjectImage) -> None:
        """Show an image or a strided preview; zoom stays, levels stay if locked or nearly right."""
        self._image = image
        self._samples = valid_samples(image.values, image.covered)
        self._turn_phase()
        self._levels.update()
        extent = image_extent(image)
        self._scale = extent.scale
        self.panes.set_field(image.values, extent.rect, image.covered)
        self._keep_in_view(covered_rect(image.covered, extent.rect))
        self.panes.set_axis_labels(f"x ({extent.scale.unit})", f"y ({extent.scale.unit})")
        self._read_out()

    def expect_positions(self, positions_px: NDArray[np.float64]) -> None:
        """Keep the whole area of these positions, (n, 2) (y, x), in view while the object grows into it.

        Without it the view zooms out step by step. Holds until `clear`.
        """
        if not np.array_equal(positions_px, self._expected_px):
            self._expected_px, self._kept = positions_px, QRectF()

    def clear(self) -> None:
        """Show nothing, and forget zoom and levels: the next image starts afresh."""
        self._image, self._expected_px, self._kept = None, _NO_POSITIONS, QRectF()
        self._samples = np.zeros(0, np.complex64)
        self._levels.start_afresh()
        self.panes.set_field(np.zeros((0, 0), np.complex64), QRectF())
        self.panes.fit()
        self.set_caption("")
        self._read_out()

    def set_caption(self, text: str) -> None:
        """Say what the picture is: 'raw network pass', 'polished, 3 steps'."""
        self.line.set_caption(text)

    def view_actions(self) -> list[QAction]:
        """Return the actions worth a button beside the picture."""
        return [
            self.action_fit,
            self.action_lock_levels,
            self.action_reset_levels,
            self.action_remove_phase,
            self.action_maps,
        ]

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.panes.set_plot_colors(colors)

    def _make_actions(self) -> None:
        self.action_fit = view_action(self, "fit-to-screen-outline", "Show the whole object", "F")
        self.action_fit.triggered.connect(self.panes.fit)
        self._levels = LevelControl(self, self.panes.panes, self._wanted_levels)
        self.action_lock_levels, self.action_reset_levels = self._levels.lock, self._levels.reset
        self.action_remove_phase = view_action(
            self, "angle-acute", "Remove one global phase from the display", "P"
        )
        self.action_remove_phase.setCheckable(True)
        self.action_remove_phase.setChecked(True)
        self.action_remove_phase.toggled.connect(self._phase_toggled)
        self.action_maps = view_action(self, "palette-outline", "Colour maps", "M")
        self.maps = MapMenu(self)
        self.maps.add_pane("Amplitude", self.panes.amplitude, AMPLITUDE_MAPS)
        self.maps.add_pane("Phase", self.panes.phase, PHASE_MAPS)
        self.action_maps.setMenu(self.maps)
        self.action_maps.triggered.connect(lambda: self.maps.popup(QCursor.pos()))

    def _keep_in_view(self, covered: QRectF) -> None:
        """Show what is covered; with expected positions also what will be, and never less than before."""
        if len(self._expected_px):
            box = positions_rect(self._expected_px, self._scale)
            self._kept = covered = surrounded(box, covered).united(self._kept)
        self.panes.set_extent(covered)

    def _turn_phase(self) -> None:
        removed = self.action_remove_phase.isChecked()
        self.panes.set_phase_turn(common_phase(self._samples) if removed else 0.0)

    def _wanted_levels(self) -> tuple[Levels, Levels] | None:
        if self._image is None:
            return None
        phases = self.panes.shown_phase(self._samples)
        return robust_levels(np.abs(self._samples)), phase_levels(phases)

    def _phase_toggled(self, removed: bool) -> None:
        self.line.note.setText(_NOTE[removed])
        self._turn_phase()
        self._levels.update()
        self._read_out()

    def _read_out(self) -> None:
        element = self.panes.hovered_element()
        if self._image is None or element is None:
            self.line.set_readout("")
            return
        value = complex(self._image.values[element])
        self.line.set_readout(
            f"{self._place_text(self._image, element)}\u2003{self._value_text(value, element)}"
        )

    def _place_text(self, image: ObjectImage, element: tuple[int, int]) -> str:
        pixels = (at + index * image.stride for at, index in zip(image.origin_px, element, strict=True))
        y, x = self._scale.place(pixels)
        return f"x {x}\u2002y {y}"

    def _value_text(self, value: complex, element: tuple[int, int]) -> str:
        assert self._image is not None
        if not (self._image.covered[element] and math.isfinite(abs(value))):
            return "not covered"
        phase = float(self.panes.shown_phase(np.array(value)))
        return f"amplitude {fixed(abs(value), 3)}\u2002phase {fixed(phase, 2)}{SPACE}rad"
