"""A study in the real window, with real clicks: curves, pictures of every arm, and the table."""

from __future__ import annotations

import pytest
from gui.hands import click
from PySide6.QtCore import Qt

from ptygui.gui.panels.training_pictures import TABLE

REPORT = """
| arm | runs | dead | alive but flat |
| --- | ---: | ---: | ---: |
| new | 1 | 0 | 0 |
| old | 1 | 1 | 0 |
"""


@pytest.fixture
def study(qtbot, window, backend):
    """Two arms, each with a picture; the pictures of the window that looks at them."""
    for name in ("old-s0", "new-s0"):
        backend.training.advance(backend.training.begin_run(name, beneath="studies/stress"), 10)
    window.show_training_tab()
    pictures = window.centre.training.pictures
    qtbot.waitUntil(lambda: [bool(tile.pictures) for tile in pictures.arms.tiles] == [True, True])
    return pictures


def chosen(study) -> list[str]:
    return [tile.arm.key.name for tile in study.arms.tiles if tile.arm.chosen]


def test_a_click_on_a_picture_chooses_its_run(qtbot, window, study):
    assert len(window.presenter.training.drawn) == 2
    for tile in study.arms.tiles:
        click(qtbot, tile)
        qtbot.waitUntil(lambda name=tile.arm.key.name: chosen(study) == [name])
        assert window.presenter.training.chosen.path == tile.arm.key
    colors = {run.key: run.color for run in window.presenter.training.drawn}
    assert {tile.arm.key: tile.arm.color for tile in study.arms.tiles} == colors


def test_pictures_get_better_while_it_trains(qtbot, window, backend, study):
    new = study.arms.tiles[0]
    assert new.arm.key.name == "new-s0"
    before = new.pictures[0]
    backend.training.advance(new.arm.key, 900, r1=0.01)
    qtbot.waitUntil(lambda: "0.01" in new.arm.figure and new.pictures[0] is not before)


def test_the_keyboard_reaches_a_picture(qtbot, window, study):
    tile = study.arms.tiles[1]
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: chosen(study) == ["old-s0"])


def test_a_double_click_shows_the_run_in_large_and_the_tabs_lead_back(qtbot, window, study):
    tile = study.arms.tiles[1]
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)
    preview = window.centre.training.preview
    qtbot.waitUntil(lambda: preview.isVisible() and "old-s0" in preview.view.line.caption.text())
    (tile.arm.key.parent / "table.md").write_text(REPORT)
    window.presenter.training.choose(study.arms.tiles[0].arm.key)
    qtbot.mouseClick(study.tabs, Qt.MouseButton.LeftButton, pos=study.tabs.tabRect(TABLE).center())
    qtbot.waitUntil(lambda: study.table.table.isVisible() and study.table.table.rowCount() == 2)
    assert study.title.text() == "stress"


def test_another_run_has_its_picture_alone(qtbot, window, backend, study):
    alone = backend.training.begin_run("alone")
    backend.training.advance(alone, 10)
    window.presenter.training.choose(alone)
    qtbot.waitUntil(lambda: not study.tabs.isVisible() and study.preview.isVisible())
