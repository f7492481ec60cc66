"""One quantity of several trainings over step or time: the plot of the Training tab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.event_marks import EventMarks
from ptygui.gui.widgets.line_plot import LinePlot
from ptygui.gui.widgets.plot_note import PlotNote
from ptygui.gui.widgets.plot_parts import set_shown
from ptygui.gui.widgets.quantity import Line, Quantity
from ptygui.gui.widgets.quiet_line import stack_tightly
from ptygui.gui.widgets.run_curve import STYLE_MARKS, RunCurve, Scale
from ptygui.gui.widgets.run_peaks import RunPeaks
from ptygui.gui.widgets.run_readout import event_words, value_words

_REACH_PX = 7
"""How near the cursor must be to an event to be told of it."""
_NAMES_ROOM = 0.12
"""Share of the height above the curves in which the names of events stand."""
_LOG_LIMITS = {"yMin": -15.0, "yMax": 15.0, "minYRange": 1e-6}
_NO_LIMITS = {"yMin": None, "yMax": None, "minYRange": None}


class RunPlot(QWidget):
    """Curves with a cross-hair, events and zoom.

    All is in view until the user zooms or pans; then the view stays, whatever comes, until `fit`. A spike
    that would flatten all the rest stays out of view, and is told of; a click on that, or a double click,
    shows it.
    """

    zoom_changed = Signal(bool)
    """The user has chosen a view, or is back to the whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = LinePlot("step", "")
        set_shown(self.plot.legend, False)
        self.plot.legend.setMaximumHeight(0)
        self.plot.view.setMouseEnabled(True, True)
        self.note = PlotNote(self)
        """The values under the cursor, or the event there."""
        self.empty = text_label("", "muted")
        """Why there is nothing to see."""
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        stack_tightly(self, self.plot)
        self.peaks = RunPeaks(self.plot.view, self)
        self.empty.setParent(self)
        self.note.raise_()
        self._colors = DEFAULT_PLOT_COLORS
        self._quantity: Quantity | None = None
        self._runs: Sequence[DrawnRun] = ()
        self._scale = Scale()
        self.curves: dict[tuple[Path, Line], RunCurve] = {}
        self.marks: dict[Path, EventMarks] = {}
        self.is_zoomed = False
        self._place: float | None = None
        self._say_why_empty()
        self.plot.view.sigRangeChangedManually.connect(lambda: self._set_zoomed(True))
        self.plot.view.sigXRangeChanged.connect(self._draw)
        self.plot.view.sigResized.connect(self._draw)
        self.plot.double_clicked.connect(self._double_clicked)
        self.peaks.toggled.connect(self.fit)
        self.plot.place_changed.connect(self._read_out)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    @property
    def quantity(self) -> Quantity | None:
        """What is drawn."""
        return self._quantity

    def line_words(self) -> str:
        """Return which kind of line is what: '─ train  ╌ validation'; nothing where there is one kind."""
        labels = self._labels()
        if len(labels) < 2:
            return ""
        marks = (STYLE_MARKS[at % len(STYLE_MARKS)] for at in range(len(labels)))
        return "\u2002".join(f"{mark}\u00a0{label}" for mark, label in zip(marks, labels, strict=True))

    def set_quantity(self, quantity: Quantity | None) -> None:
        """Draw another quantity, as a whole."""
        if quantity == self._quantity:
            return
        self._quantity = quantity
        self.peaks.setChecked(False)
        self.plot.y_axis.setLabel("" if quantity is None else quantity.axis)
        self._update()
        self.fit()

    def set_runs(self, runs: Sequence[DrawnRun]) -> None:
        """Draw these runs; only what is new is drawn anew."""
        self._runs = runs
        self._update()

    def set_scale(self, scale: Scale) -> None:
        """Place the values otherwise; a new axis is shown as a whole."""
        before, self._scale = self._scale, scale
        self._update()
        if (before.log, before.time) == (scale.log, scale.time):
            return
        self.plot.view.setLimits(**(_LOG_LIMITS if scale.log else _NO_LIMITS))
        self.plot.y_axis.set_log(scale.log)
        self.peaks.setChecked(False)
        self.plot.x_axis.setLabel("minutes" if scale.time else "step")
        self.fit()

    def fit(self) -> None:
        """Show everything, now and as it grows."""
        self._set_zoomed(False)
        self._keep_in_view()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self._colors = colors
        self.plot.set_plot_colors(colors)
        self._color_curves()
        self._mark_events()

    def _shown(self) -> list[DrawnRun]:
        return [run for run in self._runs if not run.hidden]

    def _lines(self, run: DrawnRun) -> tuple[Line, ...]:
        return () if self._quantity is None else self._quantity.keys(run.series)

    def _labels(self) -> list[str]:
        """Return the kinds of line of all runs that are drawn, in order: their place is their style."""
        return list(dict.fromkeys(line.label for run in self._shown() for line in self._lines(run)))

    def _update(self) -> None:
        self._make_curves()
        self._color_curves()
        for run in self._shown():
            for line in self._lines(run):
                self.curves[run.key, line].set_series(run.series[line.key], self._scale)
        self._mark_events()
        if not self.is_zoomed:
            self._keep_in_view()
        self._draw()
        self._say_why_empty()
        self._read_out(self._place)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt)
        """Keep the word on an empty plot in its middle."""
        super().resizeEvent(event)
        self.empty.setGeometry(self.rect())
        self.peaks.place()

    def _say_why_empty(self) -> None:
        words = self._why_empty()
        if words == self.empty.text() and bool(words) != self.empty.isHidden():
            return
        self.empty.setText(words)
        self.empty.setVisible(bool(words))
        for axis in (self.plot.x_axis, self.plot.y_axis):
            axis.setStyle(showValues=not words)

    def _why_empty(self) -> str:
        if any(curve.bounds is not None for curve in self.curves.values()):
            return ""
        if self._runs and not self._shown():
            return "all runs are hidden"
        has_points = any(run.series[line.key].step.size for run in self._shown() for line in self._lines(run))
        if has_points and self._scale.time and not any(curve.x.size for curve in self.curves.values()):
            return "no times in this log: draw it by step"
        return "no values that can be drawn" if has_points else "no points yet"

    def _make_curves(self) -> None:
        labels = self._labels()
        wanted = {
            (run.key, line): labels.index(line.label) for run in self._shown() for line in self._lines(run)
        }
        for gone in self.curves.keys() - wanted.keys():
            self.curves.pop(gone).remove()
        for (key, line), style in wanted.items():
            if (key, line) not in self.curves:
                self.curves[key, line] = RunCurve(self.plot.view, line.noisy, style)

    def _color_curves(self) -> None:
        for run in self._shown():
            for line in self._lines(run):
                self.curves[run.key, line].set_color(self._colors.run(run.color))

    def _mark_events(self) -> None:
        wanted = {run.key: run for run in self._shown() if run.events and self._lines(run)}
        for gone in self.marks.keys() - wanted.keys():
            self.marks.pop(gone).remove()
        for key, run in wanted.items():
            if key not in self.marks:
                self.marks[key] = EventMarks(self.plot.view)
            curve = self.curves[key, self._lines(run)[0]]
            places = [event.wall_s / 60 if self._scale.time else float(event.step) for event in run.events]
            marked = [(x, curve.place_at(x), event) for x, event in zip(places, run.events, strict=True)]
            self.marks[key].show(marked, self._colors.run(run.color), self._colors.background)

    def _keep_in_view(self) -> None:
        curves = {key: curve for key, curve in self.curves.items() if curve.bounds is not None}
        found = [curve.bounds for curve in curves.values() if curve.bounds is not None]
        if not found:
            self.peaks.hide()
            return
        left, right, bottom, _ = zip(*found, strict=True)
        begin, end = min(0.0, *left), max(right)
        room = 0.015 * (end - begin) or 1.0
        top = self.peaks.top(curves.values(), is_log=self._scale.log)
        headroom = _NAMES_ROOM * (top - min(bottom)) if self.marks else 0.0
        self.plot.show_range((begin - room, end + room), (min(bottom), top + headroom))
        colors = {run.key: self._colors.run(run.color) for run in self._shown()}
        self.peaks.show_beyond([(colors[key], curve) for (key, _), curve in curves.items()])

    def _double_clicked(self) -> None:
        """Back to the automatic view; from there to the whole height of a spike, and back."""
        if self.is_zoomed or self.peaks.isHidden():
            self.fit()
        else:
            self.peaks.toggle()

    def _set_zoomed(self, zoomed: bool) -> None:
        if zoomed != self.is_zoomed:
            self.is_zoomed = zoomed
            self.peaks.forget()
            self.zoom_changed.emit(zoomed)

    def _draw(self) -> None:
        low, high = self.plot.view.viewRange()[0]
        columns = max(int(self.plot.view.width()), 1)
        for curve in self.curves.values():
            curve.draw(low, high, columns)

    def _read_out(self, x: float | None) -> None:
        self._place = x
        if x is None:
            self.note.hide()
            return
        box = self.plot.mapFromScene(self.plot.view.sceneBoundingRect()).boundingRect()
        at = self.plot.mapFromScene(self.plot.view.mapViewToScene(QPointF(x, 0.0))).x()
        self.note.show_words(self._event_words(x) or self._value_words(x), at, box)

    def _event_words(self, x: float) -> str:
        reach = _REACH_PX * float(self.plot.view.viewPixelSize()[0])
        for run in self._shown():
            marks = self.marks.get(run.key)
            if marks is not None and (event := marks.near(x, reach)) is not None:
                return event_words(run.name, event, self._colors.run(run.color))
        return ""

    def _value_words(self, x: float) -> str:
        labels, rows = self._labels(), []
        for run in self._shown():
            values: list[float | None] = [None] * len(labels)
            for line in self._lines(run):
                values[labels.index(line.label)] = self.curves[run.key, line].value_at(x)
            rows.append((self._colors.run(run.color), run.name, values))
        return value_words(x, self._scale.time, labels, rows)
