"""A slider through the previews of a run, which can be played like a film."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.widgets.cards import flat_button, text_label
from ptygui.gui.widgets.numbers import grouped

_FRAME_MS = 125
_WIDE = 480


class PreviewPlayer(QWidget):
    """Asks for previews by their position; the last position follows the newest as it comes."""

    wanted = Signal(int)
    play_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: Sequence[int] = ()
        self._waits = False
        self.play_button = flat_button("play", "Play the previews from the first to the last")
        self.play_button.setCheckable(True)
        self.play_button.toggled.connect(self._play)
        self.newest_button = flat_button("skip-next", "Show the newest preview, and follow the run")
        self.newest_button.setCheckable(True)
        self.newest_button.clicked.connect(self._go_to_newest)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Preview")
        self.slider.setPageStep(1)
        self.slider.valueChanged.connect(self._moved)
        self.words = text_label("", "muted")
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._next)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        for widget in (self.play_button, self.slider, self.newest_button, self.words):
            row.addWidget(widget, int(widget is self.slider))
        self.set_positions((), None, True)

    @property
    def is_playing(self) -> bool:
        """True while the film runs."""
        return self.play_button.isChecked()

    def set_positions(self, steps: Sequence[int], index: int | None, following: bool) -> None:
        """Offer previews by their steps; a slider that is held or plays is not moved."""
        other_run = bool(steps) and bool(self._steps) and steps[0] != self._steps[0]
        if len(steps) < 2 or other_run:
            self.play_button.setChecked(False)
        held = self.slider.isSliderDown() or self.is_playing
        self._steps = steps
        self.setEnabled(len(steps) > 1)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(len(steps) - 1, 0))
        if index is not None and not held:
            self.slider.setValue(index)
        self.slider.blockSignals(False)
        self.newest_button.setChecked(following and not self.is_playing)
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt)
        """Leave the room to the slider where there is little: the words are its tooltip, too."""
        super().resizeEvent(event)
        self.words.setVisible(self.width() >= _WIDE or not self._steps)

    def add(self, widget: QWidget) -> None:
        """Put a control at the right end."""
        self._row.addWidget(widget)

    def picture_shown(self) -> None:
        """Tell that the picture last asked for is on the screen: the film waits for that."""
        self._waits = False

    def pause(self) -> None:
        """Stop the film."""
        self.play_button.setChecked(False)

    def _play(self, on: bool) -> None:
        self.play_button.setIcon(icon("pause" if on else "play"))
        if on:
            self._waits = False
            self.newest_button.setChecked(False)
            if self.slider.value() == self.slider.maximum():
                self.slider.setValue(0)
            self._timer.start()
        else:
            self._timer.stop()
        self.play_toggled.emit(on)

    def _next(self) -> None:
        if self._waits:
            return
        if self.slider.value() == self.slider.maximum():
            self.pause()
        else:
            self._waits = True
            self.slider.setValue(self.slider.value() + 1)

    def _moved(self, position: int) -> None:
        self._write()
        self.wanted.emit(position)

    def _go_to_newest(self) -> None:
        self.pause()
        self.newest_button.setChecked(True)
        if self.slider.value() == self.slider.maximum():
            self.wanted.emit(self.slider.maximum())
        else:
            self.slider.setValue(self.slider.maximum())

    def _write(self) -> None:
        self.words.setText(self._position_words())
        self.slider.setToolTip(self.words.text())
        self.words.setVisible(self.width() >= _WIDE or not self._steps)

    def _position_words(self) -> str:
        if not self._steps:
            return "no previews yet"
        at = min(self.slider.value(), len(self._steps) - 1)
        return f"step {grouped(self._steps[at])} · {at + 1} of {len(self._steps)}"
