from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from ptygui.gui.widgets.levels import FULL_CIRCLE
from ptygui.gui.widgets.numbers import SPACE
from ptygui.gui.widgets.probe_view import ProbeView


@pytest.fixture
def view(qtbot: QtBot) -> ProbeView:
    shown = ProbeView()
    qtbot.addWidget(shown)
    shown.resize(800, 400)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def a_probe(modes: int = 2) -> np.ndarray:
    y, x = np.mgrid[-16:16, -16:16]
    first = np.exp(-(x**2 + y**2) / 40) * np.exp(1j * 0.5)
    return np.stack([first * 0.5**k for k in range(modes)]).astype(np.complex64)


def test_modes_are_named_with_their_share_of_the_power(view: ProbeView) -> None:
    view.set_probe(a_probe())
    names = [view.modes.itemText(k) for k in range(view.modes.count())]
    assert names == [f"mode 1 · 80.0{SPACE}%", f"mode 2 · 20.0{SPACE}%"]


def test_one_mode_needs_no_choice(view: ProbeView) -> None:
    view.set_probe(a_probe(1))
    assert not view.modes.isVisible()


def test_choosing_a_mode_shows_it_and_a_new_probe_keeps_the_choice(view: ProbeView, qtbot: QtBot) -> None:
    view.set_probe(a_probe())
    view.modes.setCurrentIndex(1)
    view.modes.activated.emit(1)
    assert view.panes.amplitude.bar.levels[1] == pytest.approx(0.5)
    view.set_probe(a_probe(3))
    assert view.modes.currentIndex() == 1


def test_the_phase_has_the_full_circle(view: ProbeView) -> None:
    view.set_probe(a_probe())
    assert view.panes.phase.bar.levels == pytest.approx(FULL_CIRCLE)


def test_readout_is_centred_on_the_probe(view: ProbeView, mouse: Any) -> None:
    view.set_probe(a_probe(), (20e-9, 20e-9))
    mouse.move(view.panes, mouse.point(view.panes, view.panes.amplitude.view, 0, 0))
    micro = f"{SPACE}µm"
    expected = f"x 0.00{micro}\u2002y 0.00{micro}\u2003amplitude 1.00\u2002phase 0.50{SPACE}rad"
    assert view.line.readout.text() == expected


def test_a_dark_probe_and_clear(view: ProbeView) -> None:
    view.set_probe(np.zeros((1, 8, 8), np.complex64))
    view.grab()
    view.clear()
    view.grab()
