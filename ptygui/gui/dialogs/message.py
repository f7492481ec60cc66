"""Small dialogs: never blocking, so that the event loop goes on under them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QMessageBox, QPushButton, QWidget

from ptygui import __version__
from ptygui.gui.presenters.complaints import Complaint

_ABOUT = f"""<h3>ptygui {__version__}</h3>
<p>Reconstruct ptychography scans with trained generators, and watch it happen.</p>
<p>BSD-3-Clause.</p>"""


class LossQuestion(QMessageBox):
    """Asks before unexported results are lost."""

    export_chosen = Signal()
    discard_chosen = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("Close ptygui?")
        self.setText(text)
        role = QMessageBox.ButtonRole
        self.export_button = self.addButton("Export…", role.ActionRole)
        self.discard_button = self.addButton("Close without exporting", role.DestructiveRole)
        self.stay_button = self.addButton("Stay", role.RejectRole)
        self.setDefaultButton(self.stay_button)
        self.setEscapeButton(self.stay_button)
        self.buttonClicked.connect(self._answer)

    def _answer(self, button: QPushButton) -> None:
        if button is self.export_button:
            self.export_chosen.emit()
        elif button is self.discard_button:
            self.discard_chosen.emit()


def show_shortcuts(parent: QWidget, shortcuts: Iterable[tuple[str, str]]) -> QDialog:
    """List the keys."""
    rows = "".join(
        f"<tr><td style='padding-right:28px'>{what}</td><td><b>{keys}</b></td></tr>"
        for what, keys in shortcuts
    )
    return _show(QMessageBox(parent), "Keyboard shortcuts", f"<table cellpadding='3'>{rows}</table>")


def show_about(parent: QWidget) -> QDialog:
    """Say what this is."""
    return _show(QMessageBox(parent), "About ptygui", _ABOUT)


def show_unexpected(parent: QWidget | None, complaint: Complaint) -> QDialog:
    """Say honestly that something unexpected happened; the details can be copied."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    copy = box.addButton("Copy details", QMessageBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(complaint.details or complaint.text))
    box.addButton(QMessageBox.StandardButton.Close)
    box.setDetailedText(complaint.details or "")
    return _show(box, "ptygui", complaint.text)


def _show(box: QMessageBox, title: str, text: str) -> QDialog:
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setText(text)
    box.open()
    return box
