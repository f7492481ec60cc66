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
    fingerprint = _fingerprint(entries, scan)
    judged = [_judge(backend, entry, scan, fingerprint) for entry in entries]
    return sorted(judged, key=lambda one: one.drawbacks)


def is_first_choice(entry: GeneratorEntry) -> bool:
    """Tell whether ptygui itself would begin with this one, knowing nothing of a scan."""
    return entry.shipped and entry.card.spec.architecture == _FIRST_CHOICE


def _judge(backend: Backend, entry: GeneratorEntry, scan: Scan, fingerprint: str | None) -> Judged:
    try:
        sentences = backend.check_fit(entry, scan)
    except PtyguiError as error:
        sentences = (FitSentence("problem", str(error)),)
    own = entry.card.scan_fingerprint
    return Judged(entry, sentences, own is not None and own == fingerprint)


def _fingerprint(entries: Sequence[GeneratorEntry], scan: Scan) -> str | None:
    """Return the mark by which the scan is known again, None if no generator asks for it."""
    if all(entry.card.scan_fingerprint is None for entry in entries):
        return None
    from ptygui.core.describe import scan_fingerprint  # takes its time to load

    return scan_fingerprint(scan)
