"""What the run directories of a study hold: curves, figures of the best and last state, dead or not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from ptygui.core.atomic import replacing
from ptygui.core.errors import BundleError
from ptygui.generators.bundle_header import read_card
from ptygui.runs.history import History, Series
from ptygui.runs.layout import HealthEvent, RunPaths, RunState, Status
from ptygui.runs.reader import MetricRow, RunReader, RunUpdate
from ptygui.train.health import BREAKDOWNS, CONSTANT_SPREAD
from ptygui.train.study import StudyRun
from ptygui.train.study_truth import USUAL_SPREAD, true_spread

DEAD_SHARE = 1e-3
"""Of the true object's amplitude spread: below it an object is constant. Dead networks reach 1e-6."""
FLAT_SHARE = 0.1
"""Below it a network that lives has not learnt the object."""
BEST_BY = "raw.r1"
"""What the training chooses its best state by."""
COST = "cost.json"
ROUNDING_S = 1e-3
"""Of the times in metrics.csv: the look that saw a breakdown is no later one."""
DRAWN = ("val", "health")
"""The splits of which curves are kept."""

Curve = tuple[tuple[int, float, float], ...]
"""(step, wall_s, value) of each point, in the order of steps."""


class RunCost(msgspec.Struct, frozen=True, kw_only=True):
    """What cost.json in a run directory of a study holds: what the run took, all its sittings together."""

    cpu_s: float = 0.0
    """CPU-seconds of its process."""
    wall_s: float = 0.0


@dataclass(frozen=True)
class RunResult:
    """How a run went, as far as it is."""

    run: StudyRun
    status: Status | None
    """Its own word; None before it began."""
    curves: Mapping[tuple[str, str], Curve]
    """Of validation and health, by (split, metric)."""
    events: tuple[HealthEvent, ...] = ()
    preview: Path | None = None
    """The last one."""
    parameters: int | None = None
    true_spread: float = USUAL_SPREAD
    """Standard deviation of the true amplitude."""
    cost: RunCost | None = None

    @property
    def state(self) -> RunState | None:
        """What it says of itself; None before it began."""
        return None if self.status is None else self.status.state

    @property
    def over(self) -> bool:
        """True if nothing is left to do."""
        return self.state in (RunState.DONE, RunState.FAILED)

    @property
    def broke_down(self) -> bool:
        """True if it failed because its numbers or its network had, which is a result and no mishap."""
        return self.state is RunState.FAILED and any(map(self._is_final, self.events))

    @property
    def failed(self) -> bool:
        """True if it failed by a mishap."""
        return self.state is RunState.FAILED and not self.broke_down

    @property
    def dead(self) -> bool:
        """True if at the end the object is constant or not finite, or the run broke down."""
        return self.broke_down or (self.over and not self._spread_share >= DEAD_SHARE)  # NaN is dead too

    @property
    def flat(self) -> bool:
        """True if it lives, but at the end its object is still nearly constant."""
        return self.over and not self.dead and self._spread_share < FLAT_SHARE

    @property
    def lost_block(self) -> bool:
        """True if every unit of some block was off at some look, whether or not the rest learnt on."""
        return any(event.ailment == "dead" for event in self.events)

    def _is_final(self, event: HealthEvent) -> bool:
        """Whether the event is a breakdown that the run did not recover from.

        It did if it went back and is at an earlier step now, or if it has shown an object since.
        """
        if event.ailment not in BREAKDOWNS or event.evidence.get("amplitude_spread", 0.0) >= CONSTANT_SPREAD:
            return False
        went_back = self.status is not None and self.status.step < event.step
        since_s = event.wall_s + ROUNDING_S
        looks = self.curves.get(("val", "amplitude_spread"), ())
        recovered = any(wall_s > since_s and spread >= CONSTANT_SPREAD for _, wall_s, spread in looks)
        return not (went_back or recovered)

    @property
    def _spread_share(self) -> float:
        return self.figures.get("final.amplitude_spread", math.inf) / self.true_spread

    @cached_property
    def figures(self) -> dict[str, float]:
        """What the looks at the canvas found.

        'final.raw.r1', 'final.loss', ... of the last look; 'best.raw.r1', ... of the look whose raw R1 was
        lowest, whose state the bundle holds; but 'best.loss' is the lowest loss. 'final.norm' and
        'final.gate' are the means over the levels.
        """
        looks = {metric: curve for (split, metric), curve in self.curves.items() if split == "val"}
        best_step = _lowest(looks.get(BEST_BY, ()))
        figures = {f"final.{metric}": curve[-1][2] for metric, curve in looks.items()}
        for metric, curve in looks.items():
            figures |= {f"best.{metric}": value for step, _, value in curve if step == best_step}
        if "loss" in looks:
            figures["best.loss"] = min(value for _, _, value in looks["loss"])
        return figures | self._health()

    def _health(self) -> dict[str, float]:
        """Average the last norm weights and gates over the levels, without the decoder: not all norm it."""
        figures = {}
        for kind in ("norm", "gate"):
            last = [
                curve[-1][2]
                for (split, metric), curve in self.curves.items()
                if split == "health" and metric.startswith(f"{kind}.") and ".decoder." not in metric
            ]
            if last:
                figures[f"final.{kind}"] = sum(last) / len(last)
        return figures


def read_result(run: StudyRun, study_folder: Path) -> RunResult:
    """Read a run of a study from its directory, whatever is there of it; never raises for what is not."""
    paths = RunPaths(study_folder / run.folder)
    updates = _updates(paths.root)
    update = updates[-1]
    return RunResult(
        run,
        update.status,
        _curves(row for each in updates for row in each.rows if row.split in DRAWN),
        tuple(event for each in updates for event in each.events),
        update.previews[-1] if update.previews else None,
        _parameters(paths.bundle),
        true_spread(run.config),
        read_cost(paths.root),
    )


def _updates(run: Path) -> list[RunUpdate]:
    """Read a run to its present end, in as many pieces as it takes."""
    reader = RunReader(run)
    updates = [reader.poll()]
    while updates[-1].more:
        updates.append(reader.poll())
    return updates


def read_cost(run: Path) -> RunCost | None:
    """Read what a run took so far; None if nobody measured it."""
    try:
        return msgspec.json.decode((run / COST).read_bytes(), type=RunCost)
    except (OSError, msgspec.DecodeError):
        return None


def add_cost(run: Path, cpu_s: float, wall_s: float) -> None:
    """Add what a sitting took to what the run took before; raises OSError."""
    before = read_cost(run) or RunCost()
    cost = RunCost(cpu_s=before.cpu_s + cpu_s, wall_s=before.wall_s + wall_s)
    with replacing(run / COST) as temporary:
        temporary.write_bytes(msgspec.json.encode(cost))


def _curves(rows: Iterable[MetricRow]) -> dict[tuple[str, str], Curve]:
    """Sort rows by curve, without what was undone (runs.history)."""
    history = History()
    history.add(list(rows))
    return {name: _points(history.series(*name)) for name in history.names()}


def _points(series: Series) -> Curve:
    steps = (int(step) for step in series.step)
    return tuple(zip(steps, series.wall_s.tolist(), series.value.tolist(), strict=True))


def _lowest(curve: Curve) -> int | None:
    """Return the step of the lowest value."""
    finite = [point for point in curve if math.isfinite(point[2])]
    return min(finite, key=lambda point: point[2])[0] if finite else None


def _parameters(bundle: Path) -> int | None:
    try:
        return read_card(bundle).parameters
    except (BundleError, OSError):
        return None
