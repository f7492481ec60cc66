"""The small stylesheet: cards, buttons, tabs, status words. Everything else is Fusion with our palette.

Widgets choose a look by a dynamic property, never by a colour of their own:
`surface` = card | panel; `role` = title | heading | muted | primary; `level` = ok | warning | error | info.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

_TEMPLATE = Template("""
QMainWindow, QDialog { background: $window; }
QFrame[surface="card"], QFrame[surface="panel"], QWidget[surface="panel"] {
  background: $card; border: 1px solid $border; border-radius: 7px;
}
QToolTip { background: $button; color: $text; border: 1px solid $border; padding: 4px; }

QLabel { background: transparent; border: none; }
QLabel[role="title"] { color: $muted; font-weight: 600; letter-spacing: 1px; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[level="ok"] { color: $ok; }
QLabel[level="warning"] { color: $warning; }
QLabel[level="error"] { color: $error; }
QLabel[level="info"] { color: $muted; }

QPushButton {
  background: $card; color: $text; border: 1px solid $border; border-radius: 5px;
  padding: 5px 12px; min-height: 18px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $border; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $disabled; }
QPushButton[role="primary"] {
  background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; padding: 8px 12px;
}
QPushButton[role="primary"]:hover { border-color: $text; }
QPushButton[role="primary"]:disabled { background: $button; border-color: $border; color: $disabled; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:checked { background: $hover; border-color: $accent; }
QToolButton:focus { border-color: $accent; }

QComboBox, QAbstractSpinBox, QLineEdit {
  background: $field; color: $text; border: 1px solid $border; border-radius: 5px;
  padding: 4px 8px; min-height: 18px; selection-background-color: $accent;
}
QAbstractSpinBox { padding: 4px 0; }
QAbstractSpinBox QLineEdit { border: none; padding: 0; min-height: 0; background: transparent; }
QComboBox:focus, QAbstractSpinBox:focus, QLineEdit:focus { border-color: $accent; }
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled { color: $disabled; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$icons/chevron-down.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
  background: $field; border: 1px solid $border; selection-background-color: $accent;
  selection-color: $on_accent; padding: 2px;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 18px; }
QAbstractSpinBox::up-arrow { image: url("$icons/chevron-up.svg"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("$icons/chevron-down.svg"); width: 10px; height: 10px; }
QCheckBox { spacing: 7px; }
QListWidget { background: transparent; border: none; outline: none; }
QListWidget::item { padding: 3px 2px; border: 1px solid transparent; border-radius: 4px; }
QListWidget::item:selected { background: $hover; color: $text; border: 1px solid $accent; }
QCheckBox::indicator, QListWidget::indicator {
  background: $field; border: 1px solid $border; border-radius: 4px; width: 15px; height: 15px;
}
QCheckBox::indicator:hover, QCheckBox::indicator:focus, QListWidget::indicator:hover {
  border-color: $accent;
}
QCheckBox::indicator:checked, QListWidget::indicator:checked {
  background: $accent; border-color: $accent; image: url("$icons/check.svg");
}
QCheckBox::indicator:checked:disabled { background: $button; border-color: $border; }
QSlider::groove:horizontal { background: $border; height: 3px; border-radius: 1px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 1px; }
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal {
  background: $text; border: 2px solid $card; width: 12px; height: 12px; margin: -7px 0; border-radius: 8px;
}
QSlider::handle:horizontal:disabled { background: $border; }

QToolButton::menu-indicator { image: none; }

QTabWidget::pane { border: none; }
QTabWidget::tab-bar { left: 0; }
QTabBar { background: transparent; border: none; }
QTabBar::tab {
  background: transparent; color: $muted; padding: 7px 14px; border: none;
  border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:hover { color: $text; }

QProgressBar {
  background: $field; border: 1px solid $border; border-radius: 4px; max-height: 12px; min-height: 12px;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSplitter::handle { background: transparent; }
QPlainTextEdit, QTextEdit { background: $card; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QStatusBar::item { border: none; }
""")


def stylesheet(colors: Mapping[str, str], icons: str) -> str:
    """Fill the stylesheet.

    Parameters
    ----------
    colors : mapping
        The fields of `theme.Colors`.
    icons : str
        Folder of the small marks, with forward slashes.
    """
    return _TEMPLATE.substitute(colors, icons=icons, disabled=_faded(colors["muted"]))


def _faded(color: str) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 140)"
