from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.gui.theme import DARK, LIGHT, plot_colors
from ptygui.gui.widgets.plot_export import save_plots
from ptygui.gui.widgets.quantity import quantities
from ptygui.gui.widgets.run_curve import RunCurve, Scale
from ptygui.gui.widgets.run_legend import RunLegend
from ptygui.gui.widgets.run_plot import RunPlot
from ptygui.runs.history import Series
from ptygui.runs.layout import HealthEvent

TRAIN, VAL = ("train", "loss"), ("val", "loss")
EVENT = HealthEvent(
    step=50,
    wall_s=100.0,
    ailment="collapsed",
    evidence={},
    sentence="The picture is flat.",
    action="Went back.",
)


def series(values: Iterable[float], start: int = 0) -> Series:
    value = np.array(list(values), np.float64)
    step = np.arange(start, start + value.size, dtype=np.float64)
    return Series(step, 2 * step, value)


def run(name: str, values: Iterable[float], color: int = 0, **others: Any) -> DrawnRun:
    return DrawnRun(Path(name), name, color, others.pop("hidden", False), {TRAIN: series(values)}, **others)


def line_of(plot: RunPlot, name: str) -> RunCurve:
    return next(curve for (key, _), curve in plot.curves.items() if key == Path(name))


@pytest.fixture
def plot(qtbot: QtBot) -> RunPlot:
    shown = RunPlot()
    qtbot.addWidget(shown)
    shown.resize(600, 300)
    shown.set_quantity(quantities([TRAIN, VAL])[0])
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def x_range(plot: RunPlot) -> list[float]:
    return list(plot.plot.view.viewRange()[0])


def test_the_view_grows_with_the_curve_until_the_user_zooms(plot: RunPlot, mouse: Any, qtbot: QtBot) -> None:
    plot.set_runs([run("a", np.linspace(1, 0.5, 100))])
    assert x_range(plot)[1] > 99
    plot.set_runs([run("a", np.linspace(1, 0.5, 200))])
    assert x_range(plot)[1] > 199
    with qtbot.waitSignal(plot.zoom_changed) as told:
        mouse.wheel(plot.plot, mouse.point(plot.plot, plot.plot.view, 100, 0.7), 3)
    assert told.args == [True]
    chosen = plot.plot.view.viewRange()
    plot.set_runs([run("a", np.linspace(1, 0.1, 400))])
    assert plot.plot.view.viewRange() == chosen
    mouse.double_click(plot.plot, mouse.point(plot.plot, plot.plot.view, 100, 0.7))
    assert not plot.is_zoomed
    assert x_range(plot)[1] > 399


def test_dragging_moves_the_view_and_keeps_it(plot: RunPlot, mouse: Any) -> None:
    plot.set_runs([run("a", np.linspace(1, 0.5, 100))])
    mouse.drag(plot.plot, QPoint(300, 120), QPoint(200, 120))
    assert plot.is_zoomed
    moved = x_range(plot)
    plot.set_runs([run("a", np.linspace(1, 0.5, 150))])
    assert x_range(plot) == moved


def test_a_hundred_thousand_points_are_drawn_with_few(plot: RunPlot) -> None:
    plot.set_scale(Scale(smoothing=0.8))
    plot.set_runs([run("a", np.random.default_rng(0).random(100_000))])
    curve = line_of(plot, "a")
    columns = plot.plot.view.width()
    assert 100 < curve.raw.getData()[0].size <= 4 * columns + 4
    assert curve.line.getData()[0].size <= 4 * columns + 4


def test_only_what_changed_is_drawn_anew(plot: RunPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    still, grows = run("a", np.ones(50)), run("b", np.ones(50), 1)
    plot.set_runs([still, grows])
    drawn: list[object] = []
    for name in ("a", "b"):
        item = line_of(plot, name).line
        monkeypatch.setattr(item, "setData", lambda *_, name=name: drawn.append(name))
    plot.set_runs([still, run("b", np.ones(50), 1)])
    assert drawn == ["b"]


def test_a_raw_line_lies_faintly_under_the_smoothed_one(plot: RunPlot) -> None:
    plot.set_scale(Scale(smoothing=0.9))
    plot.set_runs([run("a", np.random.default_rng(0).random(300))])
    curve = line_of(plot, "a")
    assert curve.raw.opts["pen"].color().alpha() < 100 < curve.line.opts["pen"].color().alpha()
    assert np.nanstd(curve.line.getData()[1][50:]) < np.nanstd(curve.raw.getData()[1]) / 2
    plot.set_scale(Scale(smoothing=0.0))
    assert curve.raw.getData()[0] is None or curve.raw.getData()[0].size == 0


def test_a_hidden_run_is_neither_drawn_nor_read_out(plot: RunPlot, mouse: Any) -> None:
    shown, other = run("shown", np.full(100, 0.5)), run("other", np.full(100, 0.7), 1)
    plot.set_runs([shown, replace(other, hidden=True)])
    assert {key for key, _ in plot.curves} == {Path("shown")}
    mouse.move(plot.plot, mouse.point(plot.plot, plot.plot.view, 40, 0.5))
    assert "shown" in plot.note.text()
    assert "other" not in plot.note.text()


def test_the_note_tells_the_value_of_every_run_at_the_step(plot: RunPlot, mouse: Any) -> None:
    a, b = run("a", np.arange(100) / 100), run("b", np.full(60, 0.5), 1)
    plot.set_runs([a, b])
    mouse.move(plot.plot, mouse.point(plot.plot, plot.plot.view, 40.2, 0.5))
    assert plot.note.isVisible()
    assert "step 40" in plot.note.text()
    assert "0.400" in plot.note.text()
    assert "0.500" in plot.note.text()
    mouse.move(plot.plot, mouse.point(plot.plot, plot.plot.view, 90, 0.5))
    assert "0.900" in plot.note.text()
    assert "0.500" not in plot.note.text()
    mouse.leave(plot.plot)
    assert not plot.note.isVisible()


def test_an_event_is_marked_on_the_curve_and_told_under_the_cursor(plot: RunPlot, mouse: Any) -> None:
    values = np.linspace(1, 0, 101)
    plot.set_runs([run("dies", values, events=[EVENT])])
    marks = plot.marks[Path("dies")]
    x, y = marks.marks.getData()
    assert (x[0], y[0]) == (50, pytest.approx(0.5))
    mouse.move(plot.plot, mouse.point(plot.plot, plot.plot.view, 50, 0.2))
    assert "The picture is flat." in plot.note.text()
    assert "Went back." in plot.note.text()
    plot.set_scale(Scale(time=True))
    assert marks.marks.getData()[0][0] == pytest.approx(100 / 60)
    plot.set_runs([replace(run("dies", values, events=[EVENT]), hidden=True)])
    assert not plot.marks


def test_a_logarithmic_axis_leaves_out_what_has_no_logarithm(plot: RunPlot) -> None:
    plot.set_scale(Scale(log=True))
    plot.set_runs([run("a", [1.0, 0.1, 0.0, -3.0, np.nan, np.inf, 0.001])])
    y = line_of(plot, "a").line.getData()[1]
    assert y[[0, 1, 6]] == pytest.approx([0, -1, -3])
    assert np.isnan(y[2:6]).all()
    plot.grab()


def test_zooming_far_out_of_a_logarithmic_axis_is_no_trouble(plot: RunPlot, mouse: Any) -> None:
    plot.set_scale(Scale(log=True))
    plot.set_runs([run("a", [1.0, 0.1, 0.01])])
    for _ in range(6):
        mouse.wheel(plot.plot, mouse.point(plot.plot, plot.plot.view, 1, -1), -20)
    plot.grab()
    for _ in range(12):
        mouse.wheel(plot.plot, QPoint(300, 150), 20)
    plot.grab()


def test_gaps_stay_gaps(plot: RunPlot) -> None:
    values = np.ones(30)
    values[10:20] = np.nan
    plot.set_runs([run("a", values)])
    y = line_of(plot, "a").line.getData()[1]
    assert np.isnan(y[10:20]).all()
    assert np.isfinite(y[:10]).all()
    plot.grab()


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [0.0]])
def test_hardly_any_data_is_no_trouble(plot: RunPlot, values: list[float], mouse: Any) -> None:
    plot.set_runs([run("a", values, events=[EVENT])])
    mouse.move(plot.plot, QPoint(300, 150))
    plot.set_scale(Scale(log=True, smoothing=0.9))
    plot.grab()


def test_few_values_of_validation_are_points(plot: RunPlot) -> None:
    plot.set_runs([DrawnRun(Path("a"), "a", 0, False, {VAL: series([0.3, 0.2, 0.1])})])
    assert len(line_of(plot, "a").dots.points()) == 3


def test_a_name_in_the_legend_hides_its_run(qtbot: QtBot) -> None:
    legend = RunLegend()
    qtbot.addWidget(legend)
    legend.resize(400, 30)
    legend.set_runs([run("first <b>", [1.0]), replace(run("second", [1.0], 1), hidden=True)])
    legend.show()
    assert "&lt;b&gt;" in legend.text()
    with qtbot.waitSignal(legend.run_hidden) as told:
        qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=QPoint(30, 8))
    assert told.args == [Path("first <b>"), True]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_lines_follow_the_theme(plot: RunPlot, theme: Any) -> None:
    colors = plot_colors(theme)
    plot.set_runs([run("a", np.ones(9), 3)])
    plot.set_plot_colors(colors)
    assert line_of(plot, "a").line.opts["pen"].color().name() == colors.run(3)
    assert colors.run(3) == colors.run(3 + len(colors.runs))


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_plots_are_saved_for_print_and_stay_as_they_are(plot: RunPlot, tmp_path: Path, kind: str) -> None:
    runs = [
        run("named", np.linspace(1, 0.5, 50), events=[EVENT]),
        replace(run("gone", [1.0], 1), hidden=True),
    ]
    plot.set_runs(runs)
    dark = plot_colors(DARK)
    path = tmp_path / f"plots.{kind}"
    save_plots(path, [plot], runs, dark)
    assert path.read_bytes().startswith(b"\x89PNG" if kind == "png" else b"<?xml")
    if kind == "svg":
        assert ">named<" in path.read_text()
        assert ">gone<" not in path.read_text()
    assert line_of(plot, "named").line.opts["pen"].color().name() == dark.run(0)


def test_what_cannot_be_written_is_said(plot: RunPlot, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        save_plots(tmp_path / "nowhere" / "plots.png", [plot], [], plot_colors(DARK))


def test_a_foreign_run_without_times_has_no_place_on_their_axis(plot: RunPlot) -> None:
    known = series(np.ones(10))
    timeless = replace(known, wall_s=np.full(10, np.nan))
    late = replace(known, wall_s=np.array([np.nan] * 5 + [60.0, 120.0, 90.0, 180.0, 240.0]))
    plot.set_scale(Scale(time=True))
    plot.set_runs(
        [
            DrawnRun(Path("timeless"), "timeless", 0, False, {TRAIN: timeless}),
            DrawnRun(Path("late"), "late", 1, False, {TRAIN: late}),
        ]
    )
    assert line_of(plot, "timeless").x.size == 0
    assert line_of(plot, "late").x.tolist() == [1, 2, 2, 3, 4]
    plot.grab()


@pytest.mark.parametrize(("points", "width"), [(50, 1.5), (2000, 1.0)])
def test_a_line_of_many_points_is_thin(plot: RunPlot, points: int, width: float) -> None:
    plot.set_runs([run("a", np.random.default_rng(0).random(points))])
    assert line_of(plot, "a").line.opts["pen"].widthF() == width


def test_an_empty_plot_says_why(plot: RunPlot) -> None:
    values = series(np.ones(10))
    timeless = DrawnRun(
        Path("a"), "a", 0, False, {TRAIN: replace(values, wall_s=np.full(10, np.nan))}, [EVENT]
    )
    assert plot.empty.text() == "no points yet"
    plot.set_runs([timeless])
    assert not plot.empty.isVisible()
    plot.set_scale(Scale(time=True))
    assert plot.empty.isVisible()
    assert plot.empty.text() == "no times in this log: draw it by step"
    plot.set_scale(Scale())
    assert not plot.empty.isVisible()
    plot.set_runs([replace(timeless, hidden=True)])
    assert plot.empty.text() == "all runs are hidden"


def spiking() -> np.ndarray:
    values = np.full(400, 0.1) + np.linspace(0.1, 0, 400)
    values[200] = 40.0
    return values


def y_range(plot: RunPlot) -> list[float]:
    return list(plot.plot.view.viewRange()[1])


def test_a_spike_does_not_flatten_the_rest_and_is_told_of(plot: RunPlot, qtbot: QtBot) -> None:
    plot.set_runs([run("calm", np.linspace(0.2, 0.1, 400)), run("spiky", spiking(), 1)])
    assert y_range(plot)[1] < 0.3
    assert plot.peaks.isVisible()
    assert "up to 40" in plot.peaks.text()
    assert plot.peaks.marks.getData()[0].tolist() == [200]
    qtbot.mouseClick(plot.peaks, Qt.MouseButton.LeftButton)
    assert y_range(plot)[1] > 40
    assert plot.peaks.marks.getData()[0].size == 0
    qtbot.mouseClick(plot.peaks, Qt.MouseButton.LeftButton)
    assert y_range(plot)[1] < 0.3


def test_a_double_click_shows_a_spike_but_first_ends_a_zoom(plot: RunPlot, mouse: Any) -> None:
    plot.set_runs([run("spiky", spiking())])
    middle = QPoint(300, 120)
    mouse.wheel(plot.plot, middle, 3)
    assert not plot.peaks.isVisible()
    mouse.double_click(plot.plot, middle)
    assert not plot.is_zoomed
    assert y_range(plot)[1] < 0.3
    mouse.double_click(plot.plot, middle)
    assert y_range(plot)[1] > 40


def test_without_a_spike_or_on_a_logarithmic_axis_all_is_in_view(plot: RunPlot) -> None:
    plot.set_runs([run("falls", np.linspace(1, 0, 400))])
    assert not plot.peaks.isVisible()
    assert y_range(plot)[1] > 1
    plot.set_runs([run("few", [0.1] * 9 + [40.0])])
    assert y_range(plot)[1] > 40
    plot.set_runs([run("spiky", spiking())])
    plot.set_scale(Scale(log=True))
    assert not plot.peaks.isVisible()
    assert y_range(plot)[1] > np.log10(40)
    plot.set_scale(Scale())
    assert plot.peaks.isVisible()
    plot.set_runs([])
    assert not plot.peaks.isVisible()


def test_another_quantity_begins_without_its_peaks(plot: RunPlot, qtbot: QtBot) -> None:
    both = replace(run("spiky", spiking()), series={TRAIN: series(spiking()), VAL: series(np.ones(30))})
    plot.set_runs([both])
    qtbot.mouseClick(plot.peaks, Qt.MouseButton.LeftButton)
    plot.set_quantity(None)
    plot.set_quantity(quantities([TRAIN, VAL])[0])
    assert not plot.peaks.isChecked()
    assert y_range(plot)[1] < 2
