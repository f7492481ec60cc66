import pytest
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from ptygui.gui.theme import apply_theme
from ptygui.gui.widgets.cards import Card, FactRows, StatusSentence, WrappingLabel, action_buttons

LONG = (
    "the probe of this scan is 62 % like the one it was trained with: expect a softer picture; polish helps"
)


def labels(widget: object) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]  # type: ignore[attr-defined]


def test_a_card_is_numbered(qtbot: QtBot) -> None:
    card = Card("scan", 1)
    qtbot.addWidget(card)
    assert labels(card) == ["1\u2002SCAN"]


def test_facts_replace_the_former_ones_and_what_deserves_a_look_is_marked(qtbot: QtBot) -> None:
    facts = FactRows()
    qtbot.addWidget(facts)
    facts.set_rows([("patterns", "516", "", False)])
    guessed = ("zero frequency", "corner · guessed", "dark centre", True)
    facts.set_rows([("overlap", "78 %", "", False), guessed])
    shown = [
        text
        for row in facts.children()
        if not getattr(row, "isHidden", lambda: True)()
        for text in labels(row)
    ]
    assert shown == ["overlap", "78 %", "zero frequency", "corner · guessed"]
    levels = [label.property("level") for label in facts.findChildren(WrappingLabel)]
    assert levels[-2:] == [None, "warning"]


@pytest.mark.parametrize("width", [220, 300, 600])
def test_a_sentence_is_never_cut(qtbot: QtBot, width: int) -> None:
    card = Card("generator", 2)
    sentence = StatusSentence()
    card.add(sentence)
    qtbot.addWidget(card)
    card.resize(width, 50)
    card.show()
    sentence.set("warning", LONG)
    qtbot.wait(1)
    label = next(label for label in sentence.findChildren(QLabel) if label.text() == LONG)
    needed = QFontMetrics(label.font()).boundingRect(0, 0, label.width(), 999, 0x1000, LONG).height()
    assert label.height() >= needed
    assert sentence.height() < needed + 25


def test_an_empty_sentence_takes_no_room(qtbot: QtBot) -> None:
    sentence = StatusSentence()
    qtbot.addWidget(sentence)
    sentence.set("ok", "fits")
    assert not sentence.isHidden()
    sentence.set("info", "")
    assert sentence.isHidden()


def test_the_colour_of_a_sentence_follows_level_and_theme(qtbot: QtBot, qapp: QApplication) -> None:
    before = qapp.styleSheet(), qapp.palette()
    sentence = StatusSentence()
    qtbot.addWidget(sentence)
    colors = set()
    for theme in ("dark", "light"):
        apply_theme(qapp, theme)  # type: ignore[arg-type]
        for level in ("ok", "error"):
            sentence.set(level, "fits")  # type: ignore[arg-type]
            sentence.show()
            colors.add(sentence.findChildren(QLabel)[1].palette().windowText().color().name())
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])
    assert len(colors) == 4


def test_action_buttons_trigger_their_actions(qtbot: QtBot) -> None:
    action = QAction("fit")
    row = action_buttons([action])
    qtbot.addWidget(row)
    with qtbot.waitSignal(action.triggered):
        row.findChildren(QToolButton)[0].click()
