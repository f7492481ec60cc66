"""The choice of colour maps: perceptually uniform ones for amplitudes, cyclic ones for phases."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtGui import QActionGroup, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from ptygui.gui.widgets.field_item import color_table
from ptygui.gui.widgets.image_pane import ImagePane

AMPLITUDE_MAPS = {
    "grey": "colorcet:cet_l1",
    "viridis": "bids:viridis",
    "inferno": "bids:inferno",
    "lipari": "crameri:lipari",
}
"""Shown name and name in the library cmap; all perceptually uniform. The first is the default."""
PHASE_MAPS = {
    "twilight": "matplotlib:twilight",
    "colour wheel": "colorcet:cet_c6",
    "phase": "cmocean:phase",
    "roma": "crameri:romaO",
}
"""The same; all cyclic, so that -pi and pi are one colour."""
_SWATCH = QSize(32, 32)
"""Menus show it at half this size; so it is crisp on fine screens too."""


class MapMenu(QMenu):
    """A section for each picture; choosing a map takes effect at once."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.groups: list[QActionGroup] = []

    def add_pane(self, title: str, pane: ImagePane, maps: Mapping[str, str]) -> None:
        """Offer `maps` for a picture that shows the first of them."""
        self.addSection(title)
        group = QActionGroup(self)
        for shown, name in maps.items():
            action = self.addAction(_swatch(name), shown)
            action.setCheckable(True)
            action.setChecked(not group.actions())
            action.setData(name)
            group.addAction(action)
        group.triggered.connect(lambda action: pane.set_colormap(action.data()))
        self.groups.append(group)


def _swatch(name: str) -> QIcon:
    strip = QImage(255, 1, QImage.Format.Format_RGB32)
    for column, color in enumerate(color_table(name)):
        strip.setPixel(column, 0, color)
    return QIcon(QPixmap.fromImage(strip.scaled(_SWATCH)))
