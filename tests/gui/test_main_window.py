"""The real window, with real clicks, on a fake backend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gui.fakes import FakeBackend, make_scan
from gui.hands import click, drop, is_idle, open_star, run_to_the_end
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from ptygui.core.errors import DeviceError
from ptygui.generators.contract import FitSentence
from ptygui.gui.main_window import MainWindow
from ptygui.gui.presenters.complaints import Complaint
from ptygui.gui.settings import Settings
from ptygui.resources import resource_path


def test_before_generators_and_devices_are_known_the_window_says_that_it_looks(qtbot, backend, settings):
    window = MainWindow(backend, settings, lambda: Path("/data/star.npz"))
    qtbot.addWidget(window)
    assert window.path.generator.combo.currentText() == "looking for generators…"
    assert window.path.generator.none.isHidden()
    assert window.path.device.combo.currentText() == "looking for devices…"
    assert not window.path.device.combo.isEnabled()
    window.close_without_asking()


def test_before_a_scan_the_window_says_how_to_begin(window):
    assert not window.path.go.start_button.isEnabled()
    assert "open a scan" in window.path.go.hint.text()
    assert window.path.scan.demo_button.isVisible()


def test_a_dropped_scan_is_opened_and_described(qtbot, window, settings):
    drop(window, Path("/data/star.npz"))
    qtbot.waitUntil(lambda: window.presenter.run.can_start)
    assert window.path.scan.name.text() == "star"
    assert window.path.generator.fit_sentences[0].text == "Same size, same probe."
    assert settings.recent_scans == [Path("/data/star.npz")]
    assert not window.path.go.hint.isVisible()


class Flashes(QObject):
    """Hears of every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QObject] = []

    def eventFilter(self, watched, event):  # noqa: N802 (Qt)
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


def test_no_part_flashes_as_a_window_of_its_own(qtbot, window, backend):
    flashes = Flashes()
    QApplication.instance().installEventFilter(flashes)
    try:
        window.show_prepare_tab()
        open_star(qtbot, window)
        assert window.path.generator.fit_sentences
    finally:
        QApplication.instance().removeEventFilter(flashes)
    assert flashes.shown == []


def test_the_demo_button_opens_the_demo_scan(qtbot, window):
    click(qtbot, window.path.scan.demo_button)
    qtbot.waitUntil(lambda: window.presenter.scan.scan is not None)


def test_a_file_that_cannot_be_opened_is_a_sentence_in_place(qtbot, window):
    drop(window, Path("/data/nothing.npz"))
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message.text == "/data/nothing.npz does not exist."
    assert not window.banner.copy_button.isVisible()
    assert any("nothing.npz" in line for line in window.bottom.log.lines)
    assert window.status_line.activity.text() == "Ready"


def test_no_run_starts_on_the_former_scan_while_another_one_opens(qtbot, window, backend):
    open_star(qtbot, window)
    backend.scans["other.npz"] = make_scan("other")
    backend.door.clear()
    window.presenter.open_file(Path("/data/other.npz"))
    window.reconstruct()
    assert not window.path.go.start_button.isEnabled()
    assert window.status_line.activity.text() == "Opening other.npz…"
    qtbot.waitUntil(lambda: window.path.scan.name.text() == "Opening other.npz…")
    window.reconstruct()
    assert not window.path.go.start_button.isEnabled()
    assert not window.path.scan.facts.isEnabled()
    backend.door.set()
    qtbot.waitUntil(lambda: window.presenter.run.can_start)
    assert backend.requests == []
    assert window.path.scan.name.text() == "other"
    assert window.path.scan.facts.isEnabled()


def test_a_failed_opening_leaves_the_scan_at_hand(qtbot, window):
    open_star(qtbot, window)
    window.presenter.open_file(Path("/data/nothing.npz"))
    qtbot.waitUntil(window.banner.isVisible)
    assert window.path.scan.name.text() == "star"
    assert window.presenter.run.can_start


def test_a_dropped_bundle_becomes_the_generator(qtbot, window):
    drop(window, Path("/mine/new.safetensors"))
    qtbot.waitUntil(lambda: window.presenter.generator.entry.path.stem == "new")
    assert window.path.generator.combo.currentText() == "new"


def test_reconstruct_grows_the_picture_and_keeps_both_stages(qtbot, window, backend):
    amplitudes: list[float] = []
    show = window.centre.object.view.set_image
    window.centre.object.view.set_image = lambda image: (
        amplitudes.append(float(image.amplitude.mean())),
        show(image),
    )
    open_star(qtbot, window)
    window.path.go.polish.setValue(5)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: is_idle(window) and window.presenter.results.shown is not None)
    previews = amplitudes[:-1]
    assert previews
    assert previews == sorted(previews)
    assert backend.requests[0].polish_steps == 5
    switch = window.centre.object.switch
    assert switch.isVisible()
    assert switch.buttons["polished"].isChecked()
    click(qtbot, switch.buttons["raw"])
    assert window.presenter.results.object.stage == "raw"
    assert amplitudes[-1] < amplitudes[-2]
    assert window.path.device.used.text == "computed on cpu, read from the tensors"
    assert any("not finite" in line for line in window.bottom.log.lines)


def test_polish_steps_are_left_to_the_noise_unless_chosen(qtbot, window, backend, settings):
    polish = window.path.go.polish
    assert polish.text() == "auto"
    run_to_the_end(qtbot, window)
    assert backend.requests[-1].polish_steps is None
    polish.setValue(0)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: is_idle(window) and len(backend.requests) == 2)
    assert backend.requests[-1].polish_steps == 0
    assert settings.polish_steps == 0
    polish.setValue(polish.minimum())
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: is_idle(window) and len(backend.requests) == 3)
    assert settings.polish_steps is None


def test_the_keyboard_does_it_too(qtbot, window):
    open_star(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.presenter.results.shown is not None and is_idle(window))


def test_stop_and_keep(qtbot, window, backend):
    backend.gate.clear()
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: window.path.go.stop_button.isVisible())
    click(qtbot, window.path.go.stop_button)
    qtbot.waitUntil(lambda: is_idle(window))
    assert window.presenter.results.shown is not None
    assert "stopped early" in window.status_line.activity.text()


def test_cancel_keeps_nothing_and_closes_the_iterator(qtbot, window, backend):
    backend.gate.clear()
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: bool(backend.requests))
    click(qtbot, window.path.go.cancel_button)
    qtbot.waitUntil(lambda: is_idle(window))
    assert backend.closed.is_set()
    assert window.presenter.results.shown is None
    assert "cancelled" in window.centre.object.empty.text()
    assert window.path.go.start_button.isVisible()


def test_cancelling_shows_the_former_result_again(qtbot, window, backend):
    run_to_the_end(qtbot, window)
    before = window.presenter.results.shown
    backend.gate.clear()
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: window.path.go.cancel_button.isVisible())
    click(qtbot, window.path.go.cancel_button)
    qtbot.waitUntil(lambda: is_idle(window))
    assert window.presenter.results.shown is before
    assert window.centre.object.switch.isVisible()


def test_an_error_of_a_run_is_a_sentence_in_place(qtbot, window, backend):
    backend.failure = DeviceError("Device 'cuda:0' is busy: choose another one.")
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message.text == "Device 'cuda:0' is busy: choose another one."
    assert window.presenter.run.can_start


def test_what_nobody_expected_is_told_honestly_with_details(qtbot, window, backend):
    backend.failure = ZeroDivisionError("float division by zero")
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(window.banner.isVisible)
    assert "unexpected" in window.banner.message.text
    click(qtbot, window.banner.copy_button)
    assert "ZeroDivisionError" in QGuiApplication.clipboard().text()


def test_a_new_run_takes_the_complaint_away(qtbot, window, backend):
    backend.failure = DeviceError("busy")
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(window.banner.isVisible)
    backend.failure = None
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: is_idle(window) and window.presenter.results.shown is not None)
    assert not window.banner.isVisible()


def test_a_generator_that_does_not_fit_forbids_the_run(qtbot, window, backend):
    backend.fit = (FitSentence("problem", "Made for 64 × 64, the scan has 16 × 16."),)
    window.presenter.open_file(Path("/data/star.npz"))
    qtbot.waitUntil(lambda: bool(window.path.generator.fit_sentences))
    assert not window.path.go.start_button.isEnabled()
    assert "fits" in window.path.go.hint.text()


def test_opening_during_a_run_is_refused_in_words(qtbot, window, backend):
    backend.gate.clear()
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    drop(window, Path("/data/star.npz"))
    assert "running" in window.banner.message.text
    backend.gate.set()
    qtbot.waitUntil(lambda: is_idle(window))


def test_patterns_follow_slider_and_map(qtbot, window):
    open_star(qtbot, window)
    panel = window.centre.patterns
    window.centre.tabs.setCurrentWidget(panel)
    shown: list[tuple[int, float]] = []
    show = panel.show_pattern

    def remember(index: int, measured: np.ndarray, computed: np.ndarray | None) -> None:
        shown.append((index, float(measured.mean())))
        show(index, measured, computed)

    window.presenter.patterns._view.show_pattern = remember
    panel.pattern.index_changed.emit(3)
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [(3, 4.0)]
    assert panel.map.selected == 3
    panel.map.pattern_selected.emit(7)
    qtbot.waitUntil(lambda: shown[-1] == (7, 8.0))


def test_the_map_marks_what_is_in_the_picture(qtbot, window, backend):
    note = window.centre.patterns.map.line.note
    run_to_the_end(qtbot, window)
    assert note.text() == "12 of 12 in the picture"
    backend.gate.clear()
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: window.path.go.cancel_button.isVisible())
    click(qtbot, window.path.go.cancel_button)
    qtbot.waitUntil(lambda: is_idle(window))
    assert note.text() == "12 of 12 in the picture"  # that of the run before is shown again


def test_the_view_stands_still_while_the_object_grows(qtbot, window, backend):
    backend.gate.clear()
    backend.previews = 1
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    view = window.centre.object.view
    qtbot.waitUntil(lambda: view.isVisible() and window.bottom.progress.bar.isVisible())
    pane = view.panes.amplitude.view
    before = pane.viewRange()
    backend.gate.set()
    qtbot.waitUntil(lambda: is_idle(window))
    assert pane.viewRange() == before


def test_results_of_the_session_can_be_shown_again(qtbot, window, backend):
    backend.scans["other.npz"] = make_scan("other")
    run_to_the_end(qtbot, window)
    first = window.presenter.results.shown
    window.presenter.open_file(Path("/data/other.npz"))
    qtbot.waitUntil(lambda: window.path.scan.name.text() == "other")
    assert window.presenter.results.shown is None
    (action,) = window.menus.results_menu.actions()
    assert "not exported" in action.text()
    action.trigger()
    assert window.presenter.results.shown is first


def test_the_window_remembers(qtbot, make_window, tmp_path):
    first = make_window()
    first.resize(790, 640)  # the screen of the offscreen platform is 800 x 800
    first.path.generator.combo.setCurrentIndex(1)
    first.path.generator.combo.activated.emit(1)
    first.set_theme("light")
    first.path.go.polish.setValue(7)
    open_star(qtbot, first)
    first.reconstruct()
    qtbot.waitUntil(lambda: is_idle(first))
    first.close_without_asking()
    remembered = Settings(tmp_path / "window.ini")
    again = make_window(FakeBackend(), remembered)
    assert again.presenter.generator.entry.path.stem == "star"
    assert again.height() == first.height()
    assert again.path.go.polish_steps == 7
    assert remembered.theme == "light"
    assert again.path.scan.recent_menu.actions()[0].text() == "star.npz"


def test_every_shortcut_is_listed_once(window):
    keys = [keys for _, keys in window.menus.shortcuts()]
    assert {"Ctrl+O", "Ctrl+R", "Ctrl+E", "Ctrl+Q", "Esc", "F1"} <= set(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [(1280, 800), (2560, 1440)])
def test_no_button_is_cut(qtbot, window, theme, size):
    window.set_theme(theme)
    window.resize(*size)
    open_star(qtbot, window)
    for button in (window.path.go.start_button, window.path.go.export_button, window.path.scan.open_button):
        assert button.width() >= button.sizeHint().width() or button.text() == ""
        assert button.height() >= button.minimumSizeHint().height()
    assert window.centre.height() > window.bottom.height()


def test_help_lists_the_keys_and_the_version(qtbot, window):
    help_menu = window.menus.actions()[-1].menu()
    for action, expected in zip(help_menu.actions(), ("Ctrl+R", "ptygui 0."), strict=True):
        action.trigger()
        (box,) = window.findChildren(QMessageBox)
        assert expected in box.text()
        box.close()
        qtbot.waitUntil(lambda: not window.findChildren(QMessageBox))


def test_open_asks_for_a_file_and_cancelling_opens_nothing(qtbot, window, monkeypatch):
    answers = iter([("", ""), ("/data/star.npz", ""), ("/mine/new.safetensors", "")])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: next(answers))
    click(qtbot, window.path.scan.open_button)
    assert window.presenter.scan.scan is None
    click(qtbot, window.path.scan.open_button)
    qtbot.waitUntil(lambda: window.presenter.scan.scan is not None)
    click(qtbot, window.path.generator.open_button)
    qtbot.waitUntil(lambda: window.path.generator.combo.currentText() == "new")


def test_the_whole_path_fits_into_a_window_of_800_rows(qtbot, window, backend):
    backend.scans["star.npz"] = make_scan(pixel_size_m=(20e-9, 20e-9))
    run_to_the_end(qtbot, window)
    qtbot.waitUntil(lambda: window.path.cards.height() >= window.path.cards.sizeHint().height())
    assert window.path.cards.verticalScrollBar().maximum() == 0
    bottom = window.path.go.mapTo(window, window.path.go.rect().bottomLeft()).y()
    assert bottom <= window.height()


def test_the_card_that_acts_stays_in_sight_in_a_low_window(qtbot, window):
    open_star(qtbot, window)
    window.resize(1000, 520)
    qtbot.waitUntil(lambda: window.path.cards.verticalScrollBar().maximum() > 0)
    bottom = window.path.go.mapTo(window, window.path.go.rect().bottomLeft()).y()
    assert bottom <= window.height()
    assert window.path.go.start_button.height() >= window.path.go.start_button.minimumSizeHint().height()


def test_the_menu_offers_reconstruct_when_the_button_does(qtbot, window, backend):
    action, button = window.menus.reconstruct_action, window.path.go.start_button
    assert not action.isEnabled()
    open_star(qtbot, window)
    assert action.isEnabled()
    assert button.isEnabled()
    backend.gate.clear()
    action.trigger()
    assert not action.isEnabled()
    window.presenter.run.cancel()
    qtbot.waitUntil(lambda: is_idle(window))
    assert action.isEnabled()


def test_a_short_complaint_stands_level_with_its_mark(qtbot, window):
    window.show_complaint(Complaint("No such file.", "details"))
    qtbot.wait(10)
    message = window.banner.message
    assert message._dot.geometry().center().y() == pytest.approx(message._text.geometry().center().y(), abs=1)


def test_the_window_keeps_a_size_in_which_it_can_be_read(qtbot, window):
    window.resize(300, 200)
    assert window.width() >= 960
    assert window.height() >= 640


def test_the_chooser_of_scans_does_not_begin_where_the_demo_lies(window, settings, monkeypatch):
    begun: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given: begun.append(given[2]) or ("", ""))
    settings.add_recent_scan(resource_path("scans") / "demo.npz")
    window.scans.ask_for_scan()
    settings.add_recent_scan(Path("/data/star.npz"))
    settings.add_recent_scan(resource_path("scans") / "demo.npz")
    window.scans.ask_for_scan()
    assert begun == [str(Path.home()), "/data"]
