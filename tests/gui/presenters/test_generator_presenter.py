"""Which generator is chosen, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import msgspec
import pytest
from gui.fakes import make_entry, make_scan

from ptygui.core.describe import scan_fingerprint
from ptygui.core.errors import ScanError
from ptygui.generators.contract import FitSentence
from ptygui.gui.presenters.card_facts import card_facts, fit_summary
from ptygui.gui.presenters.generator_presenter import GeneratorPresenter
from ptygui.gui.widgets import numbers


def make_generator(runner, backend, **mocks: Mock) -> tuple[GeneratorPresenter, Mock]:
    view = Mock()
    changed, complain, warn = (mocks.get(name, Mock()) for name in ("changed", "complain", "warn"))
    return GeneratorPresenter(view, runner, backend, changed, complain, warn), view


def test_the_generator_used_last_is_chosen(runner, backend):
    presenter, view = make_generator(runner, backend)
    presenter.load(Path("/bundles/star.safetensors"))
    runner.work()
    assert presenter.entry.card.name == "star"
    view.show_generators.assert_called_with(["lines", "star"], 1)


def test_without_generators_none_is_chosen(runner, backend):
    backend.entries, backend.unusable = [], ("x.safetensors is damaged.",)
    warn = Mock()
    presenter, view = make_generator(runner, backend, warn=warn)
    presenter.load()
    runner.work()
    assert presenter.entry is None
    view.show_searching.assert_called_once()
    view.show_generators.assert_called_with([], None)
    warn.assert_called_once_with("x.safetensors is damaged.")


def test_a_generator_fits_only_after_it_was_checked(runner, backend):
    presenter, view = make_generator(runner, backend)
    presenter.load()
    runner.work()
    presenter.set_scan(make_scan())
    assert not presenter.fits
    runner.work()
    assert presenter.fits
    backend.fit = (FitSentence("warning", "Another probe."), FitSentence("problem", "Another size."))
    presenter.choose(1)
    assert not presenter.fits
    runner.work()
    assert not presenter.fits
    assert view.show_fit.call_args.args[0] == backend.fit


def fit_by_name(backend, **levels: str) -> None:
    backend.check_fit = lambda entry, scan: [FitSentence(levels[entry.card.name], "A sentence.")]


def test_the_card_says_what_was_trained_on_and_what_was_reached_there():
    card = msgspec.structs.replace(
        make_entry("lines").card,
        trained_on="3 objects of 392 x 392 pixels, 1083 patterns; 2200 steps, 678 s",
        metrics={"raw.amplitude_ssim": 0.9524, "raw.phase_ssim": 0.9506, "raw.r1": 0.047},
    )
    rows = {label: (value, tip) for label, value, tip, _ in card_facts(card)}
    assert rows["trained on"] == ("3 objects of 392 × 392 pixels, 1083 patterns", card.trained_on)
    assert rows["reached there"][0] == "amplitude SSIM raw 0.952, phase SSIM raw 0.951"
    assert "not on this scan" in rows["reached there"][1]
    assert "raw.r1: 0.0470" in rows["reached there"][1]
    residuals = msgspec.structs.replace(card, metrics={"demo.polished.r1": 0.04, "demo.raw.r1": 0.05})
    reached = {row[0]: row[1] for row in card_facts(residuals)}["reached there"]
    assert reached == "R1 raw 0.0500, R1 polished 0.0400"
    assert "reached there" not in [row[0] for row in card_facts(msgspec.structs.replace(card, metrics={}))]


def test_with_nothing_remembered_the_first_choice_is_stable_hybrid(runner, backend):
    backend.entries = [make_entry("fno", "fno"), make_entry("stable")]
    presenter, view = make_generator(runner, backend)
    presenter.load()
    runner.work()
    assert presenter.entry.card.name == "stable"
    assert not presenter.chosen_by_user
    view.show_generators.assert_called_with(["fno", "stable"], 1)


@pytest.mark.parametrize(
    ("levels", "best"),
    [
        ({"fno": "ok", "stable": "problem", "star": "problem"}, "fno"),
        ({"fno": "warning", "stable": "warning", "star": "ok"}, "star"),
        ({"fno": "ok", "stable": "ok", "star": "ok"}, "stable"),
        ({"fno": "problem", "stable": "problem", "star": "problem"}, "stable"),
    ],
)
def test_until_the_user_chooses_the_one_that_suits_the_scan_is_taken(runner, backend, levels, best):
    backend.entries = [make_entry("fno", "fno"), make_entry("stable"), make_entry("star", "cnn")]
    fit_by_name(backend, **levels)
    presenter, view = make_generator(runner, backend)
    presenter.load()
    presenter.set_scan(make_scan())
    runner.work()
    assert presenter.entry.card.name == best
    assert view.show_generators.call_args.args[1] == ["fno", "stable", "star"].index(best)
    assert presenter.fits is (levels[best] != "problem")


def test_one_trained_on_this_very_scan_comes_before_one_without_warnings(runner, backend):
    scan = make_scan()
    entry = make_entry("own", "cnn")
    backend.entries += [
        replace(entry, card=msgspec.structs.replace(entry.card, scan_fingerprint=scan_fingerprint(scan)))
    ]
    fit_by_name(backend, lines="ok", star="ok", own="warning")
    presenter, view = make_generator(runner, backend)
    presenter.load()
    runner.work()
    presenter.set_scan(scan)
    runner.work()
    assert presenter.entry.card.name == "own"
    view.show_advice.assert_called_with("Chosen: it was trained on this very scan.")
    view.show_caution.assert_called_with("", "")
    presenter.choose(0)
    runner.work()
    words, why = view.show_caution.call_args.args
    assert words == "Trained on other objects: judge large-scale phase with care."
    assert "does not prove the phase" in why


def test_what_was_chosen_without_such_a_reason_claims_no_more_than_that_it_fits(runner, backend):
    fit_by_name(backend, lines="problem", star="ok")
    presenter, view = make_generator(runner, backend)
    presenter.load()
    runner.work()
    presenter.set_scan(make_scan())
    runner.work()
    assert presenter.entry.card.name == "star"
    view.show_advice.assert_called_with("Chosen: the first that fits.")
    assert fit_summary([FitSentence("ok", "Same size."), FitSentence("ok", "Same probe.")]) == [
        FitSentence("ok", "Size, probe, light and overlap fit.")
    ]


def test_one_that_cannot_be_used_gets_no_caution(runner, backend):
    fit_by_name(backend, lines="problem", star="problem")
    presenter, view = make_generator(runner, backend)
    presenter.load()
    presenter.set_scan(make_scan())
    runner.work()
    view.show_caution.assert_called_with("", "")


def test_a_choice_of_the_user_is_never_changed_but_advice_is_given(runner, backend):
    fit_by_name(backend, lines="problem", star="ok")
    presenter, view = make_generator(runner, backend)
    presenter.load(Path("/bundles/lines.safetensors"))
    runner.work()
    presenter.set_scan(make_scan())
    runner.work()
    assert presenter.entry.card.name == "lines"
    assert not presenter.fits
    assert "star fits this scan" in view.show_advice.call_args.args[0]
    presenter.choose(1)
    runner.work()
    assert presenter.fits
    view.show_advice.assert_called_with("")


def test_a_fit_that_cannot_be_found_out_forbids_the_run_in_words(runner, backend):
    complain = Mock()
    presenter, view = make_generator(runner, backend, complain=complain)
    presenter.load(Path("/bundles/lines.safetensors"))
    runner.work()
    backend.check_fit = Mock(side_effect=ScanError("star.npz is gone."))
    presenter.set_scan(make_scan())
    runner.work()
    assert str(complain.call_args.args[0]) == "star.npz is gone."
    assert not presenter.fits
    assert not presenter.checking
    assert view.show_fit.call_args.args[0][0].level == "problem"


def test_a_bundle_brought_along_stays_when_the_list_is_read_again(runner, backend):
    presenter, view = make_generator(runner, backend)
    presenter.load()
    runner.work()
    presenter.choose_path(Path("/mine/new.safetensors"))
    runner.work()
    assert presenter.entry.card.name == "new"
    presenter.load()
    runner.work()
    assert presenter.entry.card.name == "new"
    assert view.show_generators.call_args.args == (["lines", "star", "new"], 2)


def test_the_card_says_when_it_was_trained():
    card = msgspec.structs.replace(make_entry("mine").card, created="2026-11-24T19:05:11+01:00")
    rows = {label: (value, tip) for label, value, tip, _ in card_facts(card)}
    assert rows["trained"] == (f"24{numbers.SPACE}Nov 2026, 19:05", card.created)
    odd = {
        label: value for label, value, _, _ in card_facts(msgspec.structs.replace(card, created="long ago"))
    }
    assert odd["trained"] == "long ago"


def test_one_that_was_trained_meanwhile_is_named_until_it_is_chosen(runner, backend):
    presenter, view = make_generator(runner, backend)
    presenter.load()
    runner.work()
    presenter.set_scan(make_scan())
    presenter.choose(0)
    runner.work()
    mine = make_entry("mine")
    backend.entries.append(mine)
    presenter.suggest(mine.path)
    runner.work()
    assert presenter.entry.card.name == "lines"
    assert view.show_advice.call_args.args[0] == "mine has been trained: choose it in the list above."
    presenter.choose_path(mine.path)
    runner.work()
    assert presenter.entry.card.name == "mine"
    assert view.show_advice.call_args.args[0] == ""


def test_a_bundle_that_may_have_changed_is_read_again(runner, backend):
    presenter, _ = make_generator(runner, backend)
    backend.entries = [replace(make_entry("mine"), shipped=False)]
    presenter.load()
    runner.work()
    newer = replace(make_entry("mine"), shipped=False)
    backend.read_generator = Mock(return_value=newer)
    presenter.choose_path(newer.path)
    runner.work()
    assert presenter.entry is newer


def test_a_file_that_lacks_something_is_not_judged_nor_trained_on(runner, backend):
    presenter, view = make_generator(runner, backend)
    presenter.load()
    runner.work()
    presenter.set_scan(make_scan())
    presenter.set_no_scan(lacking=True)  # before the answer about the scan at hand came
    view.show_fit.reset_mock()
    runner.work()
    view.show_fit.assert_not_called()
    assert not presenter.fits
    assert not presenter.checking
    allowed, why = view.allow_training.call_args.args
    assert (allowed, why) == (False, "Tell what the scan lacks to train a generator on it")
    assert "once the scan lacks nothing" in view.show_advice.call_args.args[0]
    presenter.set_scan(make_scan())
    runner.work()
    assert presenter.fits
    assert view.allow_training.call_args.args[0]
