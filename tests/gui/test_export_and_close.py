"""Exporting and closing in the real window: nothing of the user's is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui.hands import click, open_star, run_to_the_end
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from ptygui.core.events import METRIC_FORMATS
from ptygui.gui.dialogs import export_dialog
from ptygui.gui.dialogs.export_dialog import ExportDialog, existing_folder, first_folder
from ptygui.gui.dialogs.message import show_about


def test_export_writes_and_says_where(qtbot, window, backend, tmp_path, settings):
    run_to_the_end(qtbot, window)
    dialog = open_export(qtbot, window, tmp_path)
    click(qtbot, dialog.export_button)
    qtbot.waitUntil(lambda: "Wrote" in dialog.outcome.text)
    assert str(tmp_path) in dialog.outcome.text
    assert sorted(path.name for path in tmp_path.glob("star.*")) == ["star.png", "star.tiff"]
    assert [request.stage for request in backend.written] == ["polished"]
    assert settings.export_folder == tmp_path
    assert window.presenter.results.closing_question() is None
    dialog.close()


def open_export(qtbot, window, folder):
    click(qtbot, window.path.go.export_button)
    dialog = window.findChild(ExportDialog)
    dialog.folder.setText(str(folder))
    return dialog


def test_enter_in_the_folder_exports_into_a_new_one(qtbot, window, tmp_path, monkeypatch):
    monkeypatch.setattr(ExportDialog, "_browse", lambda self: pytest.fail("the chooser was opened"))
    run_to_the_end(qtbot, window)
    dialog = open_export(qtbot, window, tmp_path / "new")
    dialog.folder.setFocus()
    qtbot.keyClick(dialog.folder, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Wrote" in dialog.outcome.text)
    assert (tmp_path / "new" / "star.tiff").exists()
    dialog.close()


def test_choosers_start_where_the_user_keeps_files(tmp_path, monkeypatch):
    assert existing_folder(tmp_path / "not" / "there") == tmp_path
    monkeypatch.setattr(export_dialog, "user_documents_path", lambda: tmp_path)
    assert first_folder() == tmp_path
    monkeypatch.setattr(export_dialog, "user_documents_path", lambda: tmp_path / "none")
    assert first_folder() == Path.home()


def test_buttons_of_dialogs_carry_no_stock_icons(qtbot, window, tmp_path):
    run_to_the_end(qtbot, window)
    dialog = open_export(qtbot, window, tmp_path)
    assert all(button.icon().isNull() for button in dialog.buttons.buttons())
    dialog.close()
    about = show_about(window)
    assert all(button.icon().isNull() for button in about.buttons())
    about.close()


def test_export_of_both_pictures_names_them(qtbot, window, backend, tmp_path):
    run_to_the_end(qtbot, window)
    dialog = open_export(qtbot, window, tmp_path)
    dialog.stages["raw"].setChecked(True)
    click(qtbot, dialog.export_button)
    qtbot.waitUntil(lambda: "Wrote 4 files" in dialog.outcome.text)
    assert {path.stem for path in tmp_path.glob("star_*")} == {"star_raw", "star_polished"}
    dialog.close()


def test_export_asks_before_it_replaces(qtbot, window, backend, tmp_path):
    (tmp_path / "star.png").write_text("precious")
    run_to_the_end(qtbot, window)
    dialog = open_export(qtbot, window, tmp_path)
    click(qtbot, dialog.export_button)
    qtbot.waitUntil(lambda: dialog.findChild(QMessageBox) is not None)
    question = dialog.findChild(QMessageBox)
    assert "star.png" in question.text()
    assert backend.written == []
    question.button(QMessageBox.StandardButton.Cancel).click()
    assert (tmp_path / "star.png").read_text() == "precious"
    qtbot.waitUntil(lambda: dialog.findChild(QMessageBox) is None)
    click(qtbot, dialog.export_button)
    qtbot.waitUntil(lambda: dialog.findChild(QMessageBox) is not None)
    (replace,) = (b for b in dialog.findChild(QMessageBox).buttons() if b.text() == "Replace")
    replace.click()
    qtbot.waitUntil(lambda: "Wrote" in dialog.outcome.text)
    assert backend.written[0].overwrite
    dialog.close()


def test_a_product_without_geometry_is_refused_with_the_reason(qtbot, window, tmp_path):
    run_to_the_end(qtbot, window)
    dialog = open_export(qtbot, window, tmp_path)
    assert {name for name, box in dialog.formats.items() if not box.isEnabled()} == METRIC_FORMATS
    assert "geometry" in dialog.metric_refusal.text
    dialog.close()


def test_closing_with_an_unexported_result_asks_without_blocking(qtbot, window):
    run_to_the_end(qtbot, window)
    assert not window.close()
    assert window.isVisible()
    question = window.loss_question
    assert "star" in question.text()
    question.stay_button.click()
    assert window.isVisible()
    assert window.presenter.results.shown is not None


def test_the_question_can_be_answered_with_close(qtbot, window):
    run_to_the_end(qtbot, window)
    window.close()
    window.loss_question.discard_button.click()
    assert not window.isVisible()
    assert window.all_threads_ended


def test_the_question_says_that_a_run_would_be_cancelled(qtbot, window, backend):
    run_to_the_end(qtbot, window)
    assert "running" not in window.presenter.closing_question()
    backend.gate.clear()
    click(qtbot, window.path.go.start_button)
    assert not window.close()
    assert "A reconstruction is running: closing cancels it." in window.loss_question.text()
    window.loss_question.stay_button.click()


def test_closing_in_the_middle_of_a_run_ends_it(qtbot, window, backend):
    backend.gate.clear()
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: bool(backend.requests))
    assert window.close()
    assert window.all_threads_ended
    assert backend.closed.is_set()
