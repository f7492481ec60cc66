"""From what a poll found to what the Training tab shows: rows, actions, curves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.gui.presenters import training_words as words
from ptygui.gui.presenters.training_overlay import MOST_DRAWN, Overlay
from ptygui.gui.presenters.training_screen import DrawnRun, RunActions, RunRow

if TYPE_CHECKING:
    from ptygui.jobs.training_runs import RunCurves, RunSummary

_ARM = re.compile(r"(?P<arm>.+)-s(?P<seed>\d+)$")
_SEED = re.compile(r", seed \d+$")
_STEP = re.compile(r"(\d+)$")


def row_of(run: RunSummary, overlay: Overlay) -> RunRow:
    """Describe a run in the list."""
    tip = "\n".join(filter(None, (run.name, run.message, *run.log_tail, str(run.path))))
    return RunRow(
        key=run.path,
        name=run.name,
        generator=run.generator,
        state=words.condition_words(run),
        level=words.level_of(run),
        age=words.age_words(run.age_s),
        best=words.best_words(run),
        tip=tip,
        color=overlay.color(run.path),
        group=run.study,
    )


def actions_of(run: RunSummary | None) -> RunActions:
    """Say what can be done with a run."""
    if run is None:
        return RunActions()
    own, alive, there = run.own, run.condition in words.ALIVE, run.condition != "gone"
    return RunActions(
        stop=own and run.condition in ("starting", "running"),
        resume=own and run.condition in words.RESUMABLE,
        use=run.bundle is not None,
        rename=own and there,
        bin=own and there and not alive,
        open_folder=there,
    )


def drawn(curves: Mapping[Path, RunCurves], overlay: Overlay, hidden: Collection[Path]) -> list[DrawnRun]:
    """Describe the curves of the runs that are drawn."""
    return [
        DrawnRun(path, found.name, color, path in hidden, found.series, found.events)
        for path in overlay.paths
        if (found := curves.get(path)) is not None and (color := overlay.color(path)) is not None
    ]


def signature(runs: Iterable[DrawnRun]) -> object:
    """Return what changes exactly when something would be drawn differently."""
    return [
        (run.key, run.name, run.color, run.hidden, len(run.events), _ends(run))
        for run in runs
    ]  # fmt: skip


def _ends(run: DrawnRun) -> dict[tuple[str, str], tuple[int, float]]:
    return {name: (len(one.step), float(one.step[-1])) for name, one in run.series.items() if len(one.step)}


def first_seeds(study: str, runs: Iterable[RunSummary]) -> list[Path]:
    """Name one run of each arm of a study, that of the least seed, as many as can be told apart."""
    arms: dict[str, tuple[int, Path]] = {}
    for run in runs:
        found = _ARM.match(run.path.name) if run.study == study else None
        if found is not None:
            this = int(found["seed"]), run.path
            arms[found["arm"]] = min(this, arms.get(found["arm"], this))
    return [path for _, (_, path) in sorted(arms.items())][:MOST_DRAWN]


def arm_words(run: RunSummary, shown: Iterable[RunSummary]) -> str:
    """Name the arm of a run of a study, 'cnn'; the whole name where two runs of that arm are shown."""
    arm = _SEED.sub("", run.name)
    alike = sum(1 for other in shown if _SEED.sub("", other.name) == arm)
    return run.name if alike > 1 else arm


def steps_of(previews: Sequence[Path]) -> list[int]:
    """Read the steps that pictures were made at from their names: 'step-000500.npz'."""
    found = (_STEP.search(path.stem) for path in previews)
    return [int(one[1]) if one else place for place, one in enumerate(found)]
