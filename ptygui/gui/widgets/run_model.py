"""The runs as Qt's views want them; told anew at every poll, it changes only what is different."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ptygui.gui.presenters.training_screen import RunRow

AnyIndex = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()


class RunModel(QAbstractListModel):
    """A row a run: `ROW` holds the `RunRow`; checked means that its curves are drawn."""

    overlaid = Signal(Path, bool)
    renamed = Signal(Path, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RunRow] = []

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:  # noqa: N802 (Qt)
        """Count the runs."""
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Say what can be done with an item."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return super().flags(index) | flag.ItemIsUserCheckable | flag.ItemIsEditable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what an item shows."""
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Unchecked if row.color is None else Qt.CheckState.Checked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (row.name, row.generator, row.state, row.best, row.age)))
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Pass on what the user wants; the rows change when the presenter says so."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            self.overlaid.emit(row.key, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        name = str(value).strip()
        if name and name != row.name:
            self.renamed.emit(row.key, name)
        return True

    def position(self, key: Path | None) -> int | None:
        """Return the row of a run, or None."""
        return next((at for at, row in enumerate(self.rows) if row.key == key), None)

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Become these rows by removing, moving, inserting and changing single ones."""
        self._remove_all_but({row.key for row in rows})
        for at, row in enumerate(rows):
            self._bring_to(at, row)
            if self.rows[at] != row:
                self.rows[at] = row
                self.dataChanged.emit(self.index(at), self.index(at))

    def _remove_all_but(self, kept: set[Path]) -> None:
        for at in reversed(range(len(self.rows))):
            if self.rows[at].key not in kept:
                self.beginRemoveRows(_NOWHERE, at, at)
                del self.rows[at]
                self.endRemoveRows()

    def _bring_to(self, at: int, row: RunRow) -> None:
        if at < len(self.rows) and self.rows[at].key == row.key:
            return
        found = self.position(row.key)
        if found is None:
            self.beginInsertRows(_NOWHERE, at, at)
            self.rows.insert(at, row)
            self.endInsertRows()
        else:
            self.beginMoveRows(_NOWHERE, found, found, _NOWHERE, at)
            self.rows.insert(at, self.rows.pop(found))
            self.endMoveRows()
