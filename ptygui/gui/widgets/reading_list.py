"""How a file is read, line by line: the value, where it comes from, and a way back to what the file says."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ptygui.gui.presenters.reading_rows import ReadingRow
from ptygui.gui.widgets.cards import flat_button, set_look, text_label
from ptygui.gui.widgets.entry_box import EntryBox

_LABELS = 110


class ReadingList(QWidget):
    """Lines stay where they are while they are shown, so that nothing that is being typed is lost."""

    overruled = Signal(str, str)
    """Name of the field, and what the user wants it to be."""
    followed = Signal(str)
    """The file is to decide the field again."""
    elsewhere_wanted = Signal()
    """The dialog is wanted in which the file with the positions is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[str, ReadingLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def show_rows(self, rows: Sequence[ReadingRow]) -> None:
        """Show these rows; those of before that are not among them go."""
        wanted = [row.field for row in rows]
        for name in [name for name in self.lines if name not in wanted]:
            line = self.lines.pop(name)
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        for place, row in enumerate(rows):
            if row.field not in self.lines:
                self.lines[row.field] = self._new_line(row)
                self._column.insertWidget(place, self.lines[row.field])
            self.lines[row.field].show_row(row)

    def _new_line(self, row: ReadingRow) -> ReadingLine:
        line = ReadingLine(row)
        line.box.decided.connect(lambda text: self.overruled.emit(row.field, text))
        line.box.elsewhere_wanted.connect(self.elsewhere_wanted)
        line.back_button.clicked.connect(lambda: self.followed.emit(row.field))
        return line


class ReadingLine(QWidget):
    """One field."""

    def __init__(self, row: ReadingRow) -> None:
        super().__init__()
        self.label, self.origin = text_label(row.entry.label), text_label("", "muted")
        self.box = EntryBox(row.entry)
        self.back_button = flat_button("undo-variant", "Back to what the file says, or what is found")
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.label)
        names.addWidget(self.origin)
        holder = QWidget()
        holder.setLayout(names)
        names.setContentsMargins(0, 0, 0, 0)
        holder.setFixedWidth(_LABELS)
        policy = self.back_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back_button.setSizePolicy(policy)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(4)
        across.addWidget(holder, 0, Qt.AlignmentFlag.AlignVCenter)
        across.addWidget(self.box, 1)
        across.addWidget(self.back_button)

    def show_row(self, row: ReadingRow) -> None:
        """Show the value, and where it comes from."""
        self.box.show_text(row.text)
        self.origin.setText(row.line)
        set_look(self.origin, "level", "warning" if row.doubtful else None)
        self.back_button.setVisible(row.overruled)
        tip = "\n".join(filter(None, (row.entry.tip, row.why)))
        self.label.setToolTip(tip)
        self.origin.setToolTip(tip)
