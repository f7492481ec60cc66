"""The HDF5 dialog on real files, with real clicks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from gui.fakes import FakeBackend
from gui.hands import click
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QInputDialog

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Mapping
from ptygui.gui.dialogs.hdf5_dialog import Hdf5Dialog
from ptygui.gui.hdf5_backend import LocalHdf5
from ptygui.gui.main_window import MainWindow
from ptygui.gui.workers import Workers
from ptygui.jobs import api

N, H = 12, 16
OpenDialog = Callable[[Path], Hdf5Dialog]


def write(path: Path, prefix: str = "entry") -> Path:
    """A scan whose positions no name betrays."""
    y, x = np.mgrid[:3, :4]
    row, col = np.mgrid[-8:8, -8:8]
    bright = 500 * np.exp(-(row**2 + col**2) / 10)
    with h5py.File(path, "w") as file:
        file[f"{prefix}/data"] = np.random.default_rng(0).poisson(bright, (N, H, H)).astype(np.uint16)
        file[f"{prefix}/fast"], file[f"{prefix}/slow"] = x.reshape(-1) * 0.1, y.reshape(-1) * 0.1
        file[f"{prefix}/energy"] = 8.0
        file[f"{prefix}/distance"] = 2.0
        file[f"{prefix}/x_pixel_size"] = 75e-6
        file[f"{prefix}/title"] = "a star"
        file[f"{prefix}/gone"] = h5py.ExternalLink("gone.h5", "/data")
    return path


@pytest.fixture
def open_dialog(qtbot) -> Iterator[OpenDialog]:
    workers = Workers()
    made: list[Hdf5Dialog] = []

    def make(path: Path) -> Hdf5Dialog:
        dialog = Hdf5Dialog(path, workers, LocalHdf5())
        made.append(dialog)
        dialog.show()
        dialog.begin()
        qtbot.waitUntil(lambda: "Looking" not in dialog.summary.text)
        return dialog

    yield make
    assert workers.close()
    for dialog in made:
        dialog.deleteLater()
    workers.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def dialog(open_dialog: OpenDialog, tmp_path: Path, qtbot) -> Hdf5Dialog:
    made = open_dialog(write(tmp_path / "scan.h5"))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the fixture does
    qtbot.waitUntil(lambda: made.tree.item_of("/entry/data") is not None)
    return made


def select(qtbot, dialog: Hdf5Dialog, key: str) -> None:
    item = dialog.tree.item_of(key)
    assert item is not None
    place = dialog.tree.visualItemRect(item).center()
    qtbot.mouseClick(dialog.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog.tree.chosen is not None
    assert dialog.tree.chosen.path == key


def use(qtbot, dialog: Hdf5Dialog, key: str, role: str) -> None:
    select(qtbot, dialog, key)
    qtbot.mouseClick(dialog.rows.rows[role].take, Qt.MouseButton.LeftButton)


def write_into(qtbot, edit, text: str) -> None:
    qtbot.mouseClick(edit, Qt.MouseButton.LeftButton)
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_what_was_guessed_is_filled_in_and_marked(dialog: Hdf5Dialog) -> None:
    rows = dialog.rows.rows
    assert rows["patterns"].key.text() == "/entry/data"
    assert rows["patterns"].guessed.text() == "guessed"
    assert "12 of 16 × 16" in rows["patterns"].guessed.toolTip()
    assert rows["energy"].multiplier.text() == "1000"
    assert rows["x"].key.text() == ""
    assert "12 patterns of 16 × 16" in dialog.summary.text
    assert "no probe positions" in dialog.summary.text
    assert dialog.tree.item_of("/entry/data").text(4) == "patterns"


def test_positions_are_pointed_at_and_the_scan_is_told_at_once(qtbot, dialog: Hdf5Dialog) -> None:
    use(qtbot, dialog, "/entry/fast", "x")
    use(qtbot, dialog, "/entry/slow", "y")
    for role in ("x", "y"):
        write_into(qtbot, dialog.rows.rows[role].multiplier, "1e-6")
    qtbot.waitUntil(lambda: "300\u202fnm" in dialog.summary.text)
    assert dialog.tree.item_of("/entry/fast").text(4) == "positions x"
    assert dialog.rows.rows["x"].guessed.text() == ""
    with qtbot.waitSignal(dialog.mapped) as caught:
        qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    path, mapping = caught.args
    assert isinstance(mapping, Mapping)
    raw = api.read_mapped(path, mapping)
    assert raw.positions is not None
    assert np.ptp(raw.positions, axis=0) == pytest.approx([2e-7, 3e-7])
    assert raw.stated.energy_ev == pytest.approx(8000)
    assert dialog.isHidden()


def test_numbers_may_be_typed(qtbot, dialog: Hdf5Dialog) -> None:
    write_into(qtbot, dialog.rows.rows["energy"].key, "9.5 keV")
    qtbot.waitUntil(lambda: dialog.rows.rows["energy"].guessed.text() == "")
    write_into(qtbot, dialog.rows.rows["detector_pixel"].key, "50 parsec")
    assert "'parsec' is no unit" in dialog.summary.text
    assert not dialog.open_button.isEnabled()


def test_what_goes_wrong_is_said_and_cannot_be_opened(qtbot, dialog: Hdf5Dialog) -> None:
    write_into(qtbot, dialog.rows.rows["patterns"].part, "99")
    qtbot.waitUntil(lambda: "leaves nothing" in dialog.summary.text)
    assert not dialog.open_button.isEnabled()
    write_into(qtbot, dialog.rows.rows["patterns"].part, "2:8")
    qtbot.waitUntil(lambda: "6 patterns of 16 × 16" in dialog.summary.text)
    write_into(qtbot, dialog.rows.rows["x"].multiplier, "much")  # without a key it means nothing yet
    use(qtbot, dialog, "/entry/title", "x")
    write_into(qtbot, dialog.rows.rows["x"].multiplier, "much")
    assert "multiplier must be a number" in dialog.summary.text


def test_nodes_are_looked_at(qtbot, dialog: Hdf5Dialog) -> None:
    preview = dialog.preview
    select(qtbot, dialog, "/entry/data")
    qtbot.waitUntil(lambda: preview.stack.currentWidget() is preview.picture)
    assert preview.picture.box.value() == N // 2
    with qtbot.waitSignal(preview.frame_wanted):
        preview.picture.slider.setValue(3)
    qtbot.waitUntil(lambda: preview.picture.box.value() == 3)
    select(qtbot, dialog, "/entry/fast")
    qtbot.waitUntil(lambda: preview.stack.currentWidget() is preview.curve)
    select(qtbot, dialog, "/entry/title")
    qtbot.waitUntil(lambda: preview.words.text() == "a star")
    select(qtbot, dialog, "/entry/gone")
    assert "gone.h5, which is missing" in preview.words.text()
    assert "gone.h5:/data" in preview.caption.text()


def test_a_node_is_used_by_its_menu_or_dropped_on_a_row(qtbot, dialog: Hdf5Dialog) -> None:
    menu = dialog.tree.make_menu("/entry/slow")
    action = next(each for each in menu.actions() if each.text() == "Use as positions y")
    action.trigger()
    assert dialog.rows.rows["y"].key.text() == "/entry/slow"
    menu.deleteLater()
    data = QMimeData()
    data.setText(dialog.tree.mimeData([dialog.tree.item_of("/entry/fast")]).text())
    edit = dialog.rows.rows["x"].key
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    edit.dropEvent(QDropEvent(QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction, data, left, none))
    assert edit.text() == "/entry/fast"
    qtbot.waitUntil(lambda: dialog.tree.item_of("/entry/fast").text(4) == "positions x")


def test_a_preset_opens_the_next_file_by_itself(qtbot, dialog: Hdf5Dialog, tmp_path: Path) -> None:
    use(qtbot, dialog, "/entry/fast", "x")
    use(qtbot, dialog, "/entry/slow", "y")
    for role in ("x", "y"):
        write_into(qtbot, dialog.rows.rows[role].multiplier, "1e-6")
    qtbot.waitUntil(lambda: dialog.save_button.isEnabled() and "300" in dialog.summary.text)
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    question = dialog.name_question
    assert isinstance(question, QInputDialog)
    question.setTextValue("Our beamline")
    question.accept()
    qtbot.waitUntil(lambda: "open by themselves" in dialog.saved.text)
    assert api.open_raw(write(tmp_path / "next.h5")).format == "Our beamline"
    dialog.saved.set("info", "")
    dialog.presenter.save("Our beamline")
    qtbot.waitUntil(lambda: hasattr(dialog, "replace_question"))
    assert "Our beamline" in dialog.replace_question.text()
    replace = next(each for each in dialog.replace_question.buttons() if each.text() == "Replace")
    click(qtbot, replace)
    qtbot.waitUntil(lambda: "open by themselves" in dialog.saved.text)


def test_what_is_no_hdf5_file_is_said(qtbot, open_dialog: OpenDialog, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(b"nothing of the kind")
    dialog = open_dialog(path)
    assert "no complete HDF5 file" in dialog.summary.text
    assert not dialog.open_button.isEnabled()


def test_it_may_be_closed_while_it_looks(qtbot, tmp_path: Path) -> None:
    workers = Workers()
    dialog = Hdf5Dialog(write(tmp_path / "scan.h5"), workers, LocalHdf5())
    dialog.show()
    dialog.begin()
    gone: list[bool] = []
    dialog.destroyed.connect(lambda: gone.append(True))
    dialog.reject()
    qtbot.waitUntil(lambda: bool(gone))
    assert workers.close()
    workers.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


# In the window.


def test_a_file_in_no_known_format_is_offered_to_be_opened_by_hand(
    qtbot, window: MainWindow, backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "odd.h5")
    monkeypatch.setattr(backend, "open_raw", lambda path, mapping=None: api.open_raw(path, mapping=mapping))
    window.presenter.open_file(path)
    qtbot.waitUntil(window.banner.by_hand_button.isVisible)
    assert "no ptychography scan" in window.banner.message.text
    click(qtbot, window.banner.by_hand_button)
    dialog = window.scans.hdf5_dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.tree.item_of("/entry/data") is not None)
    use(qtbot, dialog, "/entry/fast", "x")
    use(qtbot, dialog, "/entry/slow", "y")
    for role in ("x", "y"):
        write_into(qtbot, dialog.rows.rows[role].multiplier, "1e-6")
    qtbot.waitUntil(lambda: "300\u202fnm" in dialog.summary.text)
    click(qtbot, dialog.open_button)
    presenter = window.presenter.scan
    qtbot.waitUntil(lambda: presenter.scan is not None and presenter.scan.metadata.path == str(path))
    assert presenter.scan.metadata.preparation.mapping is not None
    assert not window.banner.isVisible()


def test_other_complaints_offer_nothing(window: MainWindow) -> None:
    window.presenter.complain(ScanError("a.npz is empty."))
    assert window.banner.isVisible()
    assert not window.banner.by_hand_button.isVisible()
