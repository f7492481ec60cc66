import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ptygui.gui.widgets.preview_player import PreviewPlayer

STEPS = (0, 500, 1000)


@pytest.fixture
def player(qtbot: QtBot) -> PreviewPlayer:
    shown = PreviewPlayer()
    qtbot.addWidget(shown)
    shown.resize(500, 40)
    shown.show()
    shown.set_positions(STEPS, 2, True)
    return shown


def test_the_film_goes_from_the_first_to_the_last_and_ends(player: PreviewPlayer, qtbot: QtBot) -> None:
    asked: list[int] = []
    player.wanted.connect(asked.append)
    player.wanted.connect(lambda _: player.picture_shown())
    qtbot.mouseClick(player.play_button, Qt.MouseButton.LeftButton)
    assert player.is_playing
    assert not player.newest_button.isChecked()
    qtbot.waitUntil(lambda: not player.is_playing)
    assert asked == [0, 1, 2]


def test_the_film_waits_for_its_picture(player: PreviewPlayer, qtbot: QtBot) -> None:
    asked: list[int] = []
    player.wanted.connect(asked.append)
    player.play_button.click()
    qtbot.waitUntil(lambda: len(asked) == 2)
    player._next()
    assert asked == [0, 1]
    player.picture_shown()
    qtbot.waitUntil(lambda: len(asked) == 3)


def test_a_preview_that_arrives_does_not_move_what_plays(player: PreviewPlayer) -> None:
    player.play_button.click()
    player.set_positions((*STEPS, 1500), 3, True)
    assert player.slider.value() == 0
    assert player.slider.maximum() == 3
    player.pause()
    player.set_positions((*STEPS, 1500), 3, True)
    assert player.slider.value() == 3


def test_setting_positions_asks_for_nothing(player: PreviewPlayer, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(player.wanted):
        player.set_positions((*STEPS, 1500), 3, True)
        player.set_positions((), None, True)
    assert not player.isEnabled()
    assert player.words.text() == "no previews yet"


def test_moving_the_slider_asks_and_newest_returns(player: PreviewPlayer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(player.wanted) as told:
        qtbot.keyClick(player.slider, Qt.Key.Key_Left)
    assert told.args == [1]
    assert player.words.text() == "step 500 · 2 of 3"
    with qtbot.waitSignal(player.wanted) as told:
        qtbot.mouseClick(player.newest_button, Qt.MouseButton.LeftButton)
    assert told.args == [2]


def test_another_run_ends_the_film(player: PreviewPlayer) -> None:
    player.play_button.click()
    player.set_positions((7, 8, 9), 2, True)
    assert not player.is_playing
    assert player.slider.value() == 2


def test_the_slider_keeps_its_room_where_there_is_little(player: PreviewPlayer, qtbot: QtBot) -> None:
    assert player.words.isVisible()
    player.resize(300, 40)
    qtbot.waitUntil(lambda: not player.words.isVisible())
    assert player.slider.toolTip() == player.words.text() != ""
