"""What the chosen run has come to: its picture; of a study the pictures of all arms and the table, too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ptygui.gui.panels.study_pictures import ArmPictures
from ptygui.gui.panels.study_table import StudyTable
from ptygui.gui.panels.training_preview import TrainingPreview
from ptygui.gui.presenters.training_screen import ArmLevels, ArmPicture
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import flat_button, text_label

RUN, ARMS, TABLE = range(3)
_NAMES = ("This run", "All arms", "Table")
_FIGURE_TIP = "Show the figure of this study: curves and pictures"


class TrainingPictures(QWidget):
    """One of three pages, so that each has all of the room; without a study there is the first one only."""

    run_chosen = Signal(Path)
    figure_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preview, self.arms, self.table = TrainingPreview(), ArmPictures(), StudyTable()
        self.tabs = QTabBar()
        self.title = text_label("", "muted")
        self.figure_button = flat_button("image-outline", _FIGURE_TIP)
        self._pages = QStackedWidget()
        self._wanted = ARMS
        """The page that the user looks at, of studies."""
        self._lay_out()
        self.tabs.tabBarClicked.connect(self._want)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.figure_button.clicked.connect(lambda: self.figure_requested.emit())
        self.arms.run_chosen.connect(self.run_chosen)
        self.arms.run_opened.connect(self._open)
        self._offer(is_study=False)

    def _lay_out(self) -> None:
        for name, page in zip(_NAMES, (self.preview, self.arms, self.table), strict=True):
            self.tabs.addTab(name)
            self._pages.addWidget(page)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 8, 0)
        for widget, share in ((self.tabs, 0), (self.title, 1), (self.figure_button, 0)):
            head.addWidget(widget, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._pages, 1)

    def show_arms(self, arms: Sequence[ArmPicture], levels: ArmLevels) -> None:
        """Show the pictures of these arms; none: no study."""
        self.arms.show_arms(arms, levels)
        self._offer(is_study=bool(arms))

    def show_table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show the table of a study; no rows: there is none yet."""
        self.title.setText(title)
        self.table.show_table(header, rows)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.preview.set_plot_colors(colors)
        self.arms.set_plot_colors(colors)

    def _offer(self, *, is_study: bool) -> None:
        self._head.setVisible(is_study)
        self.tabs.setCurrentIndex(self._wanted if is_study else RUN)

    def _want(self, page: int) -> None:
        if page >= 0:
            self._wanted = page

    def _open(self, run: Path) -> None:
        self._wanted = RUN
        self.tabs.setCurrentIndex(RUN)
        self.run_chosen.emit(run)
