"""The steps of a preparation: switched on and off, moved, edited, removed, added; undo and redo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.icons import icon
from ptygui.gui.presenters.prepare_screen import StepRow
from ptygui.gui.presenters.step_entries import MENU, Offer
from ptygui.gui.widgets.cards import flat_button, secondary_button, text_label

_PADDING_PX = 12
"""Left and right of the words of an item, its border and its focus frame included."""
_NONE = "None yet: the scan is used as it is read."


class StepList(QWidget):
    """Dumb: shows rows and says what the user wants."""

    chosen = Signal(object)
    """Index of the step that is looked at, or None."""
    switched = Signal(int, bool)
    moved = Signal(int, int)
    removed = Signal(int)
    edited = Signal(int)
    wanted = Signal(object)
    """An entry of the menu (presenters.step_entries.Offer)."""
    undone = Signal()
    redone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[StepRow] = ()
        self.list = _Steps()
        self.list.itemSelectionChanged.connect(self._tell_choice)
        self.list.itemChanged.connect(self._tell_switch)
        self.list.itemDoubleClicked.connect(lambda _: self._tell_edit())
        self.none = text_label(_NONE, "muted")
        self.none.setWordWrap(True)
        self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.none, self.list, self._bar()):
            column.addWidget(widget)
        self.show_rows((), None)
        self.show_history(False, False)

    @property
    def current(self) -> int | None:
        """Index of the step that is looked at."""
        chosen = self.list.selectedIndexes()
        return chosen[0].row() if chosen else None

    def show_rows(self, rows: Sequence[StepRow], selected: int | None) -> None:
        """List the steps."""
        self._rows = rows
        with QSignalBlocker(self.list):
            self.list.clear()
            for row in rows:
                self.list.addItem(_item(row))
            if selected is not None:
                self.list.setCurrentRow(selected)
        self.list.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.list.fit()
        self._enable()

    def refuse(self, why: Mapping[Offer, str]) -> None:
        """Grey these entries of the menu, with the reason as tooltip."""
        for offer, action in self._actions.items():
            action.setDisabled(offer in why)
            action.setToolTip(why.get(offer, ""))

    def show_history(self, can_undo: bool, can_redo: bool) -> None:
        """Say whether something can be undone and redone."""
        self.undo_button.setEnabled(can_undo)
        self.redo_button.setEnabled(can_redo)

    def _make_buttons(self) -> None:
        self.add_button = secondary_button("Add", icon("plus"))
        self.add_button.setToolTip("Add a step; painting, cropping and the lasso are beside the pictures")
        self.add_button.setAccessibleName("Add a step")
        self.add_button.setMenu(self._menu())
        self.up_button = flat_button("arrow-up", "Do it earlier")
        self.down_button = flat_button("arrow-down", "Do it later")
        self.edit_button = flat_button("pencil-outline", "Change it")
        self.remove_button = flat_button("trash-can-outline", "Remove it (Del)")
        self.undo_button = flat_button("undo", "Undo (Ctrl+Z)")
        self.redo_button = flat_button("redo", "Redo (Ctrl+Shift+Z)")
        self.up_button.clicked.connect(lambda: self._tell_move(-1))
        self.down_button.clicked.connect(lambda: self._tell_move(1))
        self.edit_button.clicked.connect(self._tell_edit)
        self.remove_button.clicked.connect(self._tell_remove)
        self.undo_button.clicked.connect(self.undone)
        self.redo_button.clicked.connect(self.redone)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._tell_remove)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        self.offers: dict[str, QAction] = {}
        self._actions: dict[Offer, QAction] = {}
        for group, offers in MENU:
            below = menu.addMenu(group)
            below.setToolTipsVisible(True)
            for offer in offers:
                action = below.addAction(offer.words)
                action.triggered.connect(lambda _on=False, mine=offer: self.wanted.emit(mine))
                self.offers[f"{group}: {offer.words}"] = self._actions[offer] = action
        return menu

    def _bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.add_button)
        row.addStretch(1)
        for button in (*self._of_step(), self.undo_button, self.redo_button):
            row.addWidget(button)
        return bar

    def _of_step(self) -> tuple[QToolButton, ...]:
        return self.edit_button, self.up_button, self.down_button, self.remove_button

    def _enable(self) -> None:
        at, count = self.current, len(self._rows)
        for button in self._of_step():
            button.setVisible(count > 0)
            button.setEnabled(at is not None)
        if at is not None:
            self.up_button.setEnabled(at > 0)
            self.down_button.setEnabled(at < count - 1)
            self.edit_button.setEnabled(self._rows[at].editable)

    def _tell_choice(self) -> None:
        self._enable()
        self.chosen.emit(self.current)

    def _tell_switch(self, item: QListWidgetItem) -> None:
        self.switched.emit(self.list.row(item), item.checkState() == Qt.CheckState.Checked)

    def _tell_move(self, by: int) -> None:
        if self.current is not None:
            self.moved.emit(self.current, by)

    def _tell_edit(self) -> None:
        if self.current is not None and self._rows[self.current].editable:
            self.edited.emit(self.current)

    def _tell_remove(self) -> None:
        if self.current is not None:
            self.removed.emit(self.current)


def _item(row: StepRow) -> QListWidgetItem:
    item = QListWidgetItem(f"{row.words}\n{row.caution}" if row.caution else row.words)
    if row.caution:
        item.setIcon(icon("alert-outline"))
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if row.on else Qt.CheckState.Unchecked)
    item.setToolTip(row.tip or row.words)
    return item


class _Steps(QListWidget):
    """As high as its items."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setItemDelegate(_WrappedInside(self))

    def fit(self) -> None:
        """Claim the height of all items."""
        self.doItemsLayout()
        heights = [self.visualItemRect(self.item(row)).height() for row in range(self.count())]
        self.setFixedHeight(sum(heights) + 2)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt)
        """Ask for little width: words wrap."""
        return QSize(80, self.height())

    def event(self, event: QEvent) -> bool:
        """Wrap anew in another width; in `resizeEvent` the viewport would not follow the height."""
        handled = super().event(event)
        if event.type() is QEvent.Type.Resize:
            self.fit()
        return handled


class _WrappedInside(QStyledItemDelegate):
    """Asks for the height of words that wrap inside the padding of the style sheet, which Qt forgets."""

    def sizeHint(  # noqa: N802 (Qt)
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of an item."""
        narrower = QStyleOptionViewItem(option)
        narrower.rect.setWidth(option.rect.width() - _PADDING_PX)
        return super().sizeHint(narrower, index)
