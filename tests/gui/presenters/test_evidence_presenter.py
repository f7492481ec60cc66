"""A picture is judged elsewhere; meanwhile nothing is said of it."""

from __future__ import annotations

from unittest.mock import Mock

from gui.fakes import make_refined

from ptygui.gui.presenters.evidence_presenter import EvidencePresenter


def test_the_former_judgements_go_before_the_new_ones_come(runner, backend):
    view, complain, error = Mock(), Mock(), ValueError("no probe")
    presenter = EvidencePresenter(view, runner, backend, complain)
    presenter.show(make_refined())
    runner.work()
    backend.judge = Mock(side_effect=error)
    presenter.show(make_refined())
    view.show_judgements.assert_called_with((), "Judging…")
    runner.work()
    view.show_judgements.assert_called_with((), "This picture could not be judged: no probe")
    complain.assert_called_once_with(error)
