from collections.abc import Iterator
from dataclasses import fields

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from ptygui.gui.icons import icon
from ptygui.gui.theme import DARK, LIGHT, Colors, PlotColors, apply_theme


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    style, sheet, palette = qapp.style().name(), qapp.styleSheet(), qapp.palette()
    yield qapp
    qapp.setStyleSheet(sheet)
    qapp.setStyle(style)
    qapp.setPalette(palette)


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = QColor(color).getRgbF()[:3]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [DARK, LIGHT])
@pytest.mark.parametrize("name", ["text", "muted", "ok", "warning", "error"])
def test_texts_are_readable_on_cards_and_window(colors: Colors, name: str) -> None:
    for surface in (colors.card, colors.window):
        assert contrast(getattr(colors, name), surface) >= 4.5


@pytest.mark.parametrize("colors", [DARK, LIGHT])
def test_bold_text_on_the_accent_is_readable(colors: Colors) -> None:
    assert contrast(colors.on_accent, colors.accent) >= 3


def test_themes_switch_live(app: QApplication) -> None:
    dark = apply_theme(app, "dark")
    assert app.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    light = apply_theme(app, "light")
    assert app.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window
    assert isinstance(light, PlotColors)
    assert dark.background == DARK.card
    assert light.background == LIGHT.card
    assert apply_theme(app, "system") in (dark, light)


def test_every_colour_is_one(app: QApplication) -> None:
    for colors in (DARK, LIGHT):
        assert all(QColor(getattr(colors, field.name)).isValid() for field in fields(colors))


def test_icons_follow_the_theme_and_the_state(app: QApplication) -> None:
    def strongest(mode: QIcon.Mode) -> str:
        image = play.pixmap(QSize(32, 32), mode).toImage()
        return image.pixelColor(14, 16).name()

    play = icon("play")
    apply_theme(app, "dark")
    assert strongest(QIcon.Mode.Normal) == DARK.text
    apply_theme(app, "light")
    assert strongest(QIcon.Mode.Normal) == LIGHT.text
    assert strongest(QIcon.Mode.Disabled) != LIGHT.text


def test_an_unknown_icon_is_refused() -> None:
    with pytest.raises(KeyError, match="no-such-icon"):
        icon("no-such-icon")


def test_buttons_keep_room_for_their_text(app: QApplication, qtbot: QtBot) -> None:
    apply_theme(app, "dark")
    button = QPushButton("Stop and keep")
    qtbot.addWidget(button)
    assert button.sizeHint().width() >= button.fontMetrics().horizontalAdvance(button.text()) + 20
