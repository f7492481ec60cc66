from __future__ import annotations

from datetime import datetime
from unittest.mock import Mock

from gui.fakes import make_refined, make_result

from ptygui.core.events import Reconstruction
from ptygui.core.quality import ComparisonError
from ptygui.gui.presenters.compare_presenter import ComparePresenter
from ptygui.gui.presenters.result_shelf import Kept


def test_pictures_without_common_ground_are_refused_in_words(runner, backend):
    view = Mock()
    presenter = ComparePresenter(view, runner, backend)
    backend.compare = Mock(side_effect=ComparisonError("The two objects have nothing in common."))
    presenter.offer([Kept(make_result(), datetime(2026, 11, 24))])
    presenter.look(True)
    runner.work()
    view.show_nothing.assert_called_with("The two objects have nothing in common.")


def test_one_picture_alone_is_not_compared(runner, backend):
    view = Mock()
    presenter = ComparePresenter(view, runner, backend)
    presenter.look(True)
    presenter.offer([Kept(Reconstruction((make_refined(),), "star"), datetime(2026, 11, 24))])
    assert runner.waiting == []
    assert view.show_candidates.call_args.args[1:] == (None, None)
