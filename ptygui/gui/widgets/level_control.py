"""Keeps the colour levels of pictures: automatic and steady, until the user takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from ptygui.gui.icons import icon
from ptygui.gui.widgets.image_pane import ImagePane
from ptygui.gui.widgets.levels import Levels, steady


class LevelControl(QObject):
    """The actions 'lock' and 'reset' of a view, and what they mean.

    Parameters
    ----------
    owner : QWidget
        The view that offers the actions.
    panes : sequence of ImagePane
    wanted : callable
        Returns the levels that suit the present data, one for each pane, or None without data.
    linked : int
        So many panes, from the first on, have one pair of levels: what is dragged in one holds for all.
    """

    def __init__(
        self,
        owner: QWidget,
        panes: Sequence[ImagePane],
        wanted: Callable[[], Sequence[Levels] | None],
        linked: int = 0,
    ) -> None:
        super().__init__(owner)
        self._panes = panes
        self._wanted = wanted
        self._fresh = True
        self.lock = view_action(owner, "lock-outline", "Lock colour levels", "L")
        self.lock.setCheckable(True)
        self.reset = view_action(owner, "contrast-circle", "Reset colour levels", "Shift+L")
        self.reset.triggered.connect(self.start_afresh)
        self._linked = panes[:linked]
        for pane in panes:
            pane.bar.levels_dragged.connect(partial(self._take_dragged, pane))

    def update(self) -> None:
        """Follow new data, unless locked; small changes are not followed, so that contrast is steady."""
        wanted = None if self.lock.isChecked() else self._wanted()
        if wanted is None:
            return
        for pane, levels in zip(self._panes, wanted, strict=True):
            pane.set_levels(levels if self._fresh else steady(pane.bar.levels, levels))
        self._fresh = False

    def start_afresh(self) -> None:
        """Unlock, and take the levels of the present (or else the next) data exactly."""
        self.lock.setChecked(False)
        self._fresh = True
        self.update()

    def _take_dragged(self, dragged: ImagePane, low: float, high: float) -> None:
        self.lock.setChecked(True)
        dragged.item.set_levels((low, high))
        for pane in self._linked if dragged in self._linked else ():
            if pane is not dragged:
                pane.set_levels((low, high))


def view_action(owner: QWidget, icon_name: str, text: str, shortcut: str) -> QAction:
    """Make an action of a view, with an icon and a shortcut that works while the view has the focus."""
    action = QAction(icon(icon_name), text, owner)
    action.setShortcut(QKeySequence(shortcut))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.setToolTip(f"{text} ({shortcut})")
    owner.addAction(action)
    return action
