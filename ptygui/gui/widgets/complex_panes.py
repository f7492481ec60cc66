"""Amplitude and phase of a complex field, beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS
from ptygui.gui.widgets.levels import FULL_CIRCLE, Levels
from ptygui.gui.widgets.linked_panes import LinkedPanes
from ptygui.gui.widgets.map_menu import AMPLITUDE_MAPS, PHASE_MAPS

_AMPLITUDE_MAP, _PHASE_MAP = (next(iter(maps.values())) for maps in (AMPLITUDE_MAPS, PHASE_MAPS))


class ComplexPanes(LinkedPanes):
    """Two linked pictures of one complex array; knows nothing of scans."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.amplitude = self.add_pane("Amplitude", np.abs, _AMPLITUDE_MAP, (0.0, np.inf))
        self.phase = self.add_pane("Phase (rad)", np.angle, _PHASE_MAP, FULL_CIRCLE)
        self._turn = 0.0
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_field(
        self,
        values: NDArray[Any],
        rect: QRectF,
        valid: NDArray[np.bool_] | None = None,
        phase_valid: NDArray[np.bool_] | None = None,
    ) -> None:
        """Show a complex array on `rect`, +y down.

        Parameters
        ----------
        values : (rows, cols) complex
            Not copied and not changed.
        rect : QRectF
            Where the array lies on the axes.
        valid : (rows, cols) bool, optional
            What is False is left out.
        phase_valid : (rows, cols) bool, optional
            The same for the phase alone, which means nothing where the amplitude is nearly zero.
        """
        self.amplitude.item.set_field(values, rect, valid)
        self.phase.item.set_field(values, rect, valid if phase_valid is None else phase_valid)

    def set_levels(self, amplitude: Levels, phase: Levels) -> None:
        """Set the values at the ends of both colour maps."""
        self.amplitude.set_levels(amplitude)
        self.phase.set_levels(phase)

    def set_phase_turn(self, radians: float) -> None:
        """Show the phase less a constant; the array stays as it is."""
        if radians == self._turn:
            return
        self._turn = radians
        self.phase.item.set_quantity(self.shown_phase)

    def hovered_element(self) -> tuple[int, int] | None:
        """Return (row, col) of the element under the cursor."""
        return self.amplitude.item.element_at(self.cursor)

    def shown_phase(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the phase of complex values as it is shown, in radians."""
        turned = values if self._turn == 0 else values * np.complex64(np.exp(-1j * self._turn))
        phases: NDArray[Any] = np.angle(turned)
        return phases
