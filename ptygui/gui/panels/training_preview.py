"""The preview of a run: amplitude and phase, and a slider through all of its previews."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from ptygui.core.scan import ObjectImage
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import action_buttons, text_label
from ptygui.gui.widgets.object_view import ObjectView
from ptygui.gui.widgets.preview_player import PreviewPlayer


class TrainingPreview(QWidget):
    """Picture above, slider below. While the film runs the colour levels stay as they are."""

    wanted = Signal(int)
    play_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ObjectView()
        self.player = PreviewPlayer()
        self.player.add(action_buttons(self.view.view_actions()))
        self.empty = text_label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._locked_for_film = False
        self.player.wanted.connect(self.wanted)
        self.player.play_toggled.connect(self._hold_levels)
        self.player.play_toggled.connect(self.play_toggled)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._stack, 1)
        column.addWidget(self.player)

    def show_positions(self, steps: Sequence[int], index: int | None, following: bool) -> None:
        """Offer previews by their steps."""
        self.player.set_positions(steps, index, following)

    def show_image(self, image: ObjectImage | None, caption: str) -> None:
        """Show a picture, or say why there is none."""
        self.player.picture_shown()
        if image is None:
            self.view.clear()
            self.empty.setText(caption)
            self._stack.setCurrentWidget(self.empty)
            return
        self.view.set_image(image)
        self.view.set_caption(caption)
        self._stack.setCurrentWidget(self.view)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.view.set_plot_colors(colors)

    def _hold_levels(self, playing: bool) -> None:
        lock = self.view.action_lock_levels
        if playing:
            self._locked_for_film = not lock.isChecked()
            lock.setChecked(True)
        elif self._locked_for_film:
            lock.setChecked(False)
            self._locked_for_film = False
