"""The left side of the Training tab: the runs, and what can be done with the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.panels.controls import square_button
from ptygui.gui.presenters.training_screen import RunActions, RunLevel, RunRow
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import StatusLevel, StatusSentence, primary_button, secondary_button
from ptygui.gui.widgets.run_list import RunList

_LEVELS: dict[RunLevel, StatusLevel] = {
    "ok": "ok",
    "running": "info",
    "warning": "warning",
    "problem": "error",
}


class TrainingRuns(QWidget):
    """List, sentence and buttons."""

    stop_requested = Signal()
    resume_requested = Signal()
    use_requested = Signal()
    rename_requested = Signal(Path, str)
    bin_requested = Signal()
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.new_button = primary_button("Train…", icon("school-outline", "on_accent"))
        self.watch_button = square_button("folder-eye-outline", "Watch runs in another folder")
        self.list = RunList()
        self._chosen: Path | None = None
        self.state = StatusSentence()
        self.actions_by_name = self._make_actions()
        self.stop_button = _button(self.actions_by_name["stop"], "Stop")
        self.resume_button = _button(self.actions_by_name["resume"], "Resume")
        self.use_button = _button(self.actions_by_name["use"], "Use")
        self.more_button = QToolButton()
        self.list.renamed.connect(self.rename_requested)
        self._lay_out()
        self.show_actions(RunActions())

    def _make_actions(self) -> dict[str, QAction]:
        made = {
            "stop": self._action("stop", "Stop after this step and keep it", self.stop_requested.emit),
            "resume": self._action("play", "Go on with this run", self.resume_requested.emit),
            "use": self._action(
                "image-filter-hdr", "Use its generator to reconstruct", self.use_requested.emit
            ),
            "rename": self._action("pencil-outline", "Rename…", self.list.rename_chosen),
            "folder": self._action("folder-open-outline", "Open its folder", self.folder_requested.emit),
            "bin": self._action("trash-can-outline", "Move to the bin", self.bin_requested.emit),
        }
        act = made.__getitem__
        self._menu = QMenu(self)
        for menu in (self.list.menu, self._menu):
            if menu is self.list.menu:
                menu.addActions([act("stop"), act("resume"), act("use")])
                menu.addSeparator()
            menu.addActions([act("rename"), act("folder")])
            menu.addSeparator()
            menu.addAction(act("bin"))
        return made

    def _action(self, icon_name: str, text: str, do: object) -> QAction:
        action = QAction(icon(icon_name), text, self)
        action.triggered.connect(lambda: do())  # type: ignore[operator]
        return action

    def _lay_out(self) -> None:
        self.more_button.setIcon(icon("dots-horizontal"))
        self.more_button.setMenu(self._menu)
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setToolTip(
            "Rename (the list of generators keeps the first name), open the folder, move to the bin"
        )
        self.more_button.setAccessibleName("More")
        self.buttons = QWidget()
        self.buttons.setLayout(_row(self.stop_button, self.resume_button, self.use_button, self.more_button))
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 6, 6)
        column.setSpacing(8)
        column.addLayout(_row(self.new_button, self.watch_button))
        column.addWidget(self.list, 1)
        column.addWidget(self.state)
        column.addWidget(self.buttons)

    def show_runs(self, rows: Sequence[RunRow], chosen: Path | None) -> None:
        """List the runs, with one of them chosen."""
        if chosen != self._chosen:
            self._close_menus()  # or what is clicked there would happen to another run
        self._chosen = chosen
        self.list.set_rows(rows, chosen)
        self.buttons.setVisible(chosen is not None)
        if chosen is None:
            self.show_state("", "ok")

    def _close_menus(self) -> None:
        for menu in (self.list.menu, self._menu):
            menu.close()

    def show_actions(self, actions: RunActions) -> None:
        """Offer what can be done: stop or resume, never both."""
        enabled = {
            "stop": actions.stop,
            "resume": actions.resume,
            "use": actions.use,
            "rename": actions.rename,
            "folder": actions.open_folder,
            "bin": actions.bin,
        }
        for name, action in self.actions_by_name.items():
            action.setEnabled(enabled[name])
        for button, on in (
            (self.stop_button, actions.stop),
            (self.resume_button, actions.resume),
            (self.use_button, actions.use),
        ):
            button.setEnabled(on)
        self.stop_button.setVisible(actions.stop or not actions.resume)
        self.resume_button.setVisible(actions.resume and not actions.stop)
        self.more_button.setEnabled(actions.rename or actions.open_folder or actions.bin)

    def show_state(self, sentence: str, level: RunLevel) -> None:
        """Say how the chosen run fares."""
        self.state.set(_LEVELS[level], sentence)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.list.set_plot_colors(colors)


def _button(action: QAction, text: str) -> QPushButton:
    button = secondary_button(text, action.icon())
    button.setToolTip(action.text())
    button.clicked.connect(action.trigger)
    return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget, int(isinstance(widget, QPushButton) and widget.text() != ""))
    return row
