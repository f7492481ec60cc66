"""Exporting: where to, under which name, what of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from platformdirs import user_documents_path
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ptygui.core.events import METRIC_FORMATS, ExportFormat, Stage
from ptygui.gui.icons import icon
from ptygui.gui.presenters.complaints import Complaint
from ptygui.gui.presenters.export_presenter import (
    ExportChoice,
    ExportOptions,
    ExportPresenter,
    ExportView,
)
from ptygui.gui.presenters.object_presenter import STAGE_WORDS
from ptygui.gui.widgets.cards import StatusSentence, secondary_button

_FORMATS: dict[ExportFormat, tuple[str, str]] = {
    "tiff": ("TIFF", "Amplitude and phase as float32 with pixel size; opens to scale in Fiji"),
    "ome-tiff": ("OME-TIFF", "Both in one file with pixel size, for microscopy software"),
    "png": ("PNG", "Pictures with colour bar and scale bar, for slides"),
    "svg": ("SVG", "The same picture with text and frames as vectors, for papers"),
    "npz": ("NPZ", "The complex object and everything else, for numpy"),
    "csv": ("Positions (CSV)", "The probe positions as a table"),
    "product": ("Ptychodus product (HDF5)", "Object, probe and positions in one file"),
    "product-npz": ("Ptychodus product (npz)", "The same without HDF5"),
    "ptyr": ("ptypy result (.ptyr)", "Object, probe and positions for ptypy's tools"),
}
_CHECKED_AT_FIRST: tuple[ExportFormat, ...] = ("tiff", "png")
_WIDTH = 520


class ExportDialog(QDialog):
    """The export dialog (presenters.export_presenter.ExportView)."""

    def __init__(self, folder: Path, shown: Stage | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export")
        self.setMinimumWidth(_WIDTH)
        self._shown = shown
        self._presenter: ExportPresenter | None = None
        self.folder, self.stem = QLineEdit(str(folder)), QLineEdit()
        self.formats = {name: _check(*words, name in _CHECKED_AT_FIRST) for name, words in _FORMATS.items()}
        self.stages = {stage: QCheckBox(words) for stage, words in STAGE_WORDS.items()}
        self.metric_refusal, self.outcome = StatusSentence(), StatusSentence()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.export_button = QPushButton("Export")
        self.export_button.setProperty("role", "primary")
        self.buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.export_button.clicked.connect(self._export)
        self.buttons.rejected.connect(self.reject)
        self._arrange()
        self._let_enter_export()

    def present(self, make_presenter: Callable[[ExportView], ExportPresenter | None]) -> bool:
        """Take the presenter that decides; False if there is nothing to export."""
        self._presenter = make_presenter(self)
        return self._presenter is not None

    def _let_enter_export(self) -> None:
        """Make Enter in a line press Export; the first button of the dialog would take it otherwise."""
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.export_button.setDefault(True)

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow("Folder", _beside(self.folder, self._browse_button()))
        form.addRow("Name", self.stem)
        pictures = _beside(*self.stages.values())
        pictures.addStretch(1)
        form.addRow("Picture", pictures)
        form.addRow("Formats", _below(_in_columns(*self.formats.values()), self.metric_refusal))
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(self.outcome)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def _browse_button(self) -> QPushButton:
        button = secondary_button("", icon("folder-open-outline"))
        button.setToolTip("Choose the folder")
        button.setAccessibleName("Choose the folder")
        button.clicked.connect(self._browse)
        return button

    @Slot()
    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, "Export to", str(existing_folder(self.choice().folder))
        )
        if chosen:
            self.folder.setText(chosen)

    @Slot()
    def _export(self) -> None:
        if self._presenter is not None:
            self._presenter.export(self.choice())

    def choice(self) -> ExportChoice:
        """Return what is chosen now."""
        return ExportChoice(
            Path(self.folder.text()).expanduser(),
            self.stem.text().strip(),
            tuple(name for name, box in self.formats.items() if box.isChecked() and box.isEnabled()),
            tuple(stage for stage, box in self.stages.items() if box.isChecked()),
        )

    def show_options(self, options: ExportOptions) -> None:
        """Offer what can be written."""
        self.stem.setText(options.stem)
        for stage, box in self.stages.items():
            box.setVisible(stage in options.stages)
            box.setChecked(stage == (self._shown or options.stages[-1]))
        for name in METRIC_FORMATS:
            self.formats[name].setEnabled(options.metric_refusal is None)
        self.metric_refusal.set("info", options.metric_refusal or "")

    def show_writing(self) -> None:
        """Say that files are being written."""
        self.export_button.setEnabled(False)
        self.outcome.set("info", "Writing…")

    def ask_overwrite(self, names: Sequence[str]) -> None:
        """Ask whether these files may be replaced."""
        self.overwrite_question = box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Replace files?")
        box.setText("These files are there already:\n\n" + "\n".join(names))
        replace = box.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        if self._presenter is not None:
            replace.clicked.connect(self._presenter.confirm_overwrite)
        box.open()

    def show_written(self, paths: Sequence[Path]) -> None:
        """Say what was written and where."""
        self.export_button.setEnabled(True)
        count = f"{len(paths)} file{'s' if len(paths) != 1 else ''}"
        names = "\n".join(path.name for path in paths)
        self.outcome.set("ok", f"Wrote {count} to {paths[0].parent}:\n{names}" if paths else "Wrote nothing.")

    def show_problem(self, complaint: Complaint) -> None:
        """Say why nothing, or not all, was written."""
        self.export_button.setEnabled(True)
        self.outcome.set("error", complaint.text, complaint.details or "")


def first_folder() -> Path:
    """Return where to export to as long as nobody said: the user's documents, or the home folder."""
    documents = user_documents_path()
    return documents if documents.is_dir() else Path.home()


def existing_folder(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists: a chooser starts anywhere otherwise."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path.home())


def _check(text: str, tip: str, checked: bool) -> QCheckBox:
    box = QCheckBox(text)
    box.setToolTip(tip)
    box.setChecked(checked)
    return box


def _beside(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _below(above: QLayout, below: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    column.addLayout(above)
    column.addWidget(below)
    return column


def _in_columns(*widgets: QWidget) -> QGridLayout:
    """Arrange in two columns, row by row."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(6)
    for index, widget in enumerate(widgets):
        grid.addWidget(widget, *divmod(index, 2))
    grid.setColumnStretch(1, 1)
    return grid
