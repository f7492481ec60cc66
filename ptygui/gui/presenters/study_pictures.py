"""The newest picture of every arm of a study, small, so that they can be compared. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import PtyguiError
from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters import training_words as words
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.training_overlay import Overlay
from ptygui.gui.presenters.training_rows import arm_words
from ptygui.gui.presenters.training_screen import ArmLevels, ArmPicture, Thumbnail
from ptygui.gui.widgets.levels import (
    FULL_CIRCLE,
    Levels,
    common_phase,
    phase_levels,
    robust_levels,
    valid_samples,
)

if TYPE_CHECKING:
    from ptygui.jobs.training_runs import RunCurves, RunSummary

_LANE = "study pictures"
_SIDE_PX = 256
_FAR_OFF = 4.0
"""An arm whose amplitudes are so many times the usual ones has run away: the others are to be seen still."""
_NO_LEVELS: ArmLevels = ((0.0, 1.0), FULL_CIRCLE)

ReadPreview = Callable[[Path], ObjectImage]
ShowArms = Callable[[Sequence[ArmPicture], ArmLevels], None]


@dataclass(frozen=True)
class Arm:
    """A run of a study that is drawn, and the file of its newest picture, if there is one."""

    run: Path
    name: str
    figure: str
    color: int
    chosen: bool
    file: Path | None


class StudyPictures:
    """Reads the pictures off the main thread, each once; `show` is told when something changed."""

    def __init__(self, runner: Runner, read: ReadPreview, show: ShowArms) -> None:
        self._runner, self._read, self._show = runner, read, show
        self._arms: Sequence[Arm] = ()
        self._known: dict[Path, tuple[Path, Thumbnail]] = {}
        """By run: the file that was read last, and what it showed."""
        self._reading: frozenset[Path] = frozenset()
        """Of which runs pictures are being read."""
        self._told: object = ()

    def offer(self, arms: Sequence[Arm]) -> None:
        """Learn which arms there are, and what they show by now; none: no study is looked at."""
        self._arms = arms
        runs = {arm.run for arm in arms}
        self._known = {run: known for run, known in self._known.items() if run in runs}
        self._tell()
        if not self._reading & runs:  # what is being read is awaited, or quick trainings would show nothing
            self._fetch()

    def _fetch(self) -> None:
        new = {
            arm.run: arm.file for arm in self._arms if arm.file is not None and self._file(arm) != arm.file
        }
        self._reading = frozenset(new)
        if new:
            work = partial(_read_all, self._read, new)
            self._runner.call(_LANE, work, self._got, self._missed)

    def _file(self, arm: Arm) -> Path | None:
        return self._known[arm.run][0] if arm.run in self._known else None

    def _got(self, found: Mapping[Path, tuple[Path, Thumbnail]]) -> None:
        self._reading = frozenset()
        runs = {arm.run for arm in self._arms}
        self._known |= {run: known for run, known in found.items() if run in runs}
        self._tell()

    def _missed(self, _: Exception) -> None:
        """Wait for the next offer."""
        self._reading = frozenset()

    def _tell(self) -> None:
        told = [(arm.run, arm.name, arm.figure, arm.color, arm.chosen, self._file(arm)) for arm in self._arms]
        if told != list(self._told):  # type: ignore[call-overload]
            self._told = told
            self._show([self._picture(arm) for arm in self._arms], shared_levels(self._thumbnails()))

    def _picture(self, arm: Arm) -> ArmPicture:
        known = self._known.get(arm.run)
        return ArmPicture(
            arm.run, arm.name, arm.figure, arm.color, arm.chosen, None if known is None else known[1]
        )

    def _thumbnails(self) -> list[Thumbnail]:
        return [known[1] for known in self._known.values()]


def arms_of(
    study: str,
    runs: Mapping[Path, RunSummary],
    curves: Mapping[Path, RunCurves],
    overlay: Overlay,
    chosen: Path | None,
) -> list[Arm]:
    """Describe the runs of a study whose curves are drawn, by name; none without a study."""
    drawn = [runs[path] for path in sorted(overlay.paths) if path in runs]
    shown = [run for run in drawn if study and run.study == study]
    return [
        Arm(
            run=run.path,
            name=arm_words(run, shown),
            figure=words.best_words(run),
            color=overlay.color(run.path) or 0,
            chosen=run.path == chosen,
            file=_newest(curves.get(run.path)),
        )
        for run in shown
    ]


def _newest(curves: RunCurves | None) -> Path | None:
    return curves.previews[-1] if curves is not None and curves.previews else None


def _read_all(read: ReadPreview, files: Mapping[Path, Path]) -> dict[Path, tuple[Path, Thumbnail]]:
    """Read the picture of each run; one that has vanished meanwhile is left out: a newer one follows."""
    found = {}
    for run, file in files.items():
        try:
            found[run] = file, thumbnail(read(file))
        except PtyguiError:
            continue
    return found


def thumbnail(image: ObjectImage) -> Thumbnail:
    """Cut out what is covered, remove one global phase, and keep at most 256 x 256 elements."""
    samples = valid_samples(image.values, image.covered)
    part = _covered_part(image.covered)
    turned = image.values[part] * np.complex64(np.exp(-1j * common_phase(samples)))
    there = image.covered[part] & np.isfinite(turned)
    amplitude, phase = (
        np.where(there, values, np.nan).astype(np.float32) for values in (np.abs(turned), np.angle(turned))
    )
    return Thumbnail(amplitude, phase, _levels(amplitude, robust_levels), _levels(phase, phase_levels))


def _covered_part(covered: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns to take, at a stride; everything if nothing is covered."""
    places = [np.flatnonzero(covered.any(axis=axis)) for axis in (1, 0)]
    spans = [
        (int(at[0]), int(at[-1]) + 1) if at.size else (0, covered.shape[k]) for k, at in enumerate(places)
    ]
    stride = max(1, math.ceil(max(end - start for start, end in spans) / _SIDE_PX))
    rows, cols = (slice(start, end, stride) for start, end in spans)
    return rows, cols


def _levels(values: NDArray[np.float32], span: Callable[[NDArray[np.float32]], Levels]) -> Levels:
    return span(values[np.isfinite(values)])


def shared_levels(thumbnails: Sequence[Thumbnail]) -> ArmLevels:
    """Return one pair of (amplitude, phase) levels for all arms: what the widest of them spans.

    An arm whose amplitudes have run away does not count, or the others would be black.
    """
    if not thumbnails:
        return _NO_LEVELS
    usual = median_low([one.amplitude_levels[1] for one in thumbnails])
    kept = [one for one in thumbnails if one.amplitude_levels[1] <= _FAR_OFF * usual]
    lows, highs = zip(*(one.amplitude_levels for one in kept or thumbnails), strict=True)
    half = max(one.phase_levels[1] for one in thumbnails)
    return (min(lows), max(highs)), (-half, half)
