"""What the window does for scans besides showing them: dialogs, files, and the clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QFileDialog

from ptygui.gui.dialogs.positions_dialog import PositionsDialog
from ptygui.gui.dialogs.remember_dialog import RememberDialog
from ptygui.resources import resource_path

if TYPE_CHECKING:
    from ptygui.gui.dialogs.hdf5_dialog import Hdf5Dialog
    from ptygui.gui.main_window import MainWindow

_TICK_MS = 1000
_FILTER = "Preparation (*.toml)"
_HDF5_FILTER = "HDF5 files (*.h5 *.hdf5 *.hdf *.he5 *.nxs *.nx5 *.cxi *.mat);;All files (*)"


class ScanDesk(QObject):
    """Lives with the window; the presenters decide."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.positions_dialog: PositionsDialog | None = None
        self.hdf5_dialog: Hdf5Dialog | None = None
        self.remember_dialog: RememberDialog | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    def begin(self, every_ms: int = _TICK_MS) -> None:
        """Look from now on whether the open scan's file changes."""
        self._timer.start(every_ms)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        self._window.presenter.following.tick()

    @Slot()
    def ask_for_scan(self) -> None:
        """Let the user choose a scan file."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open scan", self._folder())
        if chosen:
            self._window.presenter.open_file(Path(chosen))

    @Slot()
    def ask_for_folder(self) -> None:
        """Let the user choose a folder with single frames."""
        chosen = QFileDialog.getExistingDirectory(self._window, "Open folder", self._folder())
        if chosen:
            self._window.presenter.open_file(Path(chosen))

    @Slot()
    def ask_for_hdf5(self) -> None:
        """Let the user choose an HDF5 file of any kind, and open it by hand."""
        title = "Open an HDF5 file by hand"
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, self._folder(), _HDF5_FILTER)
        if chosen:
            self.open_by_hand(Path(chosen))

    @Slot(object)
    def open_by_hand(self, path: Path) -> None:
        """Show what is in an HDF5 file, and let the user say what is what."""
        from ptygui.gui.dialogs.hdf5_dialog import Hdf5Dialog

        dialog = Hdf5Dialog(path, self._window.workers, self._window.backend.hdf5, self._window)
        self.hdf5_dialog = dialog
        dialog.set_plot_colors(self._window.plot_colors)
        dialog.mapped.connect(self._window.presenter.open_mapped)
        dialog.open()
        dialog.begin()

    @Slot()
    def ask_for_positions(self) -> None:
        """Let the user choose the file with the positions, and say how it is meant."""
        title = "Choose the file with the positions"
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, self._folder_of_scan())
        if chosen:
            self.open_positions(Path(chosen))

    def open_positions(self, path: Path) -> None:
        """Show a file with positions, and let the user say how it is meant."""
        dialog = PositionsDialog(self._window)
        self.positions_dialog = dialog
        dialog.set_plot_colors(self._window.plot_colors)
        dialog.present(lambda view: self._window.presenter.positions_presenter(view, path))
        dialog.open()

    @Slot()
    def remember(self) -> None:
        """Let the user keep the preparation for the next files of this kind."""
        dialog = RememberDialog(self._window)
        self.remember_dialog = dialog
        if dialog.present(self._window.presenter.prepare.remember_presenter):
            dialog.open()

    @Slot()
    def save_preparation(self) -> None:
        """Let the user choose a file for the preparation; Qt asks before one is replaced."""
        proposed = str(Path(self._folder_of_scan()) / "preparation.toml")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save preparation", proposed, _FILTER)
        if chosen:
            self._window.presenter.prepare.save(Path(chosen).with_suffix(".toml"))

    @Slot()
    def load_preparation(self) -> None:
        """Let the user choose a preparation."""
        folder = self._folder_of_scan()
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Load preparation", folder, _FILTER)
        if chosen:
            self._window.presenter.prepare.load(Path(chosen))

    def _folder(self) -> str:
        recent = self._window.recent_scans
        own = (path.parent for path in recent if path.parent != resource_path("scans"))
        return str(next(own, Path.home()))  # nobody keeps scans where the demo lies

    def _folder_of_scan(self) -> str:
        latest = self._window.presenter.scan.latest
        return self._folder() if latest is None else str(latest.path.parent)
