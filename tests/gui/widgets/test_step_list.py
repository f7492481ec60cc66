"""The list of steps: nothing of its words is hidden, however narrow it is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from ptygui.gui.presenters.prepare_screen import StepRow
from ptygui.gui.theme import apply_theme
from ptygui.gui.widgets.step_list import StepList

ROW = StepRow("Window 48 × 48 px around row 24, column 24", True, True)


@pytest.fixture
def steps(qtbot):
    """In the clothes of the window: its style sheet pads the items."""
    app = QApplication.instance()
    style, palette = app.styleSheet(), app.palette()
    apply_theme(app, "dark")
    made = StepList()
    qtbot.addWidget(made)
    made.show_rows([ROW, ROW], None)
    made.show()
    yield made
    app.setStyleSheet(style)
    app.setPalette(palette)


def ink(steps: StepList) -> float:
    """How much light the words and boxes make."""
    image = steps.list.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    light = rows[:, : image.width()].astype(float)
    return float((light - np.median(light)).clip(20).sum() - 20 * light.size)


def test_words_that_do_not_fit_wrap_and_are_shown_whole(steps):
    advance = steps.fontMetrics().horizontalAdvance(ROW.words)
    inks, heights = [], set()
    for width in range(int(1.4 * advance), int(0.95 * advance), -2):
        steps.resize(width, 300)
        QApplication.processEvents()
        inks.append(ink(steps))
        heights.add(steps.list.height())
    assert len(heights) == 2  # a line, then two
    assert min(inks) > 0.98 * max(inks)  # a number that is missing is 3 %
