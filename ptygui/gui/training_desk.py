"""What the window does for trainings besides showing them: dialogs, files, folders, and the clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from ptygui.core.errors import ExportError
from ptygui.gui.dialogs.train_dialog import TrainDialog
from ptygui.gui.presenters.train_offer import TrainOffer

if TYPE_CHECKING:
    from ptygui.gui.main_window import MainWindow

_TICK_MS = 500
_FILTERS = {"csv": "Table (*.csv)", "png": "Picture (*.png)", "svg": "Drawing (*.svg)"}


class TrainingDesk(QObject):
    """Lives with the window; the presenters decide."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def begin(self) -> None:
        """Look at the runs from now on, again and again."""
        self._timer.start()

    def stop(self) -> None:
        """Look no more; the trainings go on."""
        self._timer.stop()

    @Slot()
    def train(self) -> None:
        """Open the dialog for the open scan, or for simulated objects if there is none."""
        if self._window.presenter.scan.scan is None:
            self.train_on_simulated()
        else:
            self.train_on_scan()

    @Slot()
    def train_on_scan(self) -> None:
        """Open the dialog for the open scan."""
        self._window.presenter.train_on_scan(self._show_dialog)

    @Slot()
    def train_on_simulated(self) -> None:
        """Open the dialog for simulated objects."""
        self._window.presenter.train_on_simulated(self._show_dialog)

    @Slot()
    def ask_for_folder(self) -> None:
        """Let the user choose a directory with runs, of ptygui or of others."""
        self._watch("Watch a run, or a folder of runs")

    @Slot()
    def ask_for_study(self) -> None:
        """Let the user choose the directory of a study."""
        self._watch("Open study")

    @Slot()
    def open_folder(self) -> None:
        """Show the directory of the chosen run in the desktop's file manager."""
        run = self._window.presenter.training.chosen
        if run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.path)))

    @Slot()
    def open_figure(self) -> None:
        """Show the figure of the chosen run's study in the desktop's viewer."""
        run = self._window.presenter.training.chosen
        figure = None if run is None else run.path.parent / "figure.png"
        if figure is not None and figure.exists():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(figure)))
        else:
            self._window.presenter.complain(
                ExportError("The study has no figure yet: it comes with the table.")
            )

    @Slot(str)
    def export_curves(self, kind: str) -> None:
        """Let the user choose a file, and write the curves there; Qt asks before one is replaced."""
        proposed = str((self._window.export_folder or Path.home()) / f"curves.{kind}")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Export curves", proposed, _FILTERS[kind])
        if chosen:
            self._export(Path(chosen).with_suffix(f".{kind}"), kind)

    def _export(self, path: Path, kind: str) -> None:
        presenter = self._window.presenter
        if kind == "csv":
            presenter.training.write_curves(path)
            return
        try:
            self._window.centre.training.save_plots(path)
        except OSError as error:
            presenter.complain(ExportError(f"{path} cannot be written: {error.strerror or error}."))
        else:
            presenter.note(f"Wrote {path}")

    def _show_dialog(self, offer: TrainOffer) -> None:
        dialog = TrainDialog(self._window)
        dialog.present(lambda view: self._window.presenter.trainer.dialog_presenter(offer, view))
        dialog.open()

    def _watch(self, title: str) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, title, str(Path.home()))
        if folder:
            self._window.show_training_tab()
            self._window.presenter.training.watch(Path(folder))

    @Slot()
    def _tick(self) -> None:
        self._window.presenter.training.tick()
