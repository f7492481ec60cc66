"""All settings of a refinement, beginning with those of a preset."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.widgets.cards import StatusSentence, text_label
from ptygui.gui.widgets.parameter_form import ParameterForm
from ptygui.jobs.api import PRESET_WORDS, PRESETS, RefineConfig

_SIZE = (460, 720)
_INVITATION = "as chosen"


class RefineDialog(QDialog):
    """Shows a configuration and hands back another one."""

    accepted_config = Signal(object)

    def __init__(self, config: RefineConfig, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Refinement settings")
        self.resize(*_SIZE)
        self.form = ParameterForm(config)
        self.presets = self._make_presets()
        self.problem = StatusSentence()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use_button = QPushButton("Use these")
        self.use_button.setProperty("role", "primary")
        self.use_button.setToolTip("Refine with these settings from now on")
        self.buttons.addButton(self.use_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.use_button.clicked.connect(self._use)
        self.use_button.setDefault(True)
        self.buttons.rejected.connect(self.reject)
        self._arrange()

    def _make_presets(self) -> QComboBox:
        combo = QComboBox()
        combo.addItem(_INVITATION)
        for name in PRESETS:
            combo.addItem(name)
            combo.setItemData(combo.count() - 1, PRESET_WORDS[name], Qt.ItemDataRole.ToolTipRole)
        combo.setToolTip("Fill the form with the settings of a preset")
        combo.setAccessibleName("Presets")
        combo.activated.connect(self._fill)
        return combo

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.addWidget(text_label("begin with", "muted"))
        top.addWidget(self.presets, 1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.form)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(scroll, 1)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)

    @Slot(int)
    def _fill(self, index: int) -> None:
        name = self.presets.itemText(index)
        if name in PRESETS:
            self.form.set_config(PRESETS[name])

    @Slot()
    def _use(self) -> None:
        config, problem = self.form.config()
        self.problem.set("error", problem)
        if config is not None:
            self.accepted_config.emit(config)
            self.accept()
