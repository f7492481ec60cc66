"""Light and dark: one set of colours, from which palette, stylesheet, icons and plots are made.

The accent is used only for what acts or is selected. `apply_theme` may be called again at any time; what
Qt paints follows by itself (icons from `ptygui.gui.icons` included), plots take the `PlotColors` that it
returns through their `set_plot_colors`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from ptygui.gui.stylesheet import stylesheet
from ptygui.resources import resource_path

ThemeName = Literal["dark", "light", "system"]


@dataclass(frozen=True)
class Colors:
    """The colours of a theme, as '#rrggbb'."""

    window: str
    card: str
    """Cards, panels and the background of plots: one surface."""
    field: str
    button: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    ok: str
    warning: str
    error: str


@dataclass(frozen=True)
class PlotColors:
    """What a plot needs to know of the theme, as '#rrggbb'."""

    background: str
    text: str
    """Titles and marks."""
    axis: str
    """Axis lines, tick texts and labels."""
    grid: str
    accent: str
    """What is selected."""
    muted: str
    """Data behind the data: positions not yet seen, raw lines."""
    ok: str
    warning: str
    error: str
    lines: tuple[str, str]
    """Two curves in one plot."""
    runs: tuple[str, ...]
    """Curves of several runs: told apart with any kind of colour vision, after Okabe and Ito (2008)."""

    def run(self, index: int) -> str:
        """Return the colour of a run; after the last one the first comes again."""
        return self.runs[index % len(self.runs)]


DARK = Colors(
    window="#1a1d21", card="#23272e", field="#181b20", button="#2c313a", hover="#353b45",
    border="#363c46", text="#e4e7eb", muted="#9aa2ad", accent="#4493e3", on_accent="#ffffff",
    ok="#5fbf77", warning="#e3a84a", error="#e9696d",
)  # fmt: skip
LIGHT = Colors(
    window="#e9ecf0", card="#f8f9fb", field="#ffffff", button="#fdfdfe", hover="#edf0f4",
    border="#d3d8df", text="#1d2126", muted="#626b77", accent="#1f74cc", on_accent="#ffffff",
    ok="#1a7435", warning="#8c5700", error="#c22f35",
)  # fmt: skip


_RUNS_ON_DARK = (
    "#56b4e9", "#e69f00", "#e07fb4", "#2bbd8f", "#f0e442", "#f2703d", "#a393f5", "#c3c9d2",
)  # fmt: skip
_RUNS_ON_LIGHT = (
    "#0072b2", "#b36f00", "#b0447f", "#00805d", "#857400", "#c44200", "#6a51c7", "#4f5863",
)  # fmt: skip


def plot_colors(colors: Colors) -> PlotColors:
    """Choose the colours of plots from those of a theme."""
    return PlotColors(
        background=colors.card, text=colors.text, axis=colors.muted, grid=colors.border,
        accent=colors.accent, muted=colors.muted, ok=colors.ok, warning=colors.warning, error=colors.error,
        lines=(colors.accent, colors.warning),
        runs=_RUNS_ON_LIGHT if QColor(colors.card).lightnessF() > 0.5 else _RUNS_ON_DARK,
    )  # fmt: skip


DEFAULT_PLOT_COLORS = plot_colors(DARK)


def resolve(app: QApplication, name: ThemeName) -> Colors:
    """Return the colours of a theme; 'system' asks the desktop, and is dark where it does not tell."""
    if name == "system":
        is_light = app.styleHints().colorScheme() == Qt.ColorScheme.Light
        return LIGHT if is_light else DARK
    return LIGHT if name == "light" else DARK


def apply_theme(app: QApplication, name: ThemeName) -> PlotColors:
    """Dress the application; returns the colours for its plots.

    For 'system', call it again when `app.styleHints().colorSchemeChanged` is emitted.
    """
    colors = resolve(app, name)
    sheet = stylesheet(asdict(colors), resource_path("icons").as_posix())
    if app.styleSheet() == sheet:  # worn already; to put it on again takes every widget a second
        return plot_colors(colors)
    if app.style().name() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette(colors))
    app.setStyleSheet(sheet)
    return plot_colors(colors)


def _palette(colors: Colors) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for roles, color in (
        ((role.Window, role.AlternateBase), colors.window),
        ((role.Base,), colors.field),
        ((role.Button, role.ToolTipBase), colors.button),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), colors.text),
        ((role.PlaceholderText,), colors.muted),
        ((role.Highlight, role.Accent, role.Link), colors.accent),
        ((role.HighlightedText, role.BrightText), colors.on_accent),
        ((role.Light, role.Midlight, role.Mid), colors.border),
        ((role.Dark, role.Shadow), colors.window),
    ):
        for each in roles:
            palette.setColor(each, QColor(color))
    faded = QColor(colors.muted)
    faded.setAlphaF(0.55)
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, each, faded)
    palette.setColor(group.Disabled, role.Highlight, QColor(colors.border))
    return palette
