"""How the file of a scan is read: what matters above, the geometry folded away while it is in order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.presenters.reading_rows import GEOMETRY, ReadingRow
from ptygui.gui.widgets.cards import StatusSentence, secondary_button, text_label
from ptygui.gui.widgets.folding import Folding
from ptygui.gui.widgets.reading_list import ReadingLine, ReadingList

_FIND = "Find the orientation"


class ReadingPanel(QWidget):
    """The upper group of the Prepare tab."""

    overruled = Signal(str, str)
    followed = Signal(str)
    orientation_wanted = Signal()
    positions_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conventions, self.beam = ReadingList(), ReadingList()
        self.folding = Folding("Geometry", self.beam)
        self.summary, self.problem, self.found = text_label("", "muted"), StatusSentence(), StatusSentence()
        self.find_button = secondary_button(_FIND, icon("compass-outline"))
        self.find_button.setToolTip(
            "Try how the frames may lie to the positions on some neighbouring patterns: only the right way "
            "makes them agree"
        )
        self.find_button.clicked.connect(self.orientation_wanted)
        self.conventions.elsewhere_wanted.connect(self.positions_wanted)
        for lines in (self.conventions, self.beam):
            lines.overruled.connect(self.overruled)
            lines.followed.connect(self.followed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (
            self.summary,
            self.conventions,
            self.find_button,
            self.found,
            self.folding,
            self.problem,
        ):
            column.addWidget(widget)

    def show_rows(self, rows: Sequence[ReadingRow], summary: str) -> None:
        """Show each value, where it comes from, and how to overrule it."""
        geometry = [row for row in rows if row.field in GEOMETRY]
        self.summary.setText(summary)
        self.conventions.show_rows([row for row in rows if row.field not in GEOMETRY])
        self.beam.show_rows(geometry)
        self.folding.set_summary(_geometry_words(geometry))

    def show_orientation(self, words: str, running: bool) -> None:
        """Say what the search found, or how far it is."""
        self.found.set("info", words)
        self.find_button.setText("Stop looking" if running else _FIND)

    def line(self, field: str) -> ReadingLine:
        """Return the line of a field."""
        return self.conventions.lines.get(field) or self.beam.lines[field]


def _geometry_words(rows: Sequence[ReadingRow]) -> str:
    known = [row for row in rows if row.text]
    if not known:
        return "unknown"
    return ", ".join(
        f"{_rounded(row.text)}\u202f{row.entry.unit}" for row in known if row.field != "detector_pixel_m"
    )


def _rounded(text: str) -> str:
    return re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.4g}", text)
