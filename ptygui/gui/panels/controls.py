"""Controls that the cards share."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QPushButton

from ptygui.gui.icons import icon
from ptygui.gui.widgets.cards import secondary_button


def square_button(icon_name: str, tip: str) -> QPushButton:
    """Make a button that shows an icon only; its tooltip is its name, too."""
    button = secondary_button("", icon(icon_name))
    button.setFixedWidth(36)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


def narrow_combo(name: str) -> QComboBox:
    """Make a combo box that never widens its card; long items are shown in full when it opens."""
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(10)
    return combo


def fill_combo(combo: QComboBox, texts: Sequence[str], chosen: int | None) -> None:
    """Replace the items without telling anyone."""
    combo.blockSignals(True)
    combo.clear()
    combo.addItems(texts)
    combo.setCurrentIndex(-1 if chosen is None else chosen)
    combo.setEnabled(bool(texts))
    combo.setToolTip(combo.currentText())
    combo.blockSignals(False)
