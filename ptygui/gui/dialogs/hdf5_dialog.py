"""Open an HDF5 file by hand: browse it, point at patterns and positions, see at once what comes of it."""

from __future__ import annotations

from collections.abc import Mapping as Map
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QInputDialog,
    QMessageBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ptygui.core.mapping import Mapping
from ptygui.gui.presenters.hdf5_presenter import Hdf5Backend, Hdf5Presenter, Level
from ptygui.gui.presenters.hdf5_rows import WORDS, PlaceText, Role
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import StatusSentence, primary_button, secondary_button, text_label
from ptygui.gui.widgets.hdf5_preview import Hdf5Preview
from ptygui.gui.widgets.hdf5_tree import Hdf5Tree
from ptygui.gui.widgets.place_rows import PlaceRows

if TYPE_CHECKING:
    from ptygui.io.tree import Listing, Node, Preview

_SIZE = (1080, 760)


class Hdf5Dialog(QDialog):
    """Fulfils `presenters.hdf5_presenter.Hdf5View`; `mapped` is emitted when the user opens the scan."""

    mapped = Signal(object, object)
    """(Path, core.mapping.Mapping): how the file is to be read, as `jobs.api.read_mapped` does."""

    def __init__(
        self, path: Path, runner: Runner, backend: Hdf5Backend, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Open {path.name} by hand")
        self.resize(*_SIZE)
        self.tree, self.preview, self.rows = Hdf5Tree(), Hdf5Preview(), PlaceRows()
        self.also, self.summary, self.saved = text_label("", "muted"), StatusSentence(), StatusSentence()
        self.presenter = Hdf5Presenter(self, runner, backend, path)
        self.tree.set_roles(tuple(WORDS.items()))
        self._make_buttons()
        self._arrange()
        self._connect()

    def begin(self) -> None:
        """Look into the file; call it once."""
        self.presenter.begin()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.preview.set_plot_colors(colors)

    # What the presenter shows.

    def show_nodes(self, key: str, listing: Listing) -> None:
        """Show what is in a group."""
        self.tree.show_listing(key, listing)

    def show_preview(self, key: str, preview: Preview) -> None:
        """Show what a dataset looks like, if it is still the selected one."""
        if self.tree.chosen is None or self.tree.chosen.path == key:
            self.preview.show_preview(preview)

    def show_no_preview(self, words: str) -> None:
        """Say why there is nothing to be seen."""
        self.preview.show_words(words)

    def show_rows(self, rows: Map[Role, PlaceText]) -> None:
        """Show what is meant by what, beside the nodes too."""
        self.rows.show_rows(rows)
        uses: dict[str, list[str]] = {}
        for role, row in rows.items():
            for key in row.key.split("|"):
                uses.setdefault(f"/{key.strip(' /')}", []).append(WORDS[role])
        self.tree.reveal(uses)
        self.tree.show_uses({key: ", ".join(words) for key, words in uses.items()})

    def show_also(self, words: str) -> None:
        """Say what else is used that no row shows."""
        self.also.setText(words)
        self.also.setVisible(bool(words))

    def show_summary(self, level: Level, words: str, tip: str) -> None:
        """Say what comes of it."""
        self.summary.set(level, words, tip)

    def allow(self, can_open: bool) -> None:
        """Allow to open, and to keep it as a preset."""
        self.open_button.setEnabled(can_open)
        self.save_button.setEnabled(can_open)

    def show_saved(self, level: Level, words: str) -> None:
        """Say that the preset was kept, or why not."""
        self.saved.set(level, words)

    def ask_replace(self, name: str) -> None:
        """Ask whether the preset of that name may be replaced."""
        self.replace_question = box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Replace the preset?")
        box.setText(f"There is a preset “{name}” already.")
        replace = box.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        replace.clicked.connect(lambda: self.presenter.save(name, overwrite=True))
        box.open()

    def leave(self, path: Path, mapping: Mapping) -> None:
        """Hand the mapping on and close."""
        self.mapped.emit(path, mapping)
        self.accept()

    # What the user does.

    @Slot(object)
    def _look(self, node: Node) -> None:
        self.preview.show_node(node)
        if node.kind == "dataset" and not node.problem:
            self.presenter.look(node.path)

    @Slot(str)
    def _take(self, role: str) -> None:
        node = self.tree.chosen
        if node is not None:
            self.presenter.use(cast("Role", role), node.path)

    @Slot()
    def ask_for_name(self) -> None:
        """Ask how the preset is to be called."""
        self.name_question = question = QInputDialog(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setWindowTitle("Save as preset")
        question.setLabelText("Files with the same contents will open by themselves. Name of the preset:")
        question.setTextValue(self.presenter.proposed_name)
        question.textValueSelected.connect(self.presenter.save)
        question.open()

    def _make_buttons(self) -> None:
        role = QDialogButtonBox.ButtonRole
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.open_button, self.save_button = primary_button("Open"), secondary_button("Save as preset…")
        self.save_button.setToolTip("Keep this under a name: the next file of the same kind opens by itself")
        self.buttons.addButton(self.save_button, role.ResetRole)
        self.buttons.addButton(self.open_button, role.ActionRole)
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        for button in (self.open_button, self.save_button, cancel):
            button.setAutoDefault(False)  # Return in a row ends the editing, no more

    def _connect(self) -> None:
        presenter = self.presenter
        self.tree.listing_wanted.connect(presenter.expand)
        self.tree.node_chosen.connect(self._look)
        self.tree.use_wanted.connect(presenter.use)
        self.preview.frame_wanted.connect(presenter.look_at_frame)
        self.rows.take_wanted.connect(self._take)
        self.rows.edited.connect(presenter.edit)
        self.open_button.clicked.connect(presenter.open)
        self.save_button.clicked.connect(self.ask_for_name)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(presenter.close)

    def _arrange(self) -> None:
        above = QSplitter(Qt.Orientation.Horizontal)
        above.setChildrenCollapsible(False)
        above.addWidget(self.tree)
        above.addWidget(self.preview)
        above.setSizes([600, 440])
        self.also.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(above, 1)
        for widget in (self.rows, self.also, self.summary, self.saved, self.buttons):
            column.addWidget(widget)
