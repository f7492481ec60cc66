"""A beamline's habits in the real window: chosen, remembered, seen with the next file, left off."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui.fakes import make_raw
from gui.hands import click, drop
from gui.test_prepare import look, settled, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from ptygui.core.preparation import Window
from ptygui.core.reading import Reading
from ptygui.io.remembered import list_remembered


def open_file(qtbot, window, name: str) -> None:
    drop(window, Path(f"/data/{name}"))
    wanted = lambda: settled(window) and window.presenter.scan.latest.raw.name == name  # noqa: E731
    qtbot.waitUntil(wanted)
    look(qtbot, window)


def card(window) -> list[str]:
    """What stands on the scan card."""
    labels = window.path.scan.facts.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(window.path.scan.facts)]


@pytest.fixture
def tab(qtbot, window, backend):
    """The Prepare tab of a file of some beamline, with an orientation and a crop that were chosen."""
    for name in ("first.npz", "second.npz"):
        backend.raws[name] = make_raw(name, origin="NanoMAX", stated=Reading(quantity="intensity"))
    backend.raws["other.npz"] = make_raw("other.npz")
    window.resize(960, 640)
    window.show_prepare_tab()
    open_file(qtbot, window, "first.npz")
    tab = window.centre.prepare
    combo = tab.reading.line("frames_orientation").box.combo
    combo.setCurrentIndex(2)
    combo.activated.emit(2)
    look(qtbot, window)
    click(qtbot, tab.pictures.pattern.crop_button)
    look(qtbot, window)
    tab.pictures.pattern.frame.box.setSize((8, 8))
    look(qtbot, window)
    return tab


def dialog_of(qtbot, window, tab):
    click(qtbot, tab.remember_button)
    dialog = window.scans.remember_dialog
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.name.text() != "")
    return dialog


def remember(qtbot, window, tab) -> None:
    dialog = dialog_of(qtbot, window, tab)
    assert "memory files with patterns of 16 × 16 px from NanoMAX will open as" in dialog.kind.text()
    assert dialog.kept.text() == "•  Frames turned: upside down\n•  Window 8 × 8 px around row 4, column 4"
    assert not dialog.left.isVisible()
    assert dialog.name.text() == "NanoMAX"
    QTest.keyClicks(dialog.name, "NanoMAX 2026")  # what is proposed is selected
    click(qtbot, dialog.remember_button)
    qtbot.waitUntil(lambda: tab.remembered.sentence.text == "As remembered for “NanoMAX 2026”.")


def test_the_next_file_of_the_beamline_opens_alike_and_one_click_leaves_it_off(qtbot, window, tab):
    remember(qtbot, window, tab)
    open_file(qtbot, window, "second.npz")
    line = tab.reading.line("frames_orientation")
    assert (line.box.combo.currentText(), line.origin.text()) == ("upside down", "remembered")
    assert "NanoMAX 2026" in line.origin.toolTip()
    assert [type(step) for step in steps(window)] == [Window]
    assert window.presenter.scan.scan.pattern_shape == (8, 8)
    assert any(
        "second.npz is read and prepared as remembered for “NanoMAX 2026”" in said
        for said in window.bottom.log.lines
    )
    assert tab.remembered.isVisible()
    assert "as remembered for “NanoMAX 2026”" in card(window)
    click(qtbot, tab.remembered.button)
    look(qtbot, window)
    assert not any("remembered" in words for words in card(window))
    assert window.presenter.scan.scan.pattern_shape == (16, 16)
    assert line.origin.text() == "assumed"
    assert tab.remembered.sentence.text == "Not as remembered for “NanoMAX 2026”."
    click(qtbot, tab.steps.undo_button)
    look(qtbot, window)
    assert window.presenter.scan.scan.pattern_shape == (8, 8)
    open_file(qtbot, window, "other.npz")
    assert not tab.remembered.isVisible()
    assert steps(window) == ()


def test_what_is_remembered_is_listed_and_forgotten(qtbot, window, tab):
    remember(qtbot, window, tab)
    dialog = dialog_of(qtbot, window, tab)
    assert dialog.list.item(0).text().startswith("NanoMAX 2026: memory files")
    assert dialog.remember_button.text() == "Replace"
    assert "Replaces what is remembered as “NanoMAX 2026”" in dialog.state.text
    place = dialog.list.visualItemRect(dialog.list.item(0)).center()
    qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    click(qtbot, dialog.forget_button)
    qtbot.waitUntil(lambda: not dialog.list.isVisible())
    assert list_remembered().kept == ()
    assert dialog.remember_button.text() == "Remember"
    dialog.reject()
    assert not tab.remembered.isVisible()
    open_file(qtbot, window, "second.npz")
    assert steps(window) == ()


def test_a_dialog_without_anything_to_remember_says_so(qtbot, window, backend):
    backend.raws["other.npz"] = make_raw("other.npz")
    window.show_prepare_tab()
    open_file(qtbot, window, "other.npz")
    dialog = dialog_of(qtbot, window, window.centre.prepare)
    assert not dialog.remember_button.isEnabled()
    assert dialog.state.text.startswith("Nothing is chosen that other scans could share")
    dialog.reject()
