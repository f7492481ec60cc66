"""The menu bar: everything the window can do, with its shortcut."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from ptygui.core.events import Reconstruction
from ptygui.gui.dialogs.message import show_about, show_shortcuts
from ptygui.gui.presenters.result_shelf import Kept
from ptygui.gui.theme import ThemeName

if TYPE_CHECKING:
    from ptygui.gui.main_window import MainWindow

_THEMES: tuple[tuple[ThemeName, str], ...] = (
    ("dark", "Dark"),
    ("light", "Light"),
    ("system", "As the desktop"),
)


class MenuBar(QMenuBar):
    """File, Run, Training, View, Results, Help."""

    def __init__(self, window: MainWindow, theme: ThemeName) -> None:
        super().__init__(window)
        self._window = window
        self._idle_only: list[QAction] = []
        self._make_file_menu()
        self._make_run_menu()
        self._make_training_menu()
        self._make_view_menu(theme)
        self.results_menu = self.addMenu("R&esults")
        self._make_help_menu()
        self.show_results((), None)
        self.show_running(False)

    def _make_file_menu(self) -> None:
        window, menu = self._window, self.addMenu("&File")
        open_scan = _add(menu, "&Open scan…", "Ctrl+O", window.scans.ask_for_scan)
        open_folder = _add(menu, "Open &folder…", "", window.scans.ask_for_folder)
        by_hand = _add(menu, "Open &HDF5 by hand…", "Ctrl+H", window.scans.ask_for_hdf5)
        demo = _add(menu, "Open &demo scan", "Ctrl+D", window.open_demo)
        menu.addMenu(window.path.scan.recent_menu)
        open_generator = _add(menu, "Open &generator…", "Ctrl+G", window.ask_for_generator)
        open_result = _add(menu, "Open res&ult…", "Ctrl+Shift+O", window.ask_for_result)
        menu.addSeparator()
        reload = _add(menu, "Re&load the scan", "F5", window.presenter.reload)
        self.follow_action = menu.addAction("&Follow the scan while it is measured")
        self.follow_action.setCheckable(True)
        self.follow_action.triggered.connect(window.presenter.following.set_on)
        window.path.scan.watch.following_shown.connect(self.follow_action.setChecked)
        _add(menu, "&Prepare the scan", "Ctrl+Shift+P", window.show_prepare_tab)
        menu.addSeparator()
        self.export_action = _add(menu, "&Export…", "Ctrl+E", window.open_export)
        menu.addSeparator()
        _add(menu, "&Quit", "Ctrl+Q", window.close)
        self._idle_only += [open_scan, open_folder, by_hand, demo, open_generator, open_result, reload]

    def _make_run_menu(self) -> None:
        run, menu = self._window.presenter.run, self.addMenu("&Run")
        self.reconstruct_action = _add(menu, "&Reconstruct", "Ctrl+R", self._window.reconstruct)
        self.reconstruct_action.setEnabled(run.can_start)
        go = self._window.path.go
        go.can_start_changed.connect(self.reconstruct_action.setEnabled)
        self.refine_action = _add(menu, "Re&fine", "Ctrl+Shift+R", self._window.refine)
        self.refine_action.setEnabled(run.can_refine)
        go.can_refine_changed.connect(self.refine_action.setEnabled)
        menu.addSeparator()
        self.pause_action = _add(menu, "&Pause", "Ctrl+P", run.toggle_pause)
        self.pause_action.setEnabled(False)
        go.pause_changed.connect(self._show_pause)
        self.stop_action = _add(menu, "&Stop and keep", "Ctrl+.", run.stop_and_keep)
        self.cancel_action = _add(menu, "&Cancel", "Esc", run.cancel)

    def _make_training_menu(self) -> None:
        desk, menu = self._window.trainings, self.addMenu("&Training")
        self.train_action = _add(menu, "&Train on this scan…", "Ctrl+T", desk.train_on_scan)
        self.train_action.setEnabled(False)
        self._window.path.generator.can_train_changed.connect(self.train_action.setEnabled)
        _add(menu, "Train on &simulated objects…", "Ctrl+Shift+T", desk.train_on_simulated)
        menu.addSeparator()
        _add(menu, "&Watch another folder…", "", desk.ask_for_folder)
        _add(menu, "&Open study…", "", desk.ask_for_study)
        self.unwatch_menu = menu.addMenu("Watch &no longer")
        menu.aboutToShow.connect(self._list_watched)
        menu.addSeparator()
        _add(menu, "Show the &trainings", "", self._window.show_training_tab)

    def _list_watched(self) -> None:
        training = self._window.presenter.training
        self.unwatch_menu.clear()
        self.unwatch_menu.setEnabled(bool(training.folders))
        for folder in training.folders:
            _add(self.unwatch_menu, str(folder).replace("&", "&&"), "", partial(training.unwatch, folder))

    def _make_view_menu(self, theme: ThemeName) -> None:
        menu = self.addMenu("&View")
        menu.addActions(self._window.centre.object.view.view_actions())
        menu.addSeparator()
        themes = menu.addMenu("&Theme")
        group = QActionGroup(themes)
        for name, words in _THEMES:
            action = _add(themes, words, "", partial(self._window.set_theme, name))
            action.setCheckable(True)
            action.setChecked(name == theme)
            group.addAction(action)

    def _make_help_menu(self) -> None:
        menu = self.addMenu("&Help")
        _add(menu, "&Keyboard shortcuts", "F1", lambda: show_shortcuts(self._window, self.shortcuts()))
        _add(menu, "&About ptygui", "", lambda: show_about(self._window))

    def show_running(self, running: bool) -> None:
        """Enable what can be done during a run, or without one."""
        for action in self._idle_only:
            action.setDisabled(running)
        for action in (self.stop_action, self.cancel_action):
            action.setEnabled(running)

    def _show_pause(self, words: str, can: bool) -> None:
        self.pause_action.setText(f"&{words}")
        self.pause_action.setEnabled(can)

    def show_results(self, kept: Sequence[Kept], shown: Reconstruction | None) -> None:
        """List the results of this session, newest first."""
        self.export_action.setEnabled(shown is not None)
        self.results_menu.clear()
        self.results_menu.setEnabled(bool(kept))
        for entry in reversed(kept):
            choose = partial(self._window.presenter.results.choose, entry)
            action = _add(self.results_menu, entry.label.replace("&", "&&"), "", choose)
            action.setCheckable(True)
            action.setChecked(entry.result is shown)

    def shortcuts(self) -> list[tuple[str, str]]:
        """List (what, keys) of everything that has a shortcut."""
        menus = (action.menu() for action in self.actions())
        actions = (action for menu in menus if isinstance(menu, QMenu) for action in menu.actions())
        return [
            (action.text().replace("&", "").rstrip("…"), action.shortcut().toString())
            for action in actions
            if not action.shortcut().isEmpty()
        ]


def _add(menu: QMenu, text: str, keys: str, run: object) -> QAction:
    action = menu.addAction(text)
    if keys:
        action.setShortcut(keys)
    action.triggered.connect(lambda _checked=False: run())  # type: ignore[operator]
    return action
