"""The Object tab: the picture and the switch between the stages that were kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from ptygui.core.events import Stage
from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters.object_presenter import STAGE_WORDS
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.object_view import ObjectView


class ObjectPanel(QWidget):
    """The Object tab (presenters.object_presenter.ObjectScreen)."""

    stage_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ObjectView()
        self.empty = text_label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.switch = StageSwitch()
        self.switch.chosen.connect(self.stage_chosen)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._stack)

    def show_image(self, image: ObjectImage, caption: str) -> None:
        """Show a picture and say which it is."""
        self.view.set_image(image)
        self.view.set_caption(caption)
        self._stack.setCurrentWidget(self.view)

    def show_nothing(self, caption: str) -> None:
        """Show no picture and say why."""
        self.view.clear()
        self.empty.setText(caption)
        self._stack.setCurrentWidget(self.empty)

    def set_caption(self, caption: str) -> None:
        """Say anew which picture is shown, or is waited for."""
        self.view.set_caption(caption)
        self.empty.setText(caption)

    def expect_positions(self, positions_px: NDArray[np.float64]) -> None:
        """Keep the area of these positions in view from the first picture on."""
        self.view.expect_positions(positions_px)

    def show_stages(self, stages: tuple[Stage, ...], shown: Stage | None) -> None:
        """Offer the kept pictures; none while a run goes on."""
        self.switch.show_stages(stages, shown)

    def actions_for_corner(self) -> list[QAction]:
        """Return what deserves a button beside the tabs."""
        return self.view.view_actions()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.view.set_plot_colors(colors)


class StageSwitch(QWidget):
    """One flat button for each picture kept; hidden while there is nothing to choose."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: dict[Stage, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(2)
        for stage, words in STAGE_WORDS.items():
            self.buttons[stage] = self._make_button(stage, words)
            row.addWidget(self.buttons[stage])
        self.hide()

    def _make_button(self, stage: Stage, words: str) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setCheckable(True)
        button.setToolTip(f"Show the {words} picture")
        button.clicked.connect(lambda: self.chosen.emit(stage))
        self._group.addButton(button)
        return button

    def show_stages(self, stages: tuple[Stage, ...], shown: Stage | None) -> None:
        """Offer these, with `shown` marked."""
        for stage, button in self.buttons.items():
            button.setVisible(stage in stages)
            button.setChecked(stage == shown)
        self.setVisible(len(stages) > 1)
