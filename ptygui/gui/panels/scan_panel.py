"""Card 1: the scan, what is known of it and what was guessed; or what its file does not tell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget
from superqt import QElidingLabel

from ptygui.gui.icons import icon
from ptygui.gui.panels.controls import square_button
from ptygui.gui.panels.lack_form import LackForm
from ptygui.gui.panels.watch_line import WatchLine
from ptygui.gui.presenters.rows import Row
from ptygui.gui.presenters.scan_presenter import Lack
from ptygui.gui.widgets.cards import Card, FactRows, secondary_button, text_label

_INVITATION = "Drop a scan file anywhere on this window, or open one."


class ScanPanel(Card):
    """The scan card (presenters.scan_presenter.ScanView)."""

    open_requested = Signal()
    demo_requested = Signal()
    path_chosen = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Scan", 1, parent)
        self.name = QElidingLabel()
        self.name.setProperty("role", "heading")
        self.recent_menu = QMenu("Open recent", self)
        self.open_button = square_button("folder-open-outline", "Open a scan (Ctrl+O)")
        self.open_button.clicked.connect(self.open_requested)
        self.recent_button = square_button("history", "Open a scan used lately")
        self.recent_button.clicked.connect(self._show_recent_menu)
        self.hint = text_label("", "muted")
        self.hint.setWordWrap(True)
        self.facts, self.lack, self.watch = FactRows(), LackForm(), WatchLine()
        self.demo_button = secondary_button("Open the demo scan", icon("star-four-points-outline"))
        self.demo_button.setToolTip("A small simulated scan that comes with ptygui")
        self.demo_button.clicked.connect(self.demo_requested)
        self._arrange()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.setSpacing(6)
        row.addWidget(self.recent_button)
        row.addWidget(self.open_button)
        self.body.addLayout(row)
        for widget in (self.hint, self.watch, self.lack, self.facts, self.demo_button):
            self.add(widget)

    def show_loading(self, name: str) -> None:
        """Say that a file is being opened."""
        self._show_head(f"Opening {name}…", "")
        self.facts.setEnabled(False)  # they are of the scan at hand, if there is one
        self.demo_button.hide()

    def show_scan(self, name: str, rows: Sequence[Row]) -> None:
        """Show what is known of the open scan."""
        self._show_head(name, "")
        self.demo_button.hide()
        self.lack.hide()
        self.facts.set_rows(rows)
        self.facts.setEnabled(True)
        self.facts.show()

    def show_lack(self, name: str, lack: Lack) -> None:
        """Ask for what a file does not tell."""
        self._show_head(name, "")
        self.demo_button.hide()
        self.facts.hide()
        self.lack.show_lack(lack)
        self.lack.show()

    def show_no_scan(self) -> None:
        """Invite to open one."""
        self._show_head("No scan yet", _INVITATION)
        self.facts.hide()
        self.lack.hide()
        self.demo_button.show()

    def _show_recent_menu(self) -> None:
        corner = self.recent_button.rect().bottomLeft()
        self.recent_menu.popup(self.recent_button.mapToGlobal(corner))

    def _show_head(self, name: str, hint: str) -> None:
        self.name.setText(name)
        self.name.setToolTip(name)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def allow_choice(self, allowed: bool) -> None:
        """Allow or forbid opening another scan."""
        controls = (self.open_button, self.recent_button, self.recent_menu, self.demo_button, self.lack)
        for control in controls:
            control.setEnabled(allowed)
        self.watch.allow_reading(allowed)

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer the files opened lately, newest first."""
        self.recent_menu.clear()
        self.recent_menu.setEnabled(bool(paths))
        self.recent_button.setVisible(bool(paths))
        for path in paths:
            action = self.recent_menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(partial(self.path_chosen.emit, path))
        self.recent_menu.setToolTipsVisible(True)
