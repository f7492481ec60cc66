"""Plots as a picture for print: beside each other, on white, with the names of the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgGenerator

from ptygui.core.atomic import replacing
from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.gui.theme import LIGHT, PlotColors, plot_colors
from ptygui.gui.widgets.plot_parts import tick_font
from ptygui.gui.widgets.run_plot import RunPlot

PRINT_COLORS = replace(plot_colors(LIGHT), background="#ffffff", axis="#30363e", grid="#9aa2ad")
_SHARPNESS = 2
_MARGIN, _LINE, _GAP = 12.0, 22.0, 24.0


def save_plots(path: Path, plots: Sequence[RunPlot], runs: Sequence[DrawnRun], colors: PlotColors) -> None:
    """Write what the plots show as PNG or SVG, by the suffix; replaces a file of that name.

    Parameters
    ----------
    path : Path
        Ends in '.png' or '.svg'.
    plots : sequence of RunPlot
    runs : sequence of DrawnRun
        Those that are named above the plots; hidden ones are left out.
    colors : PlotColors
        To which the plots return.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    for plot in plots:
        plot.set_plot_colors(PRINT_COLORS)
    try:
        page = _Page(plots, [run for run in runs if not run.hidden])
        with replacing(path) as temporary:
            _write_svg(temporary, page) if path.suffix.lower() == ".svg" else _write_png(temporary, page)
    finally:
        for plot in plots:
            plot.set_plot_colors(colors)


@dataclass(frozen=True)
class _Page:
    plots: Sequence[RunPlot]
    runs: Sequence[DrawnRun]

    @property
    def width(self) -> float:
        plots = float(sum(plot.plot.width() for plot in self.plots))
        return 2 * _MARGIN + plots + _GAP * (len(self.plots) - 1)

    def rows_of_names(self) -> list[list[tuple[float, DrawnRun]]]:
        """Return the names with their places, as many in a row as there is room for."""
        rows: list[list[tuple[float, DrawnRun]]] = [[]]
        metrics, x = QFontMetricsF(tick_font()), _MARGIN
        for run in self.runs:
            width = 26 + metrics.horizontalAdvance(run.name)
            if x + width > self.width - _MARGIN and rows[-1]:
                rows.append([])
                x = _MARGIN
            rows[-1].append((x, run))
            x += width + _GAP
        return rows

    def size(self) -> QSize:
        height = max(plot.plot.height() for plot in self.plots)
        top = _LINE * (len(self.rows_of_names()) + 1)
        return QSize(round(self.width), round(2 * _MARGIN + top + height))

    def paint(self, painter: QPainter) -> None:
        painter.setFont(tick_font())
        y = _MARGIN
        for row in self.rows_of_names():
            for x, run in row:
                _paint_name(painter, x, y, run)
            y += _LINE
        x = _MARGIN
        for plot in self.plots:
            width, height = plot.plot.width(), plot.plot.height()
            _paint_title(painter, QRectF(x, y, width, _LINE), plot)
            plot.plot.scene().render(
                painter, QRectF(x, y + _LINE, width, height), QRectF(plot.plot.viewRect())
            )
            x += width + _GAP


def _paint_name(painter: QPainter, x: float, y: float, run: DrawnRun) -> None:
    color = QColor(PRINT_COLORS.run(run.color))
    painter.setPen(QPen(color, 2))
    painter.drawLine(round(x), round(y + _LINE / 2), round(x + 20), round(y + _LINE / 2))
    painter.setPen(QColor(PRINT_COLORS.text))
    width = QFontMetricsF(painter.font()).horizontalAdvance(run.name) + 4
    painter.drawText(QRectF(x + 26, y, width, _LINE), Qt.AlignmentFlag.AlignVCenter, run.name)


def _paint_title(painter: QPainter, place: QRectF, plot: RunPlot) -> None:
    font = QFont(painter.font())
    font.setBold(True)
    painter.save()
    painter.setFont(font)
    painter.setPen(QColor(PRINT_COLORS.text))
    name = "" if plot.quantity is None else plot.quantity.name
    if lines := plot.line_words():
        name = f"{name}  ({lines})"
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
    painter.restore()


def _write_png(path: Path, page: _Page) -> None:
    image = QImage(page.size() * _SHARPNESS, QImage.Format.Format_RGB32)
    image.fill(QColor(PRINT_COLORS.background))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_SHARPNESS, _SHARPNESS)
    page.paint(painter)
    painter.end()
    if not image.save(str(path)):
        raise OSError(f"{path.parent} cannot be written.")


def _write_svg(path: Path, page: _Page) -> None:
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(page.size())
    generator.setViewBox(QRectF(0, 0, page.size().width(), page.size().height()))
    generator.setTitle("Training curves")
    painter = QPainter()
    if not painter.begin(generator):
        raise OSError(f"{path.parent} cannot be written.")
    painter.fillRect(QRectF(0, 0, page.size().width(), page.size().height()), QColor("#ffffff"))
    page.paint(painter)
    painter.end()
