"""The results of this session: a new one never takes an older, unexported one away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ptygui.core.events import Reconstruction, StageResult
from ptygui.core.scan import Scan

_BYTES_KEPT = 2 << 30
_MADE_BY = ("scan_path", "preparation", "bundle_id")
"""Of the recipe: what two runs on a scan that is followed share, unless the user chose otherwise."""


@dataclass(eq=False)
class Kept:
    """A result on the shelf; equal to itself only."""

    result: Reconstruction
    made: datetime
    start: StageResult | None = None
    """What it was refined from."""
    exported: bool = False
    """Whether it is in a file."""
    file_name: str = ""
    """What names it if it was opened, not made, in this session."""
    repeats: bool = False
    """Made by itself of a scan that is followed: the next one, of more patterns, takes its place."""

    @property
    def name(self) -> str:
        """Its scan, or the file it was opened from."""
        return self.file_name or self.result.scan_name

    @property
    def title(self) -> str:
        """'siemens-star-small · 14:12:05'."""
        return f"{self.name} · {self.made:%H:%M:%S}"

    @property
    def label(self) -> str:
        """The title, with 'not exported' where that is so."""
        return self.title if self.exported else f"{self.title} · not exported"

    @property
    def size_bytes(self) -> int:
        """Memory that its pictures take."""
        return sum(stage.image.values.nbytes + stage.image.covered.nbytes for stage in self.result.stages)


def is_made_of(result: Reconstruction, scan: Scan, fingerprint: str) -> bool:
    """Tell whether a result is of a scan, so that it can be refined on.

    Number of positions and size of the probe must be the scan's; so must the fingerprint, unless the result
    does not tell it: others' products do not.
    """
    stage = result.best
    fits = len(stage.positions_px) == len(scan) and stage.probe.shape[1:] == scan.pattern_shape
    return fits and result.recipe.get("scan_fingerprint") in (None, fingerprint)


class ResultShelf:
    """Keeps results, newest last; when they grow too large the oldest go, exported ones first."""

    def __init__(self, bytes_kept: int = _BYTES_KEPT) -> None:
        self._bytes_kept = bytes_kept
        self.kept: list[Kept] = []

    def add(self, new: Kept) -> list[Kept]:
        """Put a result on the shelf; returns those that had to go for it, to save memory."""
        if new.repeats and self.kept and self._is_outgrown(self.kept[-1], new):
            self.kept.pop()
        self.kept.append(new)
        gone = []
        while len(self.kept) > 1 and sum(kept.size_bytes for kept in self.kept) > self._bytes_kept:
            oldest = min(self.kept[:-1], key=lambda kept: (not kept.exported, kept.made))
            self.kept.remove(oldest)
            gone.append(oldest)
        return gone

    @staticmethod
    def _is_outgrown(last: Kept, new: Kept) -> bool:
        """Tell whether the new result is the last one with more patterns: nothing else was chosen since."""
        alike = all(last.result.recipe.get(key) == new.result.recipe.get(key) for key in _MADE_BY)
        grown = len(last.result.best.positions_px) <= len(new.result.best.positions_px)
        return last.repeats and not last.exported and alike and grown

    def find(self, result: Reconstruction | None) -> Kept | None:
        """Return the place of a result."""
        return next((kept for kept in self.kept if kept.result is result), None)

    def mark_exported(self, result: Reconstruction) -> None:
        """Remember that a result was written."""
        kept = self.find(result)
        if kept is not None:
            kept.exported = True

    @property
    def unexported(self) -> list[Kept]:
        """Those that would be lost on closing."""
        return [kept for kept in self.kept if not kept.exported]
