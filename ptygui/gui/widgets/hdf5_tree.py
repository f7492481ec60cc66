"""The nodes of an HDF5 file, listed as they are opened: shape, type, unit, and what each is used as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QBrush, QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.widgets.numbers import grouped

if TYPE_CHECKING:
    from ptygui.io.tree import Listing, Node

_COLUMNS = ("name", "shape", "type", "unit", "used as")
_NODE = Qt.ItemDataRole.UserRole
_ICONS = {"group": "folder-outline", "dataset": "grid", "broken": "link-off"}


class Hdf5Tree(QTreeWidget):
    """Asks for what is in a group when it is opened; its nodes can be dragged as the text of their path."""

    listing_wanted = Signal(str)
    node_chosen = Signal(object)
    """A tree.Node is selected."""
    use_wanted = Signal(str, str)
    """(role, key) was chosen from the menu of a node."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._roles: Sequence[tuple[str, str]] = ()
        self._items: dict[str, QTreeWidgetItem] = {}
        self._uses: Mapping[str, str] = {}
        self._wanted: set[str] = set()
        """Nodes that are to be seen as soon as they are listed."""
        self.setHeaderLabels(_COLUMNS)
        self.setAccessibleName("Contents of the file")
        self.setUniformRowHeights(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(_COLUMNS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.itemExpanded.connect(self._ask_for)
        self.currentItemChanged.connect(self._choose)
        self.customContextMenuRequested.connect(self._open_menu)

    def set_roles(self, roles: Sequence[tuple[str, str]]) -> None:
        """Offer to use a node as these: (role, words)."""
        self._roles = roles

    def show_listing(self, key: str, listing: Listing) -> None:
        """Show what is in a group."""
        parent = self._items.get(key, self.invisibleRootItem())
        parent.takeChildren()
        for node in listing.nodes:
            item = self._make_item(node)
            parent.addChild(item)
            self._items[node.path] = item
            self._mark(node.path)
        left_out = listing.total - len(listing.nodes)
        if left_out > 0:
            more = QTreeWidgetItem([f"… and {grouped(left_out)} more: write the key of one below"])
            more.setFlags(Qt.ItemFlag.NoItemFlags)
            more.setFirstColumnSpanned(True)
            parent.addChild(more)
        if key == "/":
            self._open_single_branch(parent)
        self._open_way()

    def show_uses(self, uses: Mapping[str, str]) -> None:
        """Say beside nodes what they are used as: words by key."""
        former, self._uses = self._uses, uses
        for key in {*former, *uses}:
            self._mark(key)

    def reveal(self, keys: Iterable[str]) -> None:
        """Open the groups above these nodes, as far as they exist."""
        self._wanted |= set(keys)
        self._open_way()

    def make_menu(self, key: str) -> QMenu:
        """Return the menu of what a node can be used as."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for role, words in self._roles:
            action = menu.addAction(f"Use as {words}")
            action.triggered.connect(lambda _=False, role=role: self.use_wanted.emit(role, key))
        return menu

    @property
    def chosen(self) -> Node | None:
        """The node that is selected."""
        item = self.currentItem()
        return None if item is None else item.data(0, _NODE)

    def item_of(self, key: str) -> QTreeWidgetItem | None:
        """Return the item of a node that is listed."""
        return self._items.get(key)

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:  # noqa: N802 (Qt)
        """Carry the path as text (called by Qt)."""
        data = QMimeData()
        nodes = [item.data(0, _NODE) for item in items]
        data.setText(next((node.path for node in nodes if node is not None), ""))
        return data

    def _make_item(self, node: Node) -> QTreeWidgetItem:
        shape = "" if node.shape is None else " × ".join(map(str, node.shape)) or "one value"
        item = QTreeWidgetItem([node.name, shape, node.dtype, node.units, ""])
        item.setData(0, _NODE, node)
        item.setIcon(0, icon(_ICONS["broken" if node.problem else node.kind]))
        leads = f"→ {node.target}" if node.target else ""
        item.setToolTip(0, "\n".join(filter(None, [node.path, leads, node.problem])))
        if node.problem:
            faded = self.palette().brush(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
            for column in range(len(_COLUMNS)):
                item.setForeground(column, faded)
        policy = QTreeWidgetItem.ChildIndicatorPolicy
        item.setChildIndicatorPolicy(
            policy.ShowIndicator if node.is_open else policy.DontShowIndicatorWhenChildless
        )
        return item

    def _mark(self, key: str) -> None:
        item = self._items.get(key)
        if item is not None:
            item.setText(len(_COLUMNS) - 1, self._uses.get(key, ""))
            accent = QBrush(self.palette().color(QPalette.ColorRole.Link))
            item.setForeground(len(_COLUMNS) - 1, accent)

    def _open_single_branch(self, parent: QTreeWidgetItem) -> None:
        """Open the group of the root if there is only one: most files begin so."""
        only = parent.child(0) if parent.childCount() == 1 else None
        if only is not None:
            only.setExpanded(True)

    def _open_way(self) -> None:
        """Open what is listed of the groups above the nodes that are wanted."""
        self._wanted -= self._items.keys()
        for key in sorted(self._wanted):
            above = [path for path in self._items if key.startswith(f"{path}/")]
            if above:
                self._items[max(above, key=len)].setExpanded(True)

    def _ask_for(self, item: QTreeWidgetItem) -> None:
        node: Node | None = item.data(0, _NODE)
        if node is not None and node.is_open and item.childCount() == 0:
            self.listing_wanted.emit(node.path)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        node = None if item is None else item.data(0, _NODE)
        if node is not None:
            self.node_chosen.emit(node)

    def _open_menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        node = None if item is None else item.data(0, _NODE)
        if node is not None and node.kind == "dataset":
            self.make_menu(node.path).popup(self.viewport().mapToGlobal(place))
