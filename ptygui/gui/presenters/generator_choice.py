"""Which trained generator suits a scan best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ptygui.core.errors import PtyguiError
from ptygui.core.scan import Scan
from ptygui.generators.contract import FitSentence
from ptygui.gui.presenters.backend import Backend
from ptygui.jobs.api import GeneratorEntry

_FIRST_CHOICE = "stable_hybrid"


@dataclass(frozen=True)
class Judged:
    """A generator and how it fits a scan."""

    entry: GeneratorEntry
    sentences: Sequence[FitSentence]
    trained_on_it: bool

    @property
    def fits(self) -> bool:
        """Whether it can be used at all."""
        return self._count("problem") == 0

    @property
    def drawbacks(self) -> tuple[bool, bool, int, bool]:
        """What speaks against it, the weightiest first; smaller is better."""
        return not self.fits, not self.trained_on_it, self._count("warning"), not is_first_choice(self.entry)

    def _count(self, level: str) -> int:
        return sum(sentence.level == level for sentence in self.sentences)


def rank(backend: Backend, entries: Sequence[GeneratorEntry], scan: Scan) -> list[Judged]:
    """Judge generators, the best first (reads files: for a worker)."""
    judged = [_judge_mildly(backend, entry, scan) for entry in entries]
    return sorted(judged, key=lambda one: one.drawbacks)


def judge(backend: Backend, entry: GeneratorEntry, scan: Scan) -> Judged:
    """Judge one generator (reads files: for a worker); raises PtyguiError if that cannot be done."""
    return Judged(entry, backend.check_fit(entry, scan), _was_trained_on(entry, scan))


def is_first_choice(entry: GeneratorEntry) -> bool:
    """Tell whether ptygui itself would begin with this one, knowing nothing of a scan."""
    return entry.shipped and entry.card.spec.architecture == _FIRST_CHOICE


def _judge_mildly(backend: Backend, entry: GeneratorEntry, scan: Scan) -> Judged:
    try:
        return judge(backend, entry, scan)
    except PtyguiError as error:
        return Judged(entry, (FitSentence("problem", str(error)),), trained_on_it=False)


def _was_trained_on(entry: GeneratorEntry, scan: Scan) -> bool:
    if entry.card.scan_fingerprint is None:
        return False
    from ptygui.core.describe import scan_fingerprint  # takes its time to load

    return entry.card.scan_fingerprint == scan_fingerprint(scan)
