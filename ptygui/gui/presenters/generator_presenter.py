"""Choosing a trained generator and saying how it fits the scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from ptygui.core.scan import Scan
from ptygui.generators.contract import BundleCard, FitSentence
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.generator_choice import Judged, is_first_choice, judge, rank
from ptygui.gui.presenters.runner import Runner
from ptygui.jobs.api import Catalogue, GeneratorEntry

Answer = TypeVar("Answer")


class GeneratorView(Protocol):
    """The generator card."""

    def show_searching(self) -> None:
        """Say that generators are being looked for."""

    def show_generators(self, names: Sequence[str], chosen: int | None) -> None:
        """Offer generators."""

    def show_card(self, card: BundleCard | None) -> None:
        """Show what the chosen one is."""

    def show_fit(self, sentences: Sequence[FitSentence]) -> None:
        """Say how it fits; nothing without a scan."""

    def show_caution(self, words: str, why: str) -> None:
        """Say quietly what a good fit does not promise; empty for nothing."""

    def allow_training(self, allowed: bool, why: str) -> None:
        """Allow training on the open scan, or not; `why` says what the button does, or what is missing."""

    def show_advice(self, words: str) -> None:
        """Say why this one was chosen, or that another one fits; empty for nothing."""


_CAUTION = "Trained on other objects: judge large-scale phase with care."
_WHY_CAUTION = (
    "Networks reproduce the relation of amplitude and phase of the objects that they were trained on.\n"
    "A low residual does not prove the phase; train on this scan to be sure."
)


_NOT_JUDGED = "Whether it fits is looked at once the scan lacks nothing."
_NONE_FITS = "No trained generator fits this scan: press “Train on this scan…”."


class GeneratorPresenter:
    """Decides which generator is chosen; `on_change` is told whenever it, or its fit, changed.

    Until the user chooses one, the one that suits the scan best is taken; a choice of the user is never
    changed, but if it cannot be used on the scan and another one can, that is said.
    """

    def __init__(
        self,
        view: GeneratorView,
        runner: Runner,
        backend: Backend,
        on_change: Callable[[], None],
        complain: Complain,
        warn: Callable[[str], None],
    ) -> None:
        self._view, self._runner, self._backend = view, runner, backend
        self._on_change, self._complain, self._warn = on_change, complain, warn
        self._entries: list[GeneratorEntry] = []
        self._chosen: int | None = None
        self.chosen_by_user = False
        self._scan: Scan | None = None
        self._lacking = False
        self._fit: Sequence[FitSentence] | None = None
        self._trained: Path | None = None
        """A bundle that a training of this window left, and that nobody has chosen yet."""

    @property
    def entry(self) -> GeneratorEntry | None:
        """The chosen generator."""
        return None if self._chosen is None else self._entries[self._chosen]

    @property
    def fits(self) -> bool:
        """Whether it can be used on the scan, as far as is known."""
        return self._fit is not None and all(sentence.level != "problem" for sentence in self._fit)

    @property
    def checking(self) -> bool:
        """Whether its fit to the scan is being found out."""
        return self._scan is not None and self.entry is not None and self._fit is None

    def load(self, preferred: Path | None = None) -> None:
        """List the generators and choose the one that the user chose last."""
        if not self._entries:
            self._view.show_searching()
        self._runner.call(
            "generators", self._backend.read_catalogue, partial(self._offer, preferred), self._complain
        )

    def suggest(self, trained: Path) -> None:
        """List the generators again and say that this one was trained meanwhile; the choice stays."""
        self._trained = trained
        self.load()

    def add(self, path: Path) -> None:
        """Offer a bundle that lies elsewhere, and choose it."""
        self._runner.call(
            "bundle", partial(self._backend.read_generator, path), self._offer_new, self._complain
        )

    def choose(self, index: int) -> None:
        """Choose one of those offered, as the user wishes."""
        self.chosen_by_user = True
        self._select(index)
        self._check()

    def choose_path(self, path: Path) -> None:
        """Choose by file; one that does not come with ptygui may have changed, and is read first."""
        shipped = [entry.path if entry.shipped else None for entry in self._entries]
        if path in shipped:
            self._show_entries(shipped.index(path))
            self.choose(shipped.index(path))
        else:
            self.add(path)

    def set_scan(self, scan: Scan) -> None:
        """Take another scan to fit to."""
        if scan is not self._scan:
            self._scan, self._lacking = scan, False
            self._view.allow_training(True, "Train a new generator on this scan, without labels (Ctrl+T)")
            self._check()

    def set_no_scan(self, lacking: bool) -> None:
        """Judge nothing: no scan is there, or the file at hand lacks something to be one."""
        self._scan, self._lacking = None, lacking
        first = "Tell what the scan lacks" if lacking else "Open a scan"
        self._view.allow_training(False, f"{first} to train a generator on it")
        self._check()

    def _offer(self, preferred: Path | None, catalogue: Catalogue) -> None:
        for sentence in catalogue.unusable:
            self._warn(sentence)
        entries = catalogue.entries
        wanted = self.entry.path if self.entry and self.chosen_by_user else preferred
        listed = {entry.path for entry in entries}
        self._entries = [*entries, *(entry for entry in self._entries if entry.path not in listed)]
        paths = [entry.path for entry in self._entries]
        self.chosen_by_user = wanted in paths
        self._show_entries(paths.index(wanted) if wanted in paths else _first_choice(self._entries))
        self._check()
        if wanted is not None and wanted not in paths and wanted.exists():
            self.add(wanted)

    def _offer_new(self, entry: GeneratorEntry) -> None:
        self._entries = [e for e in self._entries if e.path != entry.path] + [entry]
        self._show_entries(len(self._entries) - 1)
        self.choose(len(self._entries) - 1)

    def _show_entries(self, chosen: int | None) -> None:
        self._view.show_generators([entry.card.name for entry in self._entries], chosen)
        if chosen is not None:
            self._select(chosen)

    def _select(self, index: int) -> None:
        self._chosen = index
        self._view.show_card(self._entries[index].card)

    def _check(self) -> None:
        self._fit = None
        self._view.show_fit(())
        self._view.show_caution("", "")
        self._view.show_advice(_NOT_JUDGED if self._lacking else "")
        self._on_change()
        if self._scan is None or self.entry is None:
            return
        if self.chosen_by_user:
            self._ask(partial(judge, self._backend, self.entry, self._scan), self._show_fit)
        else:
            self._rank_all(self._scan, self._take_best)

    def _rank_all(self, scan: Scan, then: Callable[[list[Judged]], None]) -> None:
        self._ask(partial(rank, self._backend, list(self._entries), scan), then)

    def _ask(self, work: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        """Have something found out of the scan; the answer is of no use once it is another one, or none."""
        scan = self._scan

        def answer(found: Answer) -> None:
            if self._scan is scan:
                then(found)

        def fail(error: Exception) -> None:
            if self._scan is scan:
                self._fail(error)

        self._runner.call("fit", work, answer, fail)

    def _take_best(self, ranked: list[Judged]) -> None:
        best = ranked[0]
        if best.entry is not self.entry:
            self._show_entries(self._entries.index(best.entry))
            self._view.show_advice(_why_chosen(best))
        elif not best.fits:
            self._view.show_advice(_NONE_FITS)
        self._show_fit(best)

    def _show_fit(self, judged: Judged) -> None:
        self._fit = judged.sentences
        self._view.show_fit(judged.sentences)
        if judged.fits and not judged.trained_on_it:
            self._view.show_caution(_CAUTION, _WHY_CAUTION)
        self._on_change()
        self._say_trained()
        if not self.fits and self._scan is not None:
            self._rank_all(self._scan, self._advise)

    def _say_trained(self) -> None:
        """Name the generator that was trained meanwhile, until it is chosen."""
        trained = next((entry for entry in self._entries if entry.path == self._trained), None)
        if trained is not None and trained is self.entry:
            self._trained = None
        elif trained is not None:
            self._view.show_advice(f"{trained.card.name} has been trained: choose it in the list above.")

    def _advise(self, ranked: list[Judged]) -> None:
        best = ranked[0]
        if best.fits and best.entry is not self.entry:
            self._view.show_advice(f"{best.entry.card.name} fits this scan: choose it in the list above.")
        elif not best.fits:
            self._view.show_advice(_NONE_FITS)

    def _fail(self, error: Exception) -> None:
        self._complain(error)
        self._fit = (FitSentence("problem", "Whether it fits this scan could not be found out."),)
        self._view.show_fit(self._fit)
        self._on_change()


def _why_chosen(judged: Judged) -> str:
    if judged.trained_on_it:
        return "Chosen: it was trained on this very scan."
    return "Chosen: the first that fits." if judged.fits else ""


def _first_choice(entries: Sequence[GeneratorEntry]) -> int | None:
    """Return the index of the one to begin with, None if there is none at all."""
    return min(range(len(entries)), key=lambda index: not is_first_choice(entries[index]), default=None)
