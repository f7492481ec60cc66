"""The window: panels in their places, their signals to the presenters, what it remembers. No decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QMainWindow,
)

from ptygui.core.errors import PtyguiError
from ptygui.core.events import NoticeLevel, Reconstruction
from ptygui.gui.dialogs.export_dialog import ExportDialog, first_folder
from ptygui.gui.dialogs.message import LossQuestion
from ptygui.gui.dialogs.refine_dialog import RefineDialog
from ptygui.gui.menus import MenuBar
from ptygui.gui.panels.banner import Banner
from ptygui.gui.panels.bottom_panel import BottomPanel
from ptygui.gui.panels.centre_panel import CentrePanel
from ptygui.gui.panels.path_panel import PathPanel
from ptygui.gui.panels.recovery_bar import RecoveryBar
from ptygui.gui.panels.status_line import StatusLine
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complaint
from ptygui.gui.presenters.main_presenter import MainPresenter
from ptygui.gui.presenters.result_shelf import Kept
from ptygui.gui.scan_desk import ScanDesk
from ptygui.gui.settings import Settings
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, ThemeName, apply_theme
from ptygui.gui.training_desk import TrainingDesk
from ptygui.gui.window_layout import FIRST_SIZE, arrange
from ptygui.gui.wiring import connect
from ptygui.gui.workers import Workers
from ptygui.jobs.api import RefineConfig

_LEAST_SIZE = (960, 640)


class MainWindow(QMainWindow):
    """The main window (presenters.main_presenter.Shell)."""

    def __init__(self, backend: Backend, settings: Settings, find_demo: Callable[[], Path]) -> None:
        super().__init__()
        self.setWindowTitle("ptygui")
        self.setMinimumSize(*_LEAST_SIZE)
        self.setAcceptDrops(True)
        self._settings, self._find_demo = settings, find_demo
        self.backend = backend
        self._loss_accepted = False
        self.plot_colors = DEFAULT_PLOT_COLORS
        self.all_threads_ended = True
        self.workers = Workers(self)
        self._make_panels()
        self.splitter = arrange(self)
        self.presenter = MainPresenter(self, self.workers, backend, settings)
        self.trainings, self.scans = TrainingDesk(self), ScanDesk(self)
        self.menus = MenuBar(self, settings.theme)
        self.setMenuBar(self.menus)
        connect(self)
        self._restore()

    def _make_panels(self) -> None:
        self.path, self.centre, self.bottom = PathPanel(), CentrePanel(), BottomPanel()
        self.banner, self.recovery_view, self.status_line = Banner(), RecoveryBar(), StatusLine()
        self.scan_view, self.generator_view = self.path.scan, self.path.generator
        self.follow_view = self.path.scan.watch
        self.device_view, self.run_view = self.path.device, self.path.go
        self.object_view, self.pattern_view = self.centre.object, self.centre.patterns
        self.prepare_view = self.centre.prepare
        self.probe_view, self.progress_view = self.centre.probe, self.bottom.progress
        self.refine_view, self.curves_view = self.path.go.refine_row, self.bottom.curves
        self.evidence_view, self.compare_view = self.bottom.evidence, self.centre.compare
        self.training_view = self.centre.training

    def begin(self) -> None:
        """Look for generators, devices and what a crash left; call it once the window is shown."""
        self.presenter.begin()
        self.trainings.begin()
        self.scans.begin()

    # What the user asks for.

    @Slot()
    def ask_for_generator(self) -> None:
        """Let the user choose a bundle."""
        last = self._settings.last_generator
        folder = str(last.parent) if last else ""
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Open generator", folder, "Trained generators (*.safetensors)"
        )
        if chosen:
            self.presenter.open_file(Path(chosen))

    @Slot()
    def ask_for_result(self) -> None:
        """Let the user choose a file with a result; its content tells the format, as for scans."""
        folder = str(self._settings.export_folder or Path.home())
        chosen, _ = QFileDialog.getOpenFileName(self, "Open result", folder)
        if chosen:
            self.presenter.open_result(Path(chosen))

    @Slot()
    def open_demo(self) -> None:
        """Open the scan that comes with ptygui."""
        try:
            self.presenter.open_file(self._find_demo())
        except PtyguiError as error:
            self.presenter.complain(error)

    @Slot()
    def reconstruct(self) -> None:
        """Start a run with what is chosen."""
        self.show_object_tab()
        self.presenter.start(self.path.go.polish_steps)

    @Slot()
    def refine(self, config: RefineConfig | None = None) -> None:
        """Refine what is on the screen; as is chosen, unless told how."""
        self.show_object_tab()
        self.presenter.start_refining(config)

    @Slot()
    def open_refine_settings(self) -> None:
        """Open the form with all settings of a refinement."""
        dialog = RefineDialog(self.presenter.refine.config, self)
        dialog.accepted_config.connect(self.presenter.refine.take)
        dialog.open()

    @Slot()
    def open_export(self) -> None:
        """Open the export dialog for the result on the screen."""
        folder = self._settings.export_folder or first_folder()
        dialog = ExportDialog(folder, self.presenter.results.object.stage, self)
        if dialog.present(self.presenter.export_presenter):
            dialog.open()

    @Slot(bool)
    def look_at_training(self, looks: bool) -> None:
        """Give the Training tab the room of what belongs to reconstructions."""
        self._give_room()
        self.presenter.training.set_front(looks)

    @Slot(bool)
    def look_at_preparation(self, looks: bool) -> None:
        """Give the Prepare tab the room of what belongs to reconstructions."""
        self._give_room()
        self.presenter.prepare.set_front(looks)

    def _give_room(self) -> None:
        alone = (self.centre.training, self.centre.prepare)
        self.bottom.setVisible(self.centre.tabs.currentWidget() not in alone)

    @property
    def recent_scans(self) -> list[Path]:
        """Files opened lately, newest first."""
        return self._settings.recent_scans

    @property
    def export_folder(self) -> Path | None:
        """Where was exported to last."""
        return self._settings.export_folder

    def set_theme(self, name: ThemeName) -> None:
        """Wear a theme and remember it."""
        self._settings.theme = name
        self.follow_theme()

    @Slot()
    def follow_theme(self) -> None:
        """Wear the remembered theme, as the desktop has it now."""
        app = cast("QApplication", QApplication.instance())
        colors = self.plot_colors = apply_theme(app, self._settings.theme)
        self.centre.set_plot_colors(colors)
        self.bottom.set_plot_colors(colors)

    # What the presenters show (Shell).

    def show_complaint(self, complaint: Complaint) -> None:
        """Say in place what went wrong."""
        self.banner.show_complaint(complaint)

    def hide_complaint(self) -> None:
        """Take it back."""
        self.banner.hide()

    def write_log(self, text: str, level: NoticeLevel) -> None:
        """Add a line to the log."""
        self.bottom.log.write(text, level)

    def show_activity(self, words: str) -> None:
        """Say what is true now."""
        self.status_line.show_activity(words)

    def show_device(self, words: str) -> None:
        """Say where is, or would be, computed."""
        self.status_line.show_device(words)

    def show_running(self, running: bool) -> None:
        """Allow or forbid what must not happen during a run."""
        self.menus.show_running(running)
        for card in (self.path.scan, self.path.generator, self.path.device, self.recovery_view):
            card.allow_choice(not running)
        self.centre.prepare.allow_change(not running)

    def show_object_tab(self) -> None:
        """Bring the picture to the front."""
        self.centre.tabs.setCurrentWidget(self.centre.object)

    def show_training_tab(self) -> None:
        """Bring the trainings to the front."""
        self.centre.tabs.setCurrentWidget(self.centre.training)

    def show_prepare_tab(self) -> None:
        """Bring the preparation of the scan to the front."""
        self.centre.tabs.setCurrentWidget(self.centre.prepare)

    def show_curves_tab(self, shown: bool) -> None:
        """Bring the curves to the front, or what was there before them."""
        self.bottom.show_curves_tab(shown)

    def show_results(self, kept: Sequence[Kept], shown: Reconstruction | None) -> None:
        """List the results of this session."""
        self.menus.show_results(kept, shown)
        self.path.go.export_button.setEnabled(shown is not None)

    # What Qt asks.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 Qt's name
        """Take one local file or folder."""
        if _dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 Qt's name
        """Open what was dropped."""
        path = _dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.presenter.open_file(path)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 Qt's name
        """Ask if results would be lost; otherwise end what runs, remember the window and go."""
        question = None if self._loss_accepted else self.presenter.closing_question()
        if question is not None:
            event.ignore()
            self._ask_before_loss(question)
            return
        self._remember()
        for dialog in self.findChildren(QDialog):
            dialog.close()  # a dialog that stays would keep the application running
        self.hide()
        self.status_line.stop()
        self.trainings.stop()
        self.scans.stop()
        self.backend.close()
        self.all_threads_ended = self.workers.close()
        event.accept()

    def _ask_before_loss(self, question: str) -> None:
        self.loss_question = LossQuestion(question, self)
        self.loss_question.export_chosen.connect(self.open_export)
        self.loss_question.discard_chosen.connect(self.close_without_asking)
        self.loss_question.open()

    @Slot()
    def close_without_asking(self) -> None:
        """Close and let unexported results go."""
        self._loss_accepted = True
        self.close()

    def _remember(self) -> None:
        self._settings.save_state("window", self.saveGeometry())
        self._settings.save_state("splitter", self.splitter.saveState())
        self._settings.flush()

    def _restore(self) -> None:
        self.resize(*FIRST_SIZE)
        self.path.go.polish_steps = self._settings.polish_steps
        geometry, splitter = self._settings.state("window"), self._settings.state("splitter")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if splitter is not None:
            self.splitter.restoreState(splitter)
        self.follow_theme()


def _dropped_path(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
