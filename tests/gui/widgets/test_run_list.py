from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ptygui.gui.presenters.training_screen import RunRow
from ptygui.gui.widgets.run_list import RunList


def row(name: str, **changes: Any) -> RunRow:
    plain = RunRow(Path(name), name, "hybrid", "done", "ok", "2 h", "R1 0.05", "said last")
    return replace(plain, **changes)


ROWS = [row(f"run {number}") for number in range(200)]


@pytest.fixture
def runs(qtbot: QtBot) -> RunList:
    shown = RunList()
    qtbot.addWidget(shown)
    shown.resize(260, 300)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def names(runs: RunList) -> list[str]:
    return [each.name for each in runs.runs.rows]


def test_the_model_keeps_qts_rules_through_all_changes(runs: RunList, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(runs.runs)
    a, b, c, d = (row(name) for name in "abcd")
    for rows in ([a, b, c], [c, a, b], [d, c, b], [], [b], [d, a, b, c], [replace(a, age="3 h"), d]):
        runs.set_rows(rows, None)
        assert runs.runs.rows == rows


def test_a_click_chooses_and_is_told_once(runs: RunList, qtbot: QtBot) -> None:
    runs.set_rows(ROWS, None)
    place = runs.visualRect(runs.runs.index(2)).center()
    with qtbot.waitSignal(runs.run_chosen) as told:
        qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [Path("run 2")]


def test_choice_and_place_stay_while_rows_change(runs: RunList, qtbot: QtBot) -> None:
    runs.set_rows(ROWS, Path("run 100"))
    qtbot.waitUntil(lambda: runs.verticalScrollBar().maximum() > 1500)
    runs.verticalScrollBar().setValue(1500)
    with qtbot.assertNotEmitted(runs.run_chosen):
        runs.set_rows([replace(each, state="lost", level="problem") for each in ROWS], Path("run 100"))
    assert runs.verticalScrollBar().value() == 1500
    assert runs.currentIndex().row() == 100
    assert runs.runs.rows[7].state == "lost"


def test_only_rows_that_differ_are_told(runs: RunList, qtbot: QtBot) -> None:
    runs.set_rows(ROWS[:3], None)
    told: list[int] = []
    runs.runs.dataChanged.connect(lambda index, _: told.append(index.row()))
    runs.runs.modelReset.connect(lambda: told.append(-1))
    runs.set_rows([ROWS[0], replace(ROWS[1], age="3 h"), ROWS[2]], None)
    assert told == [1]


def test_a_new_run_comes_on_top_and_the_choice_moves_along(runs: RunList, qtbot: QtBot) -> None:
    runs.set_rows(ROWS[:3], Path("run 1"))
    with qtbot.assertNotEmitted(runs.run_chosen):
        runs.set_rows([row("new"), *ROWS[:3]], Path("run 1"))
    assert names(runs)[0] == "new"
    assert runs.currentIndex().row() == 2


def test_the_chip_draws_a_run_or_takes_it_away_and_chooses_nothing(runs: RunList, qtbot: QtBot) -> None:
    runs.set_rows([row("a"), row("b", color=1)], None)
    for at, (name, on) in enumerate((("a", True), ("b", False))):
        chip = runs.delegate.chip_rect(runs.visualRect(runs.runs.index(at))).center()
        with qtbot.waitSignal(runs.run_overlaid) as told:
            qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=chip)
        assert told.args == [Path(name), on]


def test_space_draws_the_chosen_run(runs: RunList, qtbot: QtBot) -> None:
    runs.set_rows(ROWS, Path("run 1"))
    runs.setFocus()
    with qtbot.waitSignal(runs.run_overlaid) as told:
        qtbot.keyClick(runs, Qt.Key.Key_Space)
    assert told.args == [Path("run 1"), True]


def test_a_run_is_renamed_where_it_stands(runs: RunList, qtbot: QtBot) -> None:
    runs.set_rows(ROWS[:3], Path("run 1"))
    runs.rename_chosen()
    editor = runs.viewport().findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "run 1"
    editor.setText("better")
    runs.set_rows([ROWS[0], replace(ROWS[1], age="3 h"), ROWS[2]], Path("run 1"))  # a poll meanwhile
    with qtbot.waitSignal(runs.renamed) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert told.args == [Path("run 1"), "better"]


def test_words_say_what_colours_say(runs: RunList) -> None:
    runs.set_rows([row("a", state="lost", level="problem", color=2, group="stage-a")], Path("a"))
    index = runs.runs.index(0)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "a, hybrid, lost, R1 0.05, 2 h"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "said last"
    runs.grab()


def test_the_menu_opens_over_a_run_only(runs: RunList, qtbot: QtBot) -> None:
    runs.menu.addAction("Stop")
    runs.set_rows(ROWS[:1], None)
    runs.customContextMenuRequested.emit(QPoint(100, 290))
    assert not runs.menu.isVisible()
    runs.customContextMenuRequested.emit(QPoint(100, 10))
    assert runs.menu.isVisible()
    runs.menu.close()
