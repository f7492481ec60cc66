"""The Prepare tab: how the file is read and what is done to it, beside what that makes of the scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from ptygui.gui.dialogs.step_dialog import StepDialog
from ptygui.gui.icons import icon
from ptygui.gui.panels.prepare_pictures import PreparePictures
from ptygui.gui.panels.reading_panel import ReadingPanel
from ptygui.gui.panels.remembered_bar import RememberedBar
from ptygui.gui.presenters.prepare_screen import Frame, StepForm, StepRow
from ptygui.gui.presenters.reading_rows import ReadingRow
from ptygui.gui.presenters.remembered_words import RememberedNote
from ptygui.gui.presenters.rows import Row
from ptygui.gui.presenters.step_entries import Offer
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import flat_button, secondary_button, text_label
from ptygui.gui.widgets.step_list import StepList

if TYPE_CHECKING:
    from ptygui.gui.overview import Overview

_LEFT = 332


class PreparePanel(QWidget):
    """The Prepare tab (presenters.prepare_screen.PrepareScreen)."""

    remember_requested = Signal()
    save_requested = Signal()
    load_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.remembered, self.reading, self.steps = RememberedBar(), ReadingPanel(), StepList()
        self.pictures = PreparePictures()
        self.empty = text_label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.dialog: StepDialog | None = None
        self._make_shortcuts()
        self._arrange()
        self.show_nothing("")

    def show_reading(self, rows: Sequence[ReadingRow], summary: str) -> None:
        """Show each value, where it comes from, and how to overrule it."""
        self.reading.show_rows(rows, summary)

    def show_remembered(self, note: RememberedNote) -> None:
        """Say how far the scan is prepared as remembered for such files."""
        self.remembered.show_note(note)

    def show_reading_problem(self, words: str) -> None:
        """Say what is wrong with what was typed; empty for nothing."""
        self.reading.problem.set("error", words)

    def show_orientation(self, words: str, running: bool) -> None:
        """Say what the search for the orientation found, or how far it is."""
        self.reading.show_orientation(words, running)

    def allow_search(self, allowed: bool) -> None:
        """Allow or forbid to look for the orientation."""
        self.reading.find_button.setEnabled(allowed)

    def refuse_steps(self, why: Mapping[Offer, str]) -> None:
        """Do not let these steps be added, and say why; all others may be."""
        self.steps.refuse(why)

    def show_steps(self, rows: Sequence[StepRow], selected: int | None) -> None:
        """List the steps, in order."""
        self.steps.show_rows(rows, selected)

    def show_history(self, can_undo: bool, can_redo: bool) -> None:
        """Say whether something can be undone and redone."""
        self.steps.show_history(can_undo, can_redo)

    def show_overview(self, overview: Overview, frame: Frame | None, seen_at: str) -> None:
        """Show the mean pattern with its mask, and the map."""
        self.pictures.show_overview(overview, frame, seen_at)
        self._right.setCurrentWidget(self.pictures)

    def show_figures(self, rows: Sequence[Row]) -> None:
        """Show the numbers beside the pictures."""
        self.pictures.figures.set_figures(rows)

    def show_nothing(self, reason: str) -> None:
        """Show no pictures and say why."""
        self.empty.setText(reason)
        self._right.setCurrentWidget(self.empty)

    def show_scan(self, is_there: bool) -> None:
        """Show the left side only where there is a file to speak of."""
        self._left.setVisible(is_there)

    def ask(self, form: StepForm) -> None:
        """Let the user fill a form."""
        self.dialog = StepDialog(form, self)
        self.dialog.open()

    def allow_change(self, allowed: bool) -> None:
        """Allow or forbid changes."""
        for widget in (self.remembered, self.reading, self.steps):
            widget.setEnabled(allowed)
        self.pictures.allow_tools(allowed)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.pictures.set_plot_colors(colors)

    def _make_shortcuts(self) -> None:
        for keys, signal in (("Ctrl+Z", self.steps.undone), ("Ctrl+Shift+Z", self.steps.redone)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(signal)

    def _arrange(self) -> None:
        right = QWidget()
        right.setMinimumWidth(240)  # pictures that are not shown would ask for the room of a wide window
        self._right = QStackedLayout(right)
        self._right.addWidget(self.empty)
        self._right.addWidget(self.pictures)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(8)
        self._left = self._make_left()
        row.addWidget(self._left)
        row.addWidget(right, 1)

    def _make_left(self) -> QWidget:
        """Make what scrolls, above what is done with all of it."""
        left = QWidget()
        left.setFixedWidth(_LEFT)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        column.addWidget(self._make_scroll(), 1)
        column.addLayout(self._make_foot())
        return left

    def _make_scroll(self) -> QScrollArea:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(8, 2, 4, 8)
        column.setSpacing(10)
        column.addWidget(self.remembered)
        column.addWidget(text_label("HOW THE FILE IS READ", "title"))
        column.addWidget(self.reading)
        column.addWidget(_line())
        column.addWidget(text_label("STEPS", "title"))
        column.addWidget(self.steps)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        return scroll

    def _make_foot(self) -> QHBoxLayout:
        self.remember_button = secondary_button("Remember for this beamline…", icon("bookmark-outline"))
        self.remember_button.setToolTip("The next files of this kind open as this scan is prepared now")
        self.remember_button.clicked.connect(self.remember_requested)
        self.load_button = flat_button("folder-open-outline", "Load a preparation…")
        self.save_button = flat_button("content-save-outline", "Save this preparation…")
        self.load_button.clicked.connect(self.load_requested)
        self.save_button.clicked.connect(self.save_requested)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 4, 0)
        row.setSpacing(0)
        row.addWidget(self.remember_button)
        row.addStretch(1)
        row.addWidget(self.load_button)
        row.addWidget(self.save_button)
        return row


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
