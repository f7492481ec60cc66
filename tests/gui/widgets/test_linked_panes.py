from pytestqt.qtbot import QtBot

from ptygui.gui.theme import DEFAULT_PLOT_COLORS
from ptygui.gui.widgets.linked_panes import LinkedPanes


def test_panes_are_equally_wide_whatever_their_titles_and_a_hidden_one_leaves_its_room(qtbot: QtBot) -> None:
    panes = LinkedPanes()
    qtbot.addWidget(panes)
    one, other = (panes.add_pane(title, abs, "colorcet:cet_l1") for title in ("A", "a long title"))
    panes.set_plot_colors(DEFAULT_PLOT_COLORS)
    panes.resize(700, 300)
    with qtbot.waitExposed(panes):
        panes.show()
    assert abs(one.view.width() - other.view.width()) < 1
    before = one.view.width()
    other.set_visible(False)
    qtbot.waitUntil(lambda: one.view.width() > before + 200)
    other.set_visible(True)
    qtbot.waitUntil(lambda: abs(one.view.width() - before) < 1)
    assert other.x_axis.height() == one.x_axis.height()
